package metrics

import (
	"sync/atomic"
	"time"

	"userstatus/presence"
)

// tally counts what is written to streams.
type tally struct {
	told   atomic.Uint64
	_      [56]byte // the next one is in another cache line
	delays *cell
}

func newTally() *tally { return &tally{delays: newCell()} }

// Tally is one to count payloads with. There is one for each processor, and more
// who ask share them.
func (m *Metrics) Tally() interface{ Payload([]*presence.Update) } {
	return m.tallies[m.next.Add(1)%uint32(len(m.tallies))]
}

// Payload counts updates that are handed to a connection as one payload. It asks
// for the time once. What tells of no change has no delay.
func (t *tally) Payload(updates []*presence.Update) {
	t.told.Add(uint64(len(updates)))
	var first time.Time
	var age time.Duration
	for _, u := range updates {
		if u.CommittedAt.IsZero() {
			continue
		}
		if first.IsZero() {
			first, age = u.CommittedAt, time.Since(u.CommittedAt)
		}
		t.delays.observe(age + first.Sub(u.CommittedAt))
	}
}

// told is how many statuses were written to streams.
func (m *Metrics) told() (n uint64) {
	for _, t := range m.tallies {
		n += t.told.Load()
	}
	return n
}
