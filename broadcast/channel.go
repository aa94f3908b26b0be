// Package broadcast carries statuses from where they were committed to the
// streams of those who are told.
package broadcast

import (
	"sync/atomic"

	"userstatus/presence"
)

// Channel is the broadcaster of one process: what it is told goes to its own
// streams and nowhere else.
type Channel struct {
	*hub
	listener atomic.Pointer[func(presence.Notice)]
}

var _ presence.Broadcaster = (*Channel)(nil)

// NewChannel starts a broadcaster. Its goroutines end with Close.
func NewChannel() *Channel { return &Channel{hub: newHub(nil)} }

// Publish tells everybody who watches the user. It never waits for a reader.
func (c *Channel) Publish(update *presence.Update) {
	if unsure := c.publish(update); len(unsure) > 0 {
		c.Announce(lookAt(update, unsure))
	}
}

// Announce calls the listener before it returns.
func (c *Channel) Announce(notice presence.Notice) {
	c.carry(notice)
	if listener := c.listener.Load(); listener != nil {
		(*listener)(notice)
	}
}

// Listen sets who hears of notices.
func (c *Channel) Listen(listener func(presence.Notice)) { c.listener.Store(&listener) }

// Close ends the goroutines that wake streams; no wake runs when it returns.
// It must not be called from one.
func (c *Channel) Close() { c.wakers.close() }
