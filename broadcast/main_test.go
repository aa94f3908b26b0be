package broadcast

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"userstatus/presence"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for an event that must come.
const patience = 20 * time.Second

func openChannel(t testing.TB) *Channel {
	c := NewChannel()
	t.Cleanup(c.Close)
	return c
}

func at(userID string, version int) *presence.Update {
	return presence.NewUpdate(presence.UserStatus{UserID: userID, Version: version})
}

func final(userID string, version int) *presence.Update {
	u := at(userID, version)
	u.Final = true
	return u
}

// heard is what a test compares of an update.
type heard struct {
	userID  string
	version int
}

func heardOf(updates []*presence.Update) []heard {
	var list []heard
	for _, u := range updates {
		list = append(list, heard{u.Status.UserID, u.Status.Version})
	}
	return list
}

// reader is a stream with somebody who reads it.
type reader struct {
	testing.TB
	presence.Stream
	woken chan struct{}
}

func open(t testing.TB, b presence.Broadcaster, viewer string, snapshot bool) *reader {
	r := &reader{TB: t, woken: make(chan struct{}, 1)}
	r.Stream = b.Open(viewer, snapshot, func() {
		select {
		case r.woken <- struct{}{}:
		default:
		}
	})
	t.Cleanup(r.Close)
	return r
}

// follow opens a stream without snapshot, started, that is told of userIDs.
func follow(t testing.TB, b presence.Broadcaster, viewer string, userIDs ...string) *reader {
	r := open(t, b, viewer, false)
	b.Watch(viewer, userIDs)
	r.Start(nil)
	return r
}

func (r *reader) awaitWake() {
	r.Helper()
	select {
	case <-r.woken:
	case <-time.After(patience):
		r.Fatal("no wake came")
	}
}

// until reads up to and with a certain update, and returns all of it.
func (r *reader) until(userID string, version int) []heard {
	r.Helper()
	var all []heard
	for {
		r.awaitWake()
		all = append(all, heardOf(r.Take(nil))...)
		for _, h := range all {
			if h == (heard{userID, version}) {
				return all
			}
		}
	}
}
