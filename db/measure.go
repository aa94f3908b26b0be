package db

import (
	"context"
	"time"
)

// Measure hears how writes fare. Each of its functions may be nil, and must be
// quick: writers wait for it.
type Measure struct {
	// Waited is told how long a call waited for its commit.
	Waited func(time.Duration)
	// Shared is told how many calls shared a transaction.
	Shared func(calls int)
	// Refused is told of a call for which the queue had no room.
	Refused func()
	// Span begins a span of a call's write, within the context's.
	Span func(context.Context) (end func(error))
}

// Queue is how many calls wait to write, and how many may.
func (s *Store) Queue() (waiting, room int) { return len(s.writer.queue), cap(s.writer.queue) }

func (m *Measure) waited(d time.Duration) {
	if m.Waited != nil {
		m.Waited(d)
	}
}

func (m *Measure) shared(calls int) {
	if m.Shared != nil {
		m.Shared(calls)
	}
}

func (m *Measure) refused() {
	if m.Refused != nil {
		m.Refused()
	}
}

func (m *Measure) span(ctx context.Context) (end func(error)) {
	if m.Span == nil {
		return unmeasured
	}
	return m.Span(ctx)
}

func unmeasured(error) {}
