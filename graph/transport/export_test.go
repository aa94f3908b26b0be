package transport

import "time"

// Shapes is how many forms of streams are kept.
func (s *Subscriptions) Shapes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.shapes)
}

// Queued is how many operations wait to be run.
func (s *Socket) Queued() (queued int) {
	for _, c := range s.sockets.all() {
		c.out.mu.Lock()
		queued += len(c.queue)
		c.out.mu.Unlock()
	}
	return queued
}

// Apart has a stop end streams so far apart.
func (h *HTTP) Apart(gap time.Duration) { h.streams.each, h.streams.most = gap, 1000*gap }
