package broadcast

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

// link is the state of the connection to the bus, and what operators are told
// of it: once for each time it is lost, and not for each attempt or message.
type link struct {
	log   *slog.Logger
	where string
	// connected is for those who must not wait for the library's own locks.
	connected atomic.Bool
	// closing is set where the connection ends because it should.
	closing atomic.Bool
	// dropped counts the news for which there was no room since the last loss.
	dropped atomic.Uint64
	// droppedInAll counts them since the start.
	droppedInAll atomic.Uint64

	// onLost, onBack, onMissed and onClosed act on it. They are quick.
	onLost, onBack, onMissed, onClosed func()

	mu     sync.Mutex
	lostAt time.Time
	// told is what was complained of since the connection was last made or lost.
	told map[string]bool
}

func (l *link) lost(_ *nats.Conn, err error) {
	if l.closing.Load() {
		return
	}
	l.connected.Store(false)
	l.mu.Lock()
	l.lostAt, l.told = time.Now(), nil
	l.mu.Unlock()
	l.log.Warn("the bus is lost, trying to come back; news between nodes may take some seconds", "bus", l.where, "error", err)
	l.onLost()
}

func (l *link) back(*nats.Conn) {
	l.mu.Lock()
	after := time.Since(l.lostAt)
	l.told = nil
	l.mu.Unlock()
	l.log.Info("the bus is back", "bus", l.where, "after", after.Round(time.Millisecond), "dropped", l.dropped.Swap(0))
	l.connected.Store(true)
	l.onBack()
}

// failed hears what goes wrong on a connection, or with an attempt at one.
func (l *link) failed(_ *nats.Conn, sub *nats.Subscription, err error) {
	switch {
	case l.closing.Load():
	case errors.Is(err, nats.ErrSlowConsumer):
		l.once("slow", slog.LevelWarn, "news came faster than they could be read; what was missed is made up for", "bus", l.where)
		l.onMissed()
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrAuthRevoked):
		l.once("auth", slog.LevelError, "the bus lets this node in no more, trying on", "bus", l.where, "error", err)
	case errors.Is(err, nats.ErrPermissionViolation):
		l.once("permission", slog.LevelError, "the bus forbids what this node needs", "bus", l.where, "error", err)
	default:
		l.once(err.Error(), slog.LevelWarn, "the bus has trouble", "bus", l.where, "error", err)
	}
}

// overflow counts news that found no room on their way out. Other nodes make up for
// them when they compare what they watch.
func (l *link) overflow() {
	l.droppedInAll.Add(1)
	if l.dropped.Add(1) == 1 {
		l.log.Warn("more news wait for the bus than are kept; other nodes will hear of the rest by comparing", "bus", l.where)
	}
}

func (l *link) closed(*nats.Conn) {
	if l.closing.Load() {
		return
	}
	l.connected.Store(false)
	l.log.Error("the bus has ended the connection for good, making a new one", "bus", l.where)
	l.onLost()
	l.onClosed()
}

// once logs what has not been said since the connection was made or lost.
func (l *link) once(what string, level slog.Level, text string, args ...any) {
	l.mu.Lock()
	said := l.told[what]
	if l.told == nil {
		l.told = map[string]bool{}
	}
	l.told[what] = true
	l.mu.Unlock()
	if !said {
		l.log.Log(context.Background(), level, text, args...)
	}
}
