package broadcast

import (
	"sync/atomic"

	"userstatus/presence"
)

// stream is one open subscription. What changes of it is guarded by its
// viewer's mu.
type stream struct {
	hub      *hub
	viewer   *viewer
	waker    *waker
	wake     func()
	snapshot bool

	started bool
	closed  bool
	mail    mailbox

	// queued is true from when the stream is queued at its waker until just before
	// it is woken: it is never queued twice, and one wake is for all that gathers.
	queued atomic.Bool
}

// full is true of streams opened with a snapshot, bare of those without.
func (s *stream) any() bool  { return true }
func (s *stream) full() bool { return s.snapshot }
func (s *stream) bare() bool { return !s.snapshot }

// Start ends the silence after Open. Of the snapshot it keeps whom the viewer
// watches, each in the newest version known, in the snapshot's order, and then
// what else was told since Open. A second Start does nothing.
func (s *stream) Start(snapshot []*presence.Update) {
	s.viewer.turn.Lock()
	defer s.viewer.turn.Unlock()
	if s.started || s.closed {
		return
	}
	s.hub.tell(s.viewer, snapshot, func(e *entry, update *presence.Update) {
		// What is news to other streams they are told as well: from here on what is
		// older reaches nobody.
		if version := versionOf(update); e.note(version) || !e.offer(update, version) {
			s.keep(update)
		}
	})
	s.begin(snapshot)
}

func (s *stream) keep(update *presence.Update) {
	s.viewer.mu.Lock()
	defer s.viewer.mu.Unlock()
	s.put(update)
}

func (s *stream) begin(snapshot []*presence.Update) {
	s.viewer.mu.Lock()
	defer s.viewer.mu.Unlock()
	s.mail.arrange(snapshot)
	s.started = true
	s.schedule()
}

// Take empties the mailbox.
func (s *stream) Take(into []*presence.Update) []*presence.Update {
	s.viewer.mu.Lock()
	defer s.viewer.mu.Unlock()
	if !s.started {
		return into
	}
	return s.mail.take(into)
}

// Close ends the stream, and with the last one the viewer watches nobody.
// A second Close does nothing.
func (s *stream) Close() {
	s.viewer.turn.Lock()
	defer s.viewer.turn.Unlock()
	if s.closed {
		return
	}
	s.hub.open.Add(-1)
	if s.viewer.remove(s) {
		s.hub.forget(s.viewer)
	}
}

// put adds an update. The viewer's mu is held, here and in schedule: no Take
// comes between the look at the mailbox and the queueing, so no wake is lost.
func (s *stream) put(update *presence.Update) {
	wasEmpty := s.mail.empty()
	if s.mail.put(update) {
		s.hub.conflated.Add(1)
	}
	if wasEmpty {
		s.schedule()
	}
}

func (s *stream) schedule() {
	if s.started && !s.mail.empty() && !s.queued.Swap(true) {
		s.waker.add(s)
	}
}
