package transport

import (
	"errors"
	"time"

	"github.com/gorilla/websocket"
)

// pulse is a socket on the wheel.
type pulse struct{ *socketConn }

// fire pings the client, and ends a socket that has been silent for too long,
// that does not sign in, or whose token has expired.
func (c pulse) fire(now time.Time) time.Time {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	if c.gone {
		return time.Time{}
	}
	interval := c.socket.PingInterval
	lostAt := start.Add(time.Duration(c.heard.Load()) + lostAfter*interval)
	switch {
	case !now.Before(lostAt):
		c.out.giveUp(errSilent)
		return time.Time{}
	case c.presence == nil && !now.Before(c.openedAt.Add(c.socket.initTimeout)):
		c.resolveClose(closeInitTimeout, "Connection initialisation timeout")
		c.tellClose()
	case c.presence != nil && !now.Before(c.expiresAt):
		c.resolveClose(closeForbidden, "the token has expired: come back with a new one")
		c.tellClose()
	case !now.Before(c.pingAt):
		c.ping(now)
	}
	return c.nextPulse(now, lostAt)
}

var errSilent = errors.New("not a sign of life for two ping intervals")

func (c *socketConn) ping(now time.Time) {
	c.pingAt = now.Add(c.socket.PingInterval)
	if c.out.stuck {
		return // as long as the client takes what waits, it is alive
	}
	c.out.put(func(to []byte) []byte {
		if c.dialect.keepAlive != nil && c.presence != nil {
			to = appendFrame(to, websocket.TextMessage, c.dialect.keepAlive)
		}
		return appendFrame(to, websocket.PingMessage, nil)
	})
}

func (c *socketConn) nextPulse(now, lostAt time.Time) time.Time {
	next := lostAt
	if c.pingAt.Before(next) {
		next = c.pingAt
	}
	limit := c.expiresAt
	if c.presence == nil {
		limit = c.openedAt.Add(c.socket.initTimeout)
	}
	if limit.Before(next) && limit.After(now) {
		next = limit
	}
	return next
}

// expiry is a socket on the wheel whose token ends before its next pulse.
type expiry struct{ *socketConn }

func (c expiry) fire(now time.Time) time.Time {
	if now.Before(c.expiresAt) {
		return c.expiresAt
	}
	c.closeWith(closeForbidden, "the token has expired: come back with a new one")
	return time.Time{}
}
