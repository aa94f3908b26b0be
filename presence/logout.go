package presence

import (
	"context"
	"time"
)

// Why connections are ended, for their clients to read.
const (
	loggedOut = "logged out"
	removed   = "the user was removed"
	kicked    = "an admin ended the user's sessions"
)

func endAll(connections []*Connection, reason string) {
	for _, c := range connections {
		c.end(reason)
	}
}

// Logout ends the calling connection, or all of the caller's if allDevices or
// if the call came over none. With the last one gone the caller is UNLOGINED.
func (s *Service) Logout(ctx context.Context, allDevices bool) (*UserStatus, error) {
	me, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	calling := connectionFrom(ctx)
	if calling == nil || allDevices {
		return s.logoutEverywhere(ctx, me.UserID, ReasonLogout, loggedOut)
	}
	u, ended, elsewhere, err := s.logout(ctx, me.UserID, calling)
	if err != nil {
		return nil, err
	}
	s.tellLogout(me.UserID, elsewhere)
	endAll(ended, loggedOut)
	return s.own(u), nil
}

// logoutEverywhere ends all of a user's connections, whose clients are told why.
func (s *Service) logoutEverywhere(ctx context.Context, userID string, reason ChangeReason, why string) (*UserStatus, error) {
	session := s.sessions.lock(userID)
	u, ended, elsewhere, err := s.endSession(ctx, session, func(u *User, now time.Time) error {
		if !u.Exists && reason != ReasonLogout {
			return noSuchUser(userID)
		}
		u.logoutEverywhere(now, reason)
		return nil
	})
	s.sessions.unlock(session)
	if err != nil {
		return nil, err
	}
	s.tellLogout(userID, elsewhere)
	endAll(ended, why)
	return s.own(u), nil
}

// tellLogout has the other nodes with a session of the user look at it.
func (s *Service) tellLogout(userID string, nodes []string) {
	if len(nodes) > 0 {
		s.Broadcaster.Announce(Notice{Kind: LoggedOut, UserID: userID, Nodes: nodes})
	}
}

// logout ends the calling connection.
func (s *Service) logout(ctx context.Context, userID string, calling *Connection) (u *User, ended []*Connection, elsewhere []string, err error) {
	session := s.sessions.lock(userID)
	defer s.sessions.unlock(session)
	rest, found := session.without(calling)
	if found && len(rest) == 0 {
		ends := append(s.roll.gone(), session.stored.Node)
		return s.endSession(ctx, session, func(u *User, now time.Time) error {
			u.logout(now, ends...)
			return nil
		})
	}
	if u, err = s.me(ctx); err != nil {
		return nil, nil, nil, err
	}
	session.attach(rest...)
	s.settle(session)
	return u, []*Connection{calling}, nil, nil
}

// endSession applies the rule of a logout. It returns the connections that are
// to end with it, and the other nodes on which the user has, or had, a session.
func (s *Service) endSession(ctx context.Context, session *session, rule func(u *User, now time.Time) error) (u *User, ended []*Connection, elsewhere []string, err error) {
	ended = session.connections
	session.attach() // before it is told, so that no platform is
	u, err = s.change(ctx, session.userID, func(u *User, now time.Time) error {
		elsewhere = s.elsewhere(u)
		return rule(u, now)
	})
	if err != nil {
		session.attach(ended...)
		session.noteDoubt(err)
		return nil, nil, nil, err
	}
	session.clear()
	return u, ended, elsewhere, nil
}

// elsewhere is the names of the other nodes on which the user has a session.
func (s *Service) elsewhere(u *User) (names []string) {
	for _, session := range u.Sessions {
		if name := NodeName(session.Node); name != s.NodeName {
			names = append(names, name)
		}
	}
	return names
}

// heedLogout acts on a logout or removal by way of another node: it ends what
// is left of the user's session here, and a grace is over.
func (s *Service) heedLogout(ctx context.Context, userID string) error {
	session := s.sessions.lock(userID)
	ended, reason, err := s.endOutlived(ctx, session)
	if err == nil && session.kept() && len(session.connections) == 0 {
		err = s.endGraceByLogout(ctx, session)
	}
	s.sessions.unlock(session)
	endAll(ended, reason)
	return err
}

// endOutlived clears the session, whose lock is held, if it has ended by what
// another node did, and returns its connections, to be ended.
func (s *Service) endOutlived(ctx context.Context, session *session) (ended []*Connection, reason string, err error) {
	if !session.kept() {
		return nil, "", nil
	}
	u, err := s.Store.User(ctx, session.userID)
	if err != nil || !u.outlived(session.since) {
		return nil, "", err
	}
	if !u.Exists {
		return session.clear(), removed, nil
	}
	return session.clear(), loggedOut, nil
}

func (s *Service) endGraceByLogout(ctx context.Context, session *session) error {
	_, err := s.change(ctx, session.userID, func(u *User, now time.Time) error {
		if u.Exists {
			u.logout(now, session.stored.Node)
		}
		return nil
	})
	if err == nil {
		session.clear()
	}
	return err
}
