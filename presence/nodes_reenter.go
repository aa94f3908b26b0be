package presence

import (
	"context"
	"time"
)

// reenter is for a node that was taken for dead while it was paused or cut off:
// it goes on under a new ID, and with it those who are connected to it.
func (s *Service) reenter(ctx context.Context) error {
	s.Log.Warn("this node was taken for dead while it was silent, and enters anew", "node", s.node())
	// Both hold whatever happens on the way: only a beat under the new ID ends them.
	s.moving.Store(true)
	s.comparing.all()
	return s.enter(ctx)
}

// moveSessions has the sessions of this node that are under another ID, which
// the store has taken for dead, go on under the one of now.
func (s *Service) moveSessions(ctx context.Context) error {
	if !s.moving.Load() {
		return nil
	}
	for part := range s.sessions.shards {
		users := s.sessions.users(part)
		for len(users) > 0 {
			some := users[:min(sweepSize, len(users))]
			users = users[len(some):]
			if err := s.moveSome(ctx, some); err != nil {
				return err
			}
		}
	}
	s.moving.Store(false)
	return nil
}

func (s *Service) moveSome(ctx context.Context, userIDs []string) error {
	held := s.sessions.hold(userIDs)
	ended, err := s.moveHeld(ctx, held)
	held.release()
	endAll(ended, loggedOut)
	return err
}

// moveHeld returns the connections of those who have logged out meanwhile. Those
// in their grace stay as they are: the old ID is good enough to end it.
func (s *Service) moveHeld(ctx context.Context, held heldSessions) (ended []*Connection, err error) {
	to := s.node()
	var ids []string
	for id, session := range held.all {
		if session.kept() && session.stored.Node != to && len(session.connections) > 0 {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	users, err := s.changeAll(ctx, ids, func(u *User, now time.Time) {
		if session := held.all[u.ID]; !u.outlived(session.since) {
			u.move(now, session.stored.Node, session.now(to))
		}
	})
	if err != nil {
		return nil, err
	}
	there := map[string]*User{}
	for _, u := range users {
		there[u.ID] = u
	}
	for _, id := range ids {
		session := held.all[id]
		if u := there[id]; u == nil || u.outlived(session.since) {
			ended = append(ended, session.clear()...)
			continue
		}
		session.stored = session.now(to)
	}
	return ended, nil
}
