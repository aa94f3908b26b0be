package presence

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"
)

// settleInterval is how often the store is told at most of a session that it
// has: so a user's idleness is told once a second at most.
const settleInterval = time.Second

// ErrTooManyConnections refuses a connection over the limit of its user.
var ErrTooManyConnections = errors.New("too many connections")

func tooManyConnections(limit int) error {
	e := Errorf(RateLimited, "a user has at most %d connections at a time: close one first", limit)
	e.kind = ErrTooManyConnections
	return e
}

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
	c := &Connection{service: s, session: session, platform: platform, end: end}
	outlived, err := s.connect(ctx, c)
	s.sessions.unlock(session)
	endAll(outlived, loggedOut)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// connect lets a connection into its session, whose lock the caller holds. It
// returns others that turn out to have ended.
func (s *Service) connect(ctx context.Context, c *Connection) (outlived []*Connection, err error) {
	session := c.session
	if s.MaxConnectionsPerUser > 0 && len(session.connections) >= s.MaxConnectionsPerUser {
		return nil, tooManyConnections(s.MaxConnectionsPerUser)
	}
	outlived = s.revisit(ctx, session)
	before := session.connections
	session.attach(append(slices.Clone(before), c)...)
	if err := s.keep(ctx, session); err != nil {
		session.attach(before...)
		return outlived, err
	}
	s.settle(session)
	return outlived, nil
}

// revisit clears a session that has ended by what another node did and this
// one hasn't heard of. While the store is away it is taken to go on.
func (s *Service) revisit(ctx context.Context, session *session) []*Connection {
	if s.Alone || !session.kept() {
		return nil
	}
	u, err := s.Store.User(ctx, session.userID)
	if err != nil || !u.outlived(session.since) {
		return nil
	}
	return session.clear()
}

// keep has the store know the session. One that is back within its grace is
// known: nothing is written and nobody is told. Unless it is under an ID that this
// node had before, which others may have cleared or will, or it is doubtful.
func (s *Service) keep(ctx context.Context, session *session) error {
	if session.stored.Node == s.node() && !session.doubtful {
		session.endsGrace()
		session.settledAt = time.Now() // leaves a client that comes back idle the time to say so
		return nil
	}
	begun := Session{Node: s.node(), Platforms: *session.platforms.Load()}
	u, err := s.change(ctx, session.userID, func(u *User, now time.Time) error {
		u.move(now, session.stored.Node, begun)
		return nil
	})
	if err == nil {
		session.endsGrace()
		session.stored, session.since, session.doubtful = begun, u.LogoutVersion, false
		return nil
	}
	if errors.Is(err, ErrInDoubt) && !session.kept() {
		// The store may have it, and then somebody must end it: whoever wanted it may
		// go elsewhere.
		session.stored, session.since = begun, math.MaxInt
		s.beginGrace(session, ReasonConnectionLost)
	}
	session.noteDoubt(err)
	return err
}

// Close is for a connection that was lost. If it was the user's last, their
// grace begins. Closing twice, or after the service ended it, does nothing.
func (c *Connection) Close() { c.lose(ReasonConnectionLost) }

// TimeOut is Close for a connection that gave no sign of life.
func (c *Connection) TimeOut() { c.lose(ReasonTimeout) }

func (c *Connection) lose(by ChangeReason) {
	s, session := c.service, c.session
	session.mu.Lock()
	defer s.sessions.unlock(session)
	rest, found := session.without(c)
	if !found {
		return
	}
	if len(rest) > 0 {
		session.attach(rest...)
		s.settle(session)
		return
	}
	session.connections = nil // in the grace all is as it was, platforms too
	s.beginGrace(session, by)
}

func (s *Service) beginGrace(session *session, by ChangeReason) {
	session.lostAt, session.lostBy = time.Now(), by
	session.graceTimer = s.later(s.OfflineGrace, func() { s.endGrace(session) })
}

// endGrace makes the user OFFLINE, unless they came back, or could not because
// the store was away.
func (s *Service) endGrace(session *session) {
	session.mu.Lock()
	defer s.sessions.unlock(session)
	back := len(session.connections) > 0 || time.Since(session.lostAt) < s.OfflineGrace
	if back || !session.kept() || s.draining.Load() {
		return
	}
	if more := s.outage.more(s.OfflineGrace, time.Now()); more > 0 {
		session.graceTimer = s.later(more, func() { s.endGrace(session) })
		return
	}
	if err := s.disconnect(session); err != nil {
		s.Log.Error("a user who is gone could not be made OFFLINE, trying again", "user", session.userID, "error", err)
		session.graceTimer = s.later(retryAfter, func() { s.endGrace(session) })
	}
}

func (s *Service) disconnect(session *session) error {
	_, err := s.change(s.background, session.userID, func(u *User, now time.Time) error {
		if u.Exists {
			u.disconnect(now, session.lostBy, session.stored.Node, session.lostAt)
		}
		return nil
	})
	if err == nil {
		session.clear()
	}
	session.noteDoubt(err)
	return err
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
	s.settle(c.session)
	s.sessions.unlock(c.session)
	u, err := s.me(ctx)
	if err != nil {
		return nil, err
	}
	return s.own(u), nil
}

// settle has the store know whether all of the session's connections are idle,
// and of what platforms they are: at once, or when it may be told again. The
// caller holds the lock.
func (s *Service) settle(session *session) {
	if !session.kept() || len(session.connections) == 0 || session.settleTimer != nil || s.settled(session) {
		return
	}
	wait := time.Until(session.settledAt.Add(settleInterval))
	if wait <= 0 {
		s.store(session)
		return
	}
	session.settleTimer = s.later(wait, func() {
		session.mu.Lock()
		defer s.sessions.unlock(session)
		session.settleTimer = nil
		s.settle(session)
	})
}

// settled is true where the store knows enough of the session: its platforms
// are for other nodes.
func (s *Service) settled(session *session) bool {
	is := session.now(session.stored.Node)
	return is.Idle == session.stored.Idle && (s.Alone || slices.Equal(is.Platforms, session.stored.Platforms))
}

func (s *Service) store(session *session) {
	is := session.now(session.stored.Node)
	session.settledAt = time.Now()
	_, err := s.change(s.background, session.userID, func(u *User, now time.Time) error {
		if !u.outlived(session.since) {
			u.connect(now, is)
		}
		return nil
	})
	if err != nil {
		s.Log.Error("idleness could not be kept, trying again", "user", session.userID, "error", err)
		s.settle(session)
		return
	}
	session.stored = is
}
