package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// A change's text names its publisher and counts their changes; it is padded to
// textSize bytes, so that every payload is as long as any other.
const textSize = 40

func textOf(publisher int, change uint32) string {
	return fmt.Sprintf("%-*s", textSize, fmt.Sprintf("%05d %08d", publisher, change))
}

// parseText reads publisher and change out of what textOf made.
func parseText(text []byte) (publisher int, change uint32) {
	return int(number(text[:5])), number(text[6:14])
}

func number(digits []byte) (n uint32) {
	for _, d := range digits {
		n = n*10 + uint32(d-'0')
	}
	return n
}

// crowd is everybody who watches, in one run against one server. It knows what
// each of them was told last of each publisher.
type crowd struct {
	server     *server
	cast       cast
	publishers []*peer
	watchers   []*watcher

	// target is the change that is under way, one of each publisher, and left
	// how many pairs of watcher and publisher have not heard of it.
	target atomic.Uint32
	left   atomic.Int64
	pairs  int64
	all    chan struct{}

	// fine ends with the first watcher's error, for which fail is called.
	fine context.Context
	fail context.CancelCauseFunc

	frames, updates, bytes atomic.Int64
	// sentAt is when each publisher sent, since began.
	sentAt []atomic.Int64
	began  time.Time
}

// watcher reads one socket.
type watcher struct {
	*peer
	crowd *crowd
	last  []uint32 // by publisher; never for those who hide from the watcher
	// delays are from each change's sending until it was read.
	delays []time.Duration
}

// never is no number of a change.
const never = math.MaxUint32

// gather connects publishers, and watchers each of whom watches some of them;
// it returns when every pair has had a first change.
func gather(s *server, of cast) (*crowd, error) {
	c := &crowd{server: s, cast: of, all: make(chan struct{}, 1), began: time.Now(),
		publishers: make([]*peer, of.publishers), watchers: make([]*watcher, of.watchers),
		sentAt: make([]atomic.Int64, of.publishers), pairs: of.pairs()}
	c.fine, c.fail = context.WithCancelCause(context.Background())
	err := together(of.publishers, func(i int) (err error) {
		c.publishers[i], err = s.connect(publisherName(i))
		return err
	})
	if err != nil {
		return nil, err
	}
	if of.hides != nil {
		if err := c.hide(); err != nil {
			return nil, err
		}
	}
	if err := together(of.watchers, c.join); err != nil {
		return nil, err
	}
	return c, c.warmUp()
}

func publisherName(i int) string { return fmt.Sprintf("publisher-%05d", i) }
func watcherName(i int) string   { return fmt.Sprintf("watcher-%05d", i) }

func (c *crowd) join(i int) error {
	p, err := c.server.connect(watcherName(i))
	if err != nil {
		return err
	}
	w := &watcher{peer: p, crowd: c, last: make([]uint32, len(c.publishers))}
	c.watchers[i] = w
	var users []string
	for _, publisher := range c.cast.sees(i) {
		users = append(users, publisherName(publisher))
	}
	for _, publisher := range c.cast.misses(i) {
		users = append(users, publisherName(publisher))
		w.last[publisher] = never
	}
	if err := errors.Join(p.subscribe(), p.list(watch, users)); err != nil {
		return err
	}
	go w.listen()
	return nil
}

// warmUp has changes go round until one has reached every pair, and then some.
func (c *crowd) warmUp() error {
	const tries, more = 30, 3
	for range tries {
		if err := c.round(0, 2*time.Second); err == nil || c.fine.Err() != nil {
			break
		}
	}
	for range more {
		if err := c.round(0, patience); err != nil {
			return err
		}
	}
	c.resetCounts()
	return nil
}

func (c *crowd) resetCounts() {
	c.frames.Store(0)
	c.updates.Store(0)
	c.bytes.Store(0)
	for _, w := range c.watchers {
		w.delays = w.delays[:0]
	}
}

// round is one change of each publisher, gap apart, and returns when all are
// acknowledged and everybody has been told each of them.
func (c *crowd) round(gap, wait time.Duration) error {
	c.left.Store(c.pairs)
	change := c.target.Add(1)
	began := time.Now()
	for i, p := range c.publishers {
		time.Sleep(time.Until(began.Add(time.Duration(i) * gap)))
		c.sentAt[i].Store(int64(time.Since(c.began)))
		if err := p.begin(textOf(i, change)); err != nil {
			return err
		}
	}
	for _, p := range c.publishers {
		if err := p.await(complete); err != nil {
			return err
		}
	}
	select {
	case <-c.all:
		return context.Cause(c.fine)
	case <-c.fine.Done():
		return context.Cause(c.fine)
	case <-time.After(wait):
		return fmt.Errorf("%s: after %s, %d of %d have not been told the newest", c.server.kind, wait, c.left.Load(), c.pairs)
	}
}

func (w *watcher) listen() {
	for {
		payload, err := w.next()
		if err == nil {
			err = w.take(payload)
		}
		if err != nil {
			w.crowd.fail(fmt.Errorf("%s: %w", w.crowd.server.kind, err))
			return
		}
	}
}

var textMark = []byte(`"customStatus":"`)

// take notes what a frame tells. A change that is told after a later one ends the run.
func (w *watcher) take(payload []byte) error {
	now := time.Since(w.crowd.began)
	w.crowd.frames.Add(1)
	w.crowd.bytes.Add(int64(len(payload)))
	for rest := payload; ; {
		_, after, found := bytes.Cut(rest, textMark)
		if !found {
			return nil
		}
		w.crowd.updates.Add(1)
		if len(after) >= textSize && after[0] != '"' { // else a user who has set nothing yet
			if err := w.note(now, after); err != nil {
				return err
			}
		}
		rest = after
	}
}

func (w *watcher) note(now time.Duration, text []byte) error {
	publisher, change := parseText(text)
	switch last := w.last[publisher]; {
	case last == never:
		return fmt.Errorf("%s was told change %d of %s, who hides from them", w.user, change, publisherName(publisher))
	case change <= last:
		return fmt.Errorf("%s was told change %d after %d", w.user, change, last)
	}
	w.last[publisher] = change
	w.delays = append(w.delays, now-time.Duration(w.crowd.sentAt[publisher].Load()))
	if change == w.crowd.target.Load() && w.crowd.left.Add(-1) == 0 {
		w.crowd.all <- struct{}{}
	}
	return nil
}

func (c *crowd) leave() {
	for _, w := range c.watchers {
		w.drop()
	}
	for _, p := range c.publishers {
		p.drop()
	}
}

// together runs do for 0 to n-1, many at a time, and stops at the first error.
func together(n int, do func(i int) error) error { return inParallel(64, n, do) }

func inParallel(atATime, n int, do func(i int) error) error {
	var next atomic.Int64
	var failure atomic.Pointer[error]
	var group sync.WaitGroup
	for range min(n, atATime) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && failure.Load() == nil; i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					failure.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	group.Wait()
	if err := failure.Load(); err != nil {
		return *err
	}
	return nil
}
