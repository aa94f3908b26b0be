package presence

import "time"

// assure tells the other nodes that this one lives, for as long as it can't say
// so in the store: its users are connected to it, and only its way to the store
// is broken. It waits for the store at no time.
func (s *Service) assure() {
	for s.pause(beatInterval) {
		if s.silence() > 2*beatInterval {
			s.Broadcaster.Announce(Notice{Kind: NodeLives, UserID: s.node()})
		}
	}
}

// beaten notes that this node has just said in the store that it lives.
func (s *Service) beaten(now time.Time) { s.lastBeat.Store(&now) }

// silence is for how long this node has not said in the store that it lives.
func (s *Service) silence() time.Duration {
	at := s.lastBeat.Load()
	if at == nil {
		return deadAfter
	}
	return time.Since(*at)
}

// hearNode keeps a node from being taken for dead.
func (s *Service) hearNode(id string) {
	if id != s.node() && s.roll.hear(id, time.Now()) {
		s.Log.Warn("a node can't reach the database, and is not taken for dead while it is heard", "node", id)
	}
}
