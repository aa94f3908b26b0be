package presence

import (
	"context"
	"time"
)

const (
	// beatInterval is how often a node says in the store that it lives.
	beatInterval = 3 * time.Second
	// sweepSize is how many users are put right in one transaction.
	sweepSize = 500
)

// later runs f after a while, unless the service is closed before. Close waits
// for an f that has begun.
func (s *Service) later(after time.Duration, f func()) *time.Timer {
	return time.AfterFunc(after, func() {
		if !s.begin() {
			return
		}
		defer s.running.Done()
		f()
	})
}

// begin counts in one that Close waits for, or is false once it is closed.
func (s *Service) begin() bool {
	s.closeMu.Lock()
	defer s.closeMu.Unlock()
	if s.background.Err() != nil {
		return false
	}
	s.running.Add(1)
	return true
}

// pause waits, and is false if the service was closed meanwhile.
func (s *Service) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.background.Done():
		return false
	}
}

// expectExpiry wakes expireStatuses if it may have to get up earlier.
func (s *Service) expectExpiry(u *User) {
	if u.NextExpiry() == nil {
		return
	}
	select {
	case s.expiry <- struct{}{}:
	default:
	}
}

// expireStatuses clears statuses when their time comes, also those whose time
// came while nothing ran.
func (s *Service) expireStatuses() {
	for s.background.Err() == nil {
		next, err := s.expireDue(s.background)
		if err != nil && s.background.Err() == nil {
			s.Log.Error("statuses that expired could not be cleared, trying again", "error", err)
			s.pause(retryAfter)
			continue
		}
		s.waitFor(next)
	}
}

// waitFor returns at a time, or when an expiry was set, or at Close.
func (s *Service) waitFor(next *time.Time) {
	var timeUp <-chan time.Time
	if next != nil {
		timer := time.NewTimer(time.Until(*next))
		defer timer.Stop()
		timeUp = timer.C
	}
	select {
	case <-timeUp:
	case <-s.expiry:
	case <-s.background.Done():
	}
}

// expireDue clears what is due and returns when something next will be.
func (s *Service) expireDue(ctx context.Context) (*time.Time, error) {
	for {
		users, err := s.Store.Due(ctx, time.Now(), sweepSize)
		if err != nil {
			return nil, err
		}
		pairs, err := s.Store.DueViews(ctx, time.Now(), sweepSize)
		if err != nil {
			return nil, err
		}
		if len(users) == 0 && len(pairs) == 0 {
			return s.Store.NextDue(ctx)
		}
		if err := s.expire(ctx, users, pairs); err != nil {
			return nil, err
		}
	}
}

func (s *Service) expire(ctx context.Context, users []string, pairs []PairID) error {
	expired, err := s.Store.UpdateAll(ctx, users, func(u *User) error {
		u.expire(time.Now())
		return nil
	})
	if err != nil {
		return err
	}
	for _, u := range expired {
		s.tell(u)
	}
	for _, p := range pairs {
		if err := s.expireView(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) expireView(ctx context.Context, p PairID) error {
	_, err := s.Store.UpdateViews(ctx, p.UserID, []string{p.Viewer}, func(theirs, _ *View) error {
		theirs.expire(time.Now())
		return nil
	})
	if err == nil {
		s.Broadcaster.Announce(Notice{Kind: FaceChanged, UserID: p.UserID, Others: []string{p.Viewer}})
	}
	return err
}

// enter makes the node known to the store, and returns the nodes that a crash
// or a stop has left behind, with the time of their last beat.
func (s *Service) enter(ctx context.Context) (map[string]time.Time, error) {
	nodes, err := s.Store.Nodes(ctx)
	if err != nil {
		return nil, err
	}
	delete(nodes, s.Node)
	return nodes, s.Store.Beat(ctx, s.Node, time.Now())
}

// leave notes when the node was last there, for those who won't come back.
func (s *Service) leave() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.background), beatInterval)
	defer cancel()
	if err := s.Store.Beat(ctx, s.Node, time.Now()); err != nil {
		s.Log.Error("the time of this stop could not be kept", "error", err)
	}
}

// beat says regularly that the node lives.
func (s *Service) beat() {
	for s.pause(beatInterval) {
		if err := s.Store.Beat(s.background, s.Node, time.Now()); err != nil && s.background.Err() == nil {
			s.Log.Error("the node could not say that it lives", "error", err)
		}
	}
}

// clearNodes ends the sessions of the nodes that were left behind, once their
// users have had their grace to come back.
func (s *Service) clearNodes(left map[string]time.Time) {
	if !s.pause(s.OfflineGrace) {
		return
	}
	for node, lastBeat := range left {
		for err := s.clearNode(node, lastBeat); err != nil; err = s.clearNode(node, lastBeat) {
			s.Log.Error("users who are gone could not be made OFFLINE, trying again", "node", node, "error", err)
			if !s.pause(retryAfter) {
				return
			}
		}
	}
}

func (s *Service) clearNode(node string, lastBeat time.Time) error {
	for {
		userIDs, err := s.Store.SessionsOf(s.background, node, sweepSize)
		if err != nil {
			return err
		}
		if len(userIDs) == 0 {
			return s.Store.Forget(s.background, node)
		}
		gone, err := s.Store.UpdateAll(s.background, userIDs, func(u *User) error {
			u.disconnect(time.Now(), node, lastBeat)
			return nil
		})
		if err != nil {
			return err
		}
		for _, u := range gone {
			s.tell(u)
		}
	}
}
