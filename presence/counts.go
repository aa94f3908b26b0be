package presence

import "sync/atomic"

// Counts is how a service stands, and what it has done since its start. It
// costs next to nothing to ask for, however many users there are.
type Counts struct {
	// Connections are open on this node, Users are those with one.
	Connections, Users int
	// Nodes is how many nodes live, as this one sees them, itself among them.
	Nodes int
	// DatabaseAway is true while this node can't say in the store that it lives.
	DatabaseAway bool
	// Changes is how many new versions of statuses were committed by this node.
	Changes uint64
	// MadeUp is of how many users news had to be found by comparing with the
	// store, since they never came.
	MadeUp uint64
}

// counters is what Counts counts as it happens.
type counters struct{ changes, madeUp atomic.Uint64 }

// Counts is for statistics.
func (s *Service) Counts() Counts {
	return Counts{
		Connections:  int(s.sessions.connections.Load()),
		Users:        int(s.sessions.connected.Load()),
		Nodes:        s.roll.alive(),
		DatabaseAway: s.outage.lasts(),
		Changes:      s.counters.changes.Load(),
		MadeUp:       s.counters.madeUp.Load(),
	}
}
