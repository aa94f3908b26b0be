package transport

import (
	"context"
	"sync"
	"time"
)

// A stop ends connections one after another, so that those who lose this
// server don't all sign in elsewhere in the same moment: few at once, more at a
// thousand a second, and the more the faster from spreadMost on. That and
// closeWait together are less than what the program has to stop in.
const (
	spreadEach = time.Millisecond
	spreadMost = 3 * time.Second
)

// crowd is the connections of one kind that are open, for a stop to end.
type crowd[C comparable] struct {
	// each and most are spreadEach and spreadMost.
	each, most time.Duration

	mu      sync.Mutex
	open    map[C]struct{}
	leaving bool
	// empty is closed when, leaving, the last connection has gone.
	empty chan struct{}
}

func newCrowd[C comparable]() *crowd[C] {
	return &crowd[C]{each: spreadEach, most: spreadMost, open: map[C]struct{}{}, empty: make(chan struct{})}
}

// add counts a connection in, and is false when all are leaving: then the
// caller ends it at once.
func (c *crowd[C]) add(one C) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open[one] = struct{}{}
	return !c.leaving
}

func (c *crowd[C]) remove(one C) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.open, one)
	c.checkEmpty()
}

func (c *crowd[C]) isLeaving() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.leaving
}

func (c *crowd[C]) all() []C {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]C, 0, len(c.open))
	for one := range c.open {
		all = append(all, one)
	}
	return all
}

// leave has end called for each connection in turn, in the order of the map,
// which is of chance; it must not block. leave returns when all have gone, at
// the latest when ctx ends, and is false then; by then end was called for each.
// A second call only waits.
func (c *crowd[C]) leave(ctx context.Context, end func(C)) (gone bool) {
	if c.beginLeaving() {
		c.endInTurn(ctx, end)
	}
	select {
	case <-c.empty:
		return true
	case <-ctx.Done():
		return false
	}
}

// beginLeaving is true for the first who calls it.
func (c *crowd[C]) beginLeaving() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := !c.leaving
	c.leaving = true
	c.checkEmpty()
	return first
}

func (c *crowd[C]) endInTurn(ctx context.Context, end func(C)) {
	began, all := time.Now(), c.all()
	gap := min(c.each, c.most/time.Duration(max(len(all), 1)))
	for i, one := range all {
		c.await(ctx, began.Add(time.Duration(i)*gap))
		end(one)
	}
}

// await returns at a time, or once there is nothing to wait for any more.
func (c *crowd[C]) await(ctx context.Context, at time.Time) {
	wait := time.Until(at)
	if wait <= 0 {
		return
	}
	select {
	case <-time.After(wait):
	case <-c.empty:
	case <-ctx.Done():
	}
}

// checkEmpty closes empty once. The caller holds the lock.
func (c *crowd[C]) checkEmpty() {
	if !c.leaving || len(c.open) > 0 {
		return
	}
	select {
	case <-c.empty:
	default:
		close(c.empty)
	}
}
