package presence

import "time"

// assure tells the other nodes that this one lives, for as long as it can't say
// so in the store: its users are connected to it, and only its way to the store
// is broken. It waits for the store at no time.
func (s *Service) assure() {
	for s.pause(beatInterval) {
		if time.Since(s.beatenAt()) > 2*beatInterval {
			s.Broadcaster.Announce(Notice{Kind: NodeLives, UserID: s.node()})
		}
	}
}

// beatenAt is when this node last said in the store that it lives.
func (s *Service) beatenAt() time.Time { return time.Unix(0, s.lastBeat.Load()) }

// hearNode keeps a node from being taken for dead.
func (s *Service) hearNode(id string) {
	if id != s.node() && s.roll.hear(id, time.Now()) {
		s.Log.Warn("a node can't reach the database, and is not taken for dead while it is heard", "node", id)
	}
}
