package admission

import (
	"net/netip"
	"sync"
)

// Share divides a capacity among clients by a dynamic threshold (Choudhury and
// Hahne, 1998): a client may hold as much as is left for others. So one alone
// gets a half, two get a third each, and however many take all they can, a
// newcomer finds room.
type Share struct {
	capacity int64 // 0: no limit

	mu   sync.Mutex
	used int64
	held map[netip.Addr]int64
}

// NewShare makes a share of nothing yet; a capacity of 0 is no limit.
func NewShare(capacity int64) *Share {
	return &Share{capacity: capacity, held: map[netip.Addr]int64{}}
}

// Verdict is what became of an attempt to take.
type Verdict int

const (
	// Taken is to be given back.
	Taken Verdict = iota
	// OverShare: the client holds as much as is left.
	OverShare
	// Full: nothing is left for anybody.
	Full
)

// Take takes n for a client. Of the zero client, which is a proxy's or nobody's,
// only the whole counts.
func (s *Share) Take(client netip.Addr, n int64) Verdict {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.capacity > 0 {
		left := s.capacity - s.used
		switch {
		case n > left:
			return Full
		case client.IsValid() && s.held[client]+n > left:
			return OverShare
		}
	}
	s.used += n
	if client.IsValid() {
		s.held[client] += n
	}
	return Taken
}

// Give gives back what was taken.
func (s *Share) Give(client netip.Addr, n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used -= n
	if !client.IsValid() {
		return
	}
	if s.held[client] -= n; s.held[client] <= 0 {
		delete(s.held, client)
	}
}

// Clients is how many hold something.
func (s *Share) Clients() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.held)
}

// Held is what the client holds, and how much is taken in all.
func (s *Share) Held(client netip.Addr) (held, used int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held[client], s.used
}
