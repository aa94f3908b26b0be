package presence

import (
	"context"
	"time"
)

// removal is what is left of a user who was removed.
type removal struct {
	last UserStatus
	// elsewhere is the names of the other nodes that had a session of the user.
	elsewhere []string
}

// RemoveUsers takes up to MaxListed users away: their watchers are told a last
// status, and their connections end.
func (s *Service) RemoveUsers(ctx context.Context, userIDList []string) (*UserListResult, error) {
	l, err := parseList(userIDList, MaxListed, "", "")
	if err != nil {
		return nil, err
	}
	held := s.sessions.hold(l.good())
	ended, gone, err := s.remove(ctx, held, l.good())
	held.release()
	if err != nil {
		return nil, err
	}
	endAll(ended, removed)
	ids := make([]string, len(gone))
	for i, r := range gone {
		ids[i] = r.last.UserID
		s.tellLogout(r.last.UserID, r.elsewhere)
	}
	l.failOthers(ids)
	return &UserListResult{FailureUserList: l.failed()}, nil
}

// remove takes users away whose sessions are held, so that none comes back
// before their watchers have been told.
func (s *Service) remove(ctx context.Context, held heldSessions, userIDs []string) (ended []*Connection, gone []removal, err error) {
	removals := map[string]removal{}
	ids, err := s.Store.Remove(ctx, userIDs, func(u *User) {
		elsewhere := s.elsewhere(u)
		removals[u.ID] = removal{u.remove(time.Now()), elsewhere}
	})
	if err != nil {
		return nil, nil, err
	}
	s.counters.changes.Add(uint64(len(ids)))
	for _, id := range ids {
		ended = append(ended, held.end(id)...)
		gone = append(gone, removals[id])
		s.Broadcaster.Publish(&Update{Status: removals[id].last, Final: true, CommittedAt: time.Now()})
	}
	return ended, gone, nil
}
