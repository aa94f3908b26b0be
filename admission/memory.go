package admission

import (
	"context"
	"net/netip"
	"sync"
)

// Reservation is memory that one operation, or what waits for one connection,
// holds of its client's share. A nil one, which a nil Control makes, holds what
// it is asked to.
type Reservation struct {
	control *Control
	client  netip.Addr

	mu   sync.Mutex
	held int
}

// Reserve makes a reservation of nothing yet for ctx's client.
func (c *Control) Reserve(ctx context.Context) *Reservation {
	if c == nil {
		return nil
	}
	return &Reservation{control: c, client: ClientOf(ctx)}
}

// Grow has the reservation hold at least n bytes, and is false where the client
// has no room for more; then it holds what it held.
func (r *Reservation) Grow(n int) bool {
	if r == nil {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	more := n - r.held
	if more <= 0 {
		return true
	}
	if verdict := r.control.memory.Take(r.client, int64(more)); verdict != Taken {
		r.control.note(RefusedMemory, r.client, "a client's operations and answers take more memory than there is for it, and are refused", "bytes_in_all", r.control.memory.capacity)
		return false
	}
	r.held = n
	return true
}

// Free gives all back. The reservation may grow anew.
func (r *Reservation) Free() {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.held > 0 {
		r.control.memory.Give(r.client, int64(r.held))
		r.held = 0
	}
}
