package transport

// Shapes is how many forms of streams are kept.
func (s *Subscriptions) Shapes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.shapes)
}

// Queued is how many operations wait to be run.
func (s *Socket) Queued() (queued int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns() {
		c.out.mu.Lock()
		queued += len(c.queue)
		c.out.mu.Unlock()
	}
	return queued
}
