package presence

import (
	"context"
	"time"
)

// expiryGap is how long a node sleeps at most: others may set an expiry that they
// don't live to see, and somebody the clock.
const expiryGap = 5 * time.Second

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
		s.waitFor(wakeUp(next, time.Now()))
	}
}

// wakeUp is when to look what is due, of which next is the first.
func wakeUp(next *time.Time, now time.Time) *time.Time {
	latest := now.Add(expiryGap)
	return earlier(next, &latest)
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
	_, err := s.changeAll(ctx, users, func(u *User, now time.Time) { u.expire(now) })
	if err != nil {
		return err
	}
	for _, p := range pairs {
		if err := s.expireView(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) expireView(ctx context.Context, p PairID) error {
	var before marks
	pairs, err := s.Store.UpdateViews(ctx, p.UserID, []string{p.Viewer}, func(theirs, _ *View) error {
		before = marksOf(theirs.User)
		theirs.expire(time.Now())
		return nil
	})
	for _, pair := range pairs {
		s.tellFaceChanged(pair.Theirs.User, []string{p.Viewer}, before)
	}
	return err
}
