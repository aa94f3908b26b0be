package presence

import (
	"context"
	"time"
)

// sweepSize is how many users are put right in one transaction.
const sweepSize = 500

// sweepNodes takes the silent for dead, and clears the sessions of those that
// are gone once their users have had their grace to come back.
func (s *Service) sweepNodes(ctx context.Context) error {
	if err := s.moveSessions(ctx); err != nil {
		return err
	}
	for _, seen := range s.roll.others(s.node()) {
		silence := time.Since(seen.since)
		if !seen.node.Gone && s.roll.heardOf(seen.node.ID, time.Now()) {
			continue
		}
		if !seen.node.Gone && silence >= s.deadAfter() {
			if err := s.bury(ctx, seen.node); err != nil {
				return err
			}
			continue
		}
		if seen.node.Gone && silence >= s.clearAfter() && s.clearing.TryLock() {
			s.running.Go(func() {
				defer s.clearing.Unlock()
				s.clear(seen.node)
			})
		}
	}
	return nil
}

func (s *Service) bury(ctx context.Context, n Node) error {
	dead, err := s.Store.Bury(ctx, n.ID, n.BeatAt)
	if dead {
		s.Log.Warn("a node is silent and taken for dead", "node", n.ID, "lastBeat", n.BeatAt)
	}
	return err
}

// deadAfter is how long another may be silent: no time where there can't be another.
func (s *Service) deadAfter() time.Duration {
	if s.Alone {
		return 0
	}
	return deadAfter
}

// clearAfter is how long after its last beat the users of a node that is gone
// have had their grace: they may have been there until its next one. One of the
// nodes goes first, so that not all do the same at a time.
func (s *Service) clearAfter() time.Duration {
	switch {
	case s.Alone:
		return s.OfflineGrace
	case s.roll.first() == s.node():
		return s.OfflineGrace + beatInterval
	}
	return s.OfflineGrace + 4*beatInterval
}

// untilOverdue is when sweepNodes next has something to do, if anything.
func (s *Service) untilOverdue() time.Duration {
	next := beatInterval
	for _, seen := range s.roll.others(s.node()) {
		due := s.deadAfter()
		if seen.node.Gone {
			due = s.clearAfter()
		}
		if wait := time.Until(seen.since.Add(due)); wait > 0 {
			next = min(next, wait)
		}
	}
	return next
}

// clear ends the sessions of a node that is gone. What fails is tried again
// after the next beat.
func (s *Service) clear(n Node) {
	if err := s.clearNode(s.background, n); err != nil && s.background.Err() == nil {
		s.Log.Error("users who are gone could not be made OFFLINE, trying again", "node", n.ID, "error", err)
	}
}

func (s *Service) clearNode(ctx context.Context, n Node) error {
	for {
		userIDs, err := s.Store.SessionsOf(ctx, n.ID, sweepSize)
		if err != nil {
			return err
		}
		if len(userIDs) == 0 {
			s.roll.drop(n.ID)
			return s.Store.Forget(ctx, n.ID)
		}
		if err := s.clearSome(ctx, n, userIDs); err != nil {
			return err
		}
	}
}

func (s *Service) clearSome(ctx context.Context, n Node, userIDs []string) error {
	lastSeen := n.BeatAt
	if lastSeen.IsZero() {
		lastSeen = time.Now()
	}
	_, err := s.changeAll(ctx, userIDs, func(u *User, now time.Time) { u.disconnect(now, ReasonConnectionLost, n.ID, lastSeen) })
	return err
}
