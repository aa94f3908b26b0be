package transport

import (
	"sync"
	"sync/atomic"
	"time"
)

// wheelStep is how exact a wheel is, unless it is asked for short times.
const wheelStep = 250 * time.Millisecond

// timed is what a wheel wakes, at its time or when the system's clock was set.
// fire must not block; it returns when it wants to be woken again, or the zero
// time.
type timed interface {
	fire(now time.Time) time.Time
}

// alarm is a place on a wheel.
type alarm struct{ of atomic.Pointer[timed] }

// cancel leaves nothing there of what was to be woken: who came and went in
// great numbers is not kept until their time.
func (a *alarm) cancel() {
	if a != nil {
		a.of.Store(nil)
	}
}

func (a *alarm) fire(now time.Time) time.Time {
	if t := a.of.Load(); t != nil {
		return (*t).fire(now)
	}
	return time.Time{}
}

// wheel is one timer for many connections: a slot for each step of time, with
// those that are to be woken then. Its goroutine ends with stop.
type wheel struct {
	start time.Time
	step  time.Duration
	once  sync.Once
	done  chan struct{}
	ended chan struct{}

	// ahead is how far the system's clock was set since the start, at the last step.
	ahead time.Duration

	mu    sync.Mutex
	slots map[int64][]*alarm
	next  int64
}

// newWheel starts a wheel that is exact enough for intervals.
func newWheel(interval time.Duration) *wheel {
	step := max(min(wheelStep, interval/8), time.Millisecond)
	w := &wheel{start: time.Now(), step: step, done: make(chan struct{}), ended: make(chan struct{}), slots: map[int64][]*alarm{}}
	go w.turn()
	return w
}

// add has t woken at a time, or up to a step later. The time may be by the
// system's clock alone, which may have been set since the start.
func (w *wheel) add(t timed, at time.Time) *alarm {
	a := &alarm{}
	a.of.Store(&t)
	w.put(a, at)
	return a
}

func (w *wheel) put(a *alarm, at time.Time) {
	now := time.Now()
	slot := int64((now.Sub(w.start)+at.Sub(now))/w.step) + 1
	w.mu.Lock()
	defer w.mu.Unlock()
	slot = max(slot, w.next)
	w.slots[slot] = append(w.slots[slot], a)
}

// stop ends the wheel; a second call does nothing more.
func (w *wheel) stop() {
	w.once.Do(func() { close(w.done) })
	<-w.ended
}

func (w *wheel) turn() {
	defer close(w.ended)
	ticker := time.NewTicker(w.step)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			now := time.Now()
			if w.clockWasSet(now) {
				w.wake(now, w.takeAll())
			}
			w.wake(now, w.take(int64(now.Sub(w.start)/w.step)))
		case <-w.done:
			return
		}
	}
}

// clockWasSet is whether the system's clock and the one that timers go by have
// come apart since the last step: then what is due is due at another time.
func (w *wheel) clockWasSet(now time.Time) bool {
	ahead := now.Round(0).Sub(w.start.Round(0)) - now.Sub(w.start)
	by := ahead - w.ahead
	w.ahead = ahead
	return by.Abs() >= wheelStep
}

func (w *wheel) wake(now time.Time, due []*alarm) {
	for _, a := range due {
		if again := a.fire(now); !again.IsZero() {
			w.put(a, again)
		}
	}
}

// take empties the slots up to and with last.
func (w *wheel) take(last int64) []*alarm {
	w.mu.Lock()
	defer w.mu.Unlock()
	var due []*alarm
	for ; w.next <= last; w.next++ {
		due = append(due, w.slots[w.next]...)
		delete(w.slots, w.next)
	}
	return due
}

func (w *wheel) takeAll() (all []*alarm) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for slot, some := range w.slots {
		all = append(all, some...)
		delete(w.slots, slot)
	}
	return all
}
