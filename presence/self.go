package presence

import (
	"context"
	"math/rand/v2"
	"time"
)

// Admit makes sure that the caller exists, as everybody with an accepted token does.
func (s *Service) Admit(ctx context.Context) error {
	_, err := s.me(ctx)
	return err
}

// me is the caller as a user.
func (s *Service) me(ctx context.Context) (*User, error) {
	viewer, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	u, err := s.Store.User(ctx, viewer.UserID)
	if err != nil || u.Exists {
		return u, err
	}
	return s.change(ctx, viewer.UserID, func(u *User, now time.Time) error {
		u.register(now)
		return nil
	})
}

// Self is the caller as nobody else sees them.
func (s *Service) Self(ctx context.Context) (*Self, error) {
	u, err := s.me(ctx)
	if err != nil {
		return nil, err
	}
	return s.self(ctx, u)
}

func (s *Service) self(ctx context.Context, u *User) (*Self, error) {
	blocked, err := s.Store.Blocked(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	return &Self{Status: s.own(u), Visibility: u.Visibility, BlockedUserIDs: blocked}, nil
}

// changeSelf alters the caller by a rule, within the rate of their own changes.
func (s *Service) changeSelf(ctx context.Context, rule func(u *User, now time.Time) error) (*User, error) {
	viewer, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	if !s.changes.allow(viewer.UserID, time.Now()) {
		if s.RateLimited != nil {
			s.RateLimited()
		}
		return nil, Errorf(RateLimited, "at most %d changes of one's own go per second: try again in a moment", s.SetStatusRate)
	}
	return s.change(ctx, viewer.UserID, rule)
}

// SetSelfStatus sets the caller's text until expiresAt, or until changed.
func (s *Service) SetSelfStatus(ctx context.Context, text string, expiresAt *time.Time) (*UserStatus, error) {
	u, err := s.changeSelf(ctx, textRule(text, expiresAt))
	if err != nil {
		return nil, err
	}
	s.expectExpiry(u)
	return s.own(u), nil
}

// SetUserStatus sets another's text, for the app's backend.
func (s *Service) SetUserStatus(ctx context.Context, userID, text string, expiresAt *time.Time) (*UserStatus, error) {
	set := textRule(text, expiresAt)
	u, err := s.change(ctx, userID, func(u *User, now time.Time) error {
		if !u.Exists {
			return noSuchUser(userID)
		}
		return set(u, now)
	})
	if err != nil {
		return nil, err
	}
	s.expectExpiry(u)
	return s.own(u), nil
}

func textRule(text string, expiresAt *time.Time) func(*User, time.Time) error {
	return func(u *User, now time.Time) error {
		if err := CheckCustomStatus(text, expiresAt, now); err != nil {
			return err
		}
		u.setCustomStatus(now, text, expiresAt)
		return nil
	}
}

// noSuchUser is for a call about one user, who isn't there.
func noSuchUser(userID string) *Error {
	if err := CheckUserID(userID); err != nil {
		err.Number = InvalidUserID
		return err
	}
	return &Error{Code: BadUserInput, Number: NoSuchUser, Message: "no such user"}
}

// SetSelfAvailability sets what the caller says of their availability.
func (s *Service) SetSelfAvailability(ctx context.Context, availability Availability) (*UserStatus, error) {
	u, err := s.changeSelf(ctx, func(u *User, now time.Time) error {
		u.choose(now, availability)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.own(u), nil
}

// SetSelfVisibility sets who may see the caller.
func (s *Service) SetSelfVisibility(ctx context.Context, visibility Visibility) (*Self, error) {
	u, err := s.changeSelf(ctx, func(u *User, now time.Time) error {
		u.setVisibility(s.turning(now), visibility)
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.expectExpiry(u)
	return s.self(ctx, u)
}

// turning is how one hides now: as somebody looks whose grace is over, by a timer
// that is as late as timers are.
func (s *Service) turning(now time.Time) *turning {
	late := rand.N(time.Millisecond)
	return newTurning(now, now.Add(-s.OfflineGrace-late))
}
