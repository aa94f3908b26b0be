package presence

import (
	"context"
	"slices"
	"time"
)

// idleInterval is how often a user's idleness is told at most.
const idleInterval = time.Second

// ErrTooManyConnections refuses a connection over the limit of its user.
var ErrTooManyConnections = Errorf(RateLimited, "this user has too many connections: close one first")

// Connection is one live connection of a user: a socket, or a stream over
// HTTP. While a user has one they are ONLINE.
type Connection struct {
	service  *Service
	session  *session
	platform string
	idle     bool
	end      func(reason string)
}

// Connect makes the caller ONLINE, in the store too, for as long as the
// connection lives. end is called when the user's logout or removal ends the
// connection; it must not block. If the call during which it is called came
// over the connection itself, its answer should still go out first.
func (s *Service) Connect(ctx context.Context, platform string, end func(reason string)) (*Connection, error) {
	me, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	if err := CheckPlatform(platform); err != nil {
		return nil, err
	}
	session := s.sessions.lock(me.UserID)
	defer s.sessions.unlock(session)
	if s.MaxConnectionsPerUser > 0 && len(session.connections) >= s.MaxConnectionsPerUser {
		return nil, ErrTooManyConnections
	}
	c := &Connection{service: s, session: session, platform: platform, end: end}
	before := session.connections
	session.attach(append(slices.Clone(before), c)...)
	if err := s.keep(ctx, session); err != nil {
		session.attach(before...)
		return nil, err
	}
	s.settleIdle(session)
	return c, nil
}

// keep has the store know the session. One that is back within its grace is
// known: nothing is written and nobody is told.
func (s *Service) keep(ctx context.Context, session *session) error {
	if session.graceTimer != nil {
		session.graceTimer.Stop()
		session.graceTimer = nil
	}
	if session.kept {
		session.idleToldAt = time.Now() // leaves a client that comes back idle the time to say so
		return nil
	}
	_, err := s.change(ctx, session.userID, func(u *User, now time.Time) error {
		u.connect(now, s.Node, false)
		return nil
	})
	session.kept = err == nil
	return err
}

// Close is for a connection that was lost. If it was the user's last, their
// grace begins. Closing twice, or after the service ended it, does nothing.
func (c *Connection) Close() {
	s, session := c.service, c.session
	session.mu.Lock()
	defer s.sessions.unlock(session)
	rest, found := session.without(c)
	if !found {
		return
	}
	session.attach(rest...)
	if len(rest) > 0 {
		s.settleIdle(session)
		return
	}
	session.lostAt = time.Now()
	session.graceTimer = s.later(s.OfflineGrace, func() { s.endGrace(session) })
}

// endGrace makes the user OFFLINE, unless they came back.
func (s *Service) endGrace(session *session) {
	session.mu.Lock()
	defer s.sessions.unlock(session)
	back := len(session.connections) > 0 || time.Since(session.lostAt) < s.OfflineGrace
	if back || !session.kept || s.draining.Load() {
		return
	}
	_, err := s.change(s.background, session.userID, func(u *User, now time.Time) error {
		if u.Exists {
			u.disconnect(now, s.Node, session.lostAt)
		}
		return nil
	})
	if err != nil {
		s.Log.Error("a user who is gone could not be made OFFLINE, trying again", "user", session.userID, "error", err)
		session.graceTimer = s.later(retryAfter, func() { s.endGrace(session) })
		return
	}
	session.kept = false
}

// Logout ends the calling connection, or all of the caller's if allDevices or
// if the call came over none. With the last one gone the caller is UNLOGINED.
func (s *Service) Logout(ctx context.Context, allDevices bool) (*UserStatus, error) {
	me, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	u, ended, err := s.logout(ctx, me.UserID, connectionFrom(ctx), allDevices)
	if err != nil {
		return nil, err
	}
	for _, c := range ended {
		c.end("logged out")
	}
	return s.own(u), nil
}

func (s *Service) logout(ctx context.Context, userID string, calling *Connection, allDevices bool) (*User, []*Connection, error) {
	session := s.sessions.lock(userID)
	defer s.sessions.unlock(session)
	if calling == nil || allDevices {
		return s.endSession(ctx, session, (*User).logoutEverywhere)
	}
	rest, found := session.without(calling)
	if found && len(rest) == 0 {
		return s.endSession(ctx, session, func(u *User, now time.Time) { u.logout(now, s.Node) })
	}
	u, err := s.me(ctx)
	if err != nil {
		return nil, nil, err
	}
	session.attach(rest...)
	s.settleIdle(session)
	return u, []*Connection{calling}, nil
}

// endSession applies the rule of a logout, and returns the connections that
// are to end with it.
func (s *Service) endSession(ctx context.Context, session *session, rule func(u *User, now time.Time)) (*User, []*Connection, error) {
	ended := session.connections
	session.attach() // before it is told, so that no platform is
	u, err := s.change(ctx, session.userID, func(u *User, now time.Time) error {
		rule(u, now)
		return nil
	})
	if err != nil {
		session.attach(ended...)
		return nil, nil, err
	}
	session.clear()
	return u, ended, nil
}

// ReportIdle says whether nobody is at the calling connection.
func (s *Service) ReportIdle(ctx context.Context, idle bool) (*UserStatus, error) {
	if _, err := caller(ctx); err != nil {
		return nil, err
	}
	c := connectionFrom(ctx)
	if c == nil {
		return nil, Errorf(BadUserInput, "reportIdle is about the calling connection: call it over a WebSocket")
	}
	c.session.mu.Lock()
	c.idle = idle
	s.settleIdle(c.session)
	s.sessions.unlock(c.session)
	u, err := s.me(ctx)
	if err != nil {
		return nil, err
	}
	return s.own(u), nil
}

// settleIdle has the store know whether all of the session's connections are
// idle: at once, or when it may be told again. The caller holds the lock.
func (s *Service) settleIdle(session *session) {
	if !session.kept || len(session.connections) == 0 || session.allIdle() == session.idle || session.idleTimer != nil {
		return
	}
	wait := time.Until(session.idleToldAt.Add(idleInterval))
	if wait <= 0 {
		s.tellIdle(session)
		return
	}
	session.idleTimer = s.later(wait, func() {
		session.mu.Lock()
		defer s.sessions.unlock(session)
		session.idleTimer = nil
		s.settleIdle(session)
	})
}

func (s *Service) tellIdle(session *session) {
	idle := session.allIdle()
	session.idleToldAt = time.Now()
	_, err := s.change(s.background, session.userID, func(u *User, now time.Time) error {
		if u.Exists {
			u.connect(now, s.Node, idle)
		}
		return nil
	})
	if err != nil {
		s.Log.Error("idleness could not be kept, trying again", "user", session.userID, "error", err)
		s.settleIdle(session)
		return
	}
	session.idle = idle
}
