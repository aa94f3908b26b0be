package presence

import (
	"context"
	"time"
)

// UserDetails is all that there is to know of a user, but for lists.
type UserDetails struct {
	Status *UserStatus
	// StatusSince is when StatusType changed last; nil where that isn't known.
	StatusSince *time.Time
	Visibility  Visibility
	Sessions    []*UserSession
}

// UserSession is a user's presence on one node.
type UserSession struct {
	Node      string
	Platforms []string
	Idle      bool
}

// UserDetails looks a user up, for the app's operator.
func (s *Service) UserDetails(ctx context.Context, userID string) (*UserDetails, error) {
	u, err := s.Store.User(ctx, userID)
	if err != nil {
		return nil, err
	}
	if !u.Exists {
		return nil, noSuchUser(userID)
	}
	details := &UserDetails{Status: s.own(u), StatusSince: u.StatusSince, Visibility: u.Visibility, Sessions: []*UserSession{}}
	for _, session := range u.Sessions {
		details.Sessions = append(details.Sessions, s.sessionOf(userID, session))
	}
	return details, nil
}

// sessionOf is a session as this node knows it, if it is here, or as the store does.
func (s *Service) sessionOf(userID string, session Session) *UserSession {
	shown := &UserSession{Node: NodeName(session.Node), Platforms: session.Platforms, Idle: session.Idle}
	if shown.Node == s.NodeName {
		shown.Platforms = s.sessions.platforms(userID)
	}
	return shown
}

// EndSessions ends all connections of up to MaxListed users, who are UNLOGINED
// then. With a token that is still valid they may come back.
func (s *Service) EndSessions(ctx context.Context, userIDList []string) (*UserListResult, error) {
	l, err := parseList(userIDList, MaxListed, "", "")
	if err != nil {
		return nil, err
	}
	for _, id := range l.good() {
		_, err := s.logoutEverywhere(ctx, id, ReasonSessionsEnded, kicked)
		if known, ok := AsError(err); ok && known.Number == NoSuchUser {
			l.failMissing(id)
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	return &UserListResult{FailureUserList: l.failed()}, nil
}
