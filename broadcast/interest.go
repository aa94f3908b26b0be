package broadcast

import "sync"

// interest is of which users a node wants to hear. Whom the hub's watchers
// come to or leave is noted here; a writer brings the bus into line with the
// hub, and whoever waits is told once the bus's server has followed.
//
// What changed is counted: a waiter waits until all up to their count has been
// written, and then been confirmed by a round trip that all of them share.
type interest struct {
	mu sync.Mutex
	// dirty is whose watching may differ from what the bus knows.
	dirty map[string]struct{}
	// marked counts what changed; written and confirmed are how far that has come.
	marked, written, confirmed uint64
	waiting                    []waiter

	// work and asked have room for one: the writer, or whoever confirms, has
	// something to do.
	work, asked chan struct{}
}

type waiter struct {
	upTo uint64
	done chan struct{}
}

func newInterest() *interest {
	return &interest{dirty: map[string]struct{}{}, work: make(chan struct{}, 1), asked: make(chan struct{}, 1)}
}

func kick(signal chan struct{}) {
	select {
	case signal <- struct{}{}:
	default:
	}
}

// changed notes that a user's first watcher came or the last one went.
func (i *interest) changed(userID string) {
	i.mu.Lock()
	i.dirty[userID] = struct{}{}
	i.marked++
	i.mu.Unlock()
	kick(i.work)
}

// take is whom to look at in the hub, and up to where all is done then.
func (i *interest) take() (dirty map[string]struct{}, upTo uint64) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.dirty) == 0 {
		return nil, i.marked
	}
	dirty, i.dirty = i.dirty, map[string]struct{}{}
	return dirty, i.marked
}

// wrote notes that all up to there was written to the bus.
func (i *interest) wrote(upTo uint64) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.written = upTo
	if len(i.waiting) > 0 {
		kick(i.asked)
	}
}

// wait returns what is closed once the bus knows of all changes so far; nil if
// it does.
func (i *interest) wait() chan struct{} {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.confirmed >= i.marked {
		return nil
	}
	w := waiter{i.marked, make(chan struct{})}
	i.waiting = append(i.waiting, w)
	if i.written >= w.upTo {
		kick(i.asked)
	}
	return w.done
}

// due is up to where a round trip now would confirm, if somebody waits for it.
func (i *interest) due() (upTo uint64, ok bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, w := range i.waiting {
		if w.upTo <= i.written {
			return i.written, true
		}
	}
	return 0, false
}

// confirm lets go of those whose changes have reached the bus.
func (i *interest) confirm(upTo uint64) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.confirmed = max(i.confirmed, upTo)
	waiting := i.waiting[:0]
	for _, w := range i.waiting {
		if w.upTo <= upTo {
			close(w.done)
			continue
		}
		waiting = append(waiting, w)
	}
	clear(i.waiting[len(waiting):])
	i.waiting = waiting
}

// release lets all go: there is no telling when the bus will know.
func (i *interest) release() {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, w := range i.waiting {
		close(w.done)
	}
	i.waiting = nil
}
