package transport

// Shapes is how many forms of streams are kept.
func (s *Subscriptions) Shapes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.shapes)
}
