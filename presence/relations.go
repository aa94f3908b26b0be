package presence

import (
	"context"
	"sync"
	"time"
)

// BlockUsers hides the caller from up to MaxListed users.
func (s *Service) BlockUsers(ctx context.Context, userIDList []string) (*UserListResult, error) {
	me, err := s.me(ctx)
	if err != nil {
		return nil, err
	}
	l, err := parseList(userIDList, MaxListed, me.ID, "one can't block oneself")
	if err != nil {
		return nil, err
	}
	return s.relate(ctx, me.ID, l, func(theirs, _ *View, t *turning) { theirs.block(t) })
}

// UnblockUsers takes blocks back: those of up to MaxListed users, or all where
// none is named.
func (s *Service) UnblockUsers(ctx context.Context, userIDList []string) (*UserListResult, error) {
	me, err := s.me(ctx)
	if err != nil {
		return nil, err
	}
	l, err := parseList(userIDList, MaxListed, me.ID, "")
	if err != nil {
		return nil, err
	}
	if len(l.ids) == 0 {
		if l.ids, err = s.Store.Blocked(ctx, me.ID); err != nil {
			return nil, err
		}
	}
	_, err = s.relate(ctx, me.ID, l, func(theirs, _ *View, t *turning) { theirs.unblock(t) })
	return l.onlyInvalid(), err
}

// AddFriends makes a user and up to MaxListed others friends of each other.
func (s *Service) AddFriends(ctx context.Context, userID string, friendIDList []string) (*UserListResult, error) {
	l, err := s.parseFriends(ctx, userID, friendIDList)
	if err != nil {
		return nil, err
	}
	return s.relate(ctx, userID, l, func(theirs, mine *View, t *turning) {
		theirs.befriend(t)
		mine.befriend(t)
	})
}

// RemoveFriends ends the friendships of a user with up to MaxListed others, or
// all where none is named.
func (s *Service) RemoveFriends(ctx context.Context, userID string, friendIDList []string) (*UserListResult, error) {
	l, err := s.parseFriends(ctx, userID, friendIDList)
	if err != nil {
		return nil, err
	}
	if len(l.ids) == 0 {
		if l.ids, err = s.Store.Friends(ctx, userID); err != nil {
			return nil, err
		}
	}
	_, err = s.relate(ctx, userID, l, func(theirs, mine *View, t *turning) {
		theirs.unfriend(t)
		mine.unfriend(t)
	})
	return l.onlyInvalid(), err
}

func (s *Service) parseFriends(ctx context.Context, userID string, friendIDList []string) (*list, error) {
	u, err := s.Store.User(ctx, userID)
	if err != nil {
		return nil, err
	}
	if !u.Exists {
		return nil, noSuchUser(userID)
	}
	return parseList(friendIDList, MaxListed, userID, "one can't be one's own friend")
}

// relate changes what lies between a user and those of the list that haven't
// failed, fails those that aren't there, and tells whoever sees somebody
// differently, or somebody else, from now on.
func (s *Service) relate(ctx context.Context, userID string, l *list, change func(theirs, mine *View, t *turning)) (*UserListResult, error) {
	before := map[*User]marks{} // of each try its own
	turning := sync.OnceValue(func() *turning { return s.turning(time.Now()) })
	pairs, err := s.Store.UpdateViews(ctx, userID, l.good(), func(theirs, mine *View) error {
		for _, u := range []*User{theirs.User, mine.User} {
			if _, noted := before[u]; !noted {
				before[u] = marksOf(u)
			}
		}
		change(theirs, mine, turning())
		return nil
	})
	if err != nil {
		return nil, err
	}
	l.failOthers(othersOf(pairs))
	s.tellRelated(pairs, before)
	return &UserListResult{FailureUserList: l.failed()}, nil
}

func othersOf(pairs []Pair) []string {
	ids := make([]string, len(pairs))
	for i, p := range pairs {
		ids[i] = p.Theirs.Viewer
	}
	return ids
}

func (s *Service) tellRelated(pairs []Pair, before map[*User]marks) {
	if len(pairs) == 0 {
		return
	}
	user := pairs[0].Theirs.User
	for _, p := range pairs {
		other := p.Mine.User
		if other.Issued == before[other].issued {
			continue // blocking somebody changes nothing of them
		}
		s.Broadcaster.Announce(Notice{Kind: WatchListChanged, UserID: other.ID})
		s.tellFaceChanged(other, []string{user.ID}, before[other])
	}
	s.Broadcaster.Announce(Notice{Kind: WatchListChanged, UserID: user.ID})
	s.tellFaceChanged(user, othersOf(pairs), before[user])
}

// onlyInvalid is the answer of a call that takes something back: what isn't
// there is no failure, what can't be there is.
func (l *list) onlyInvalid() *UserListResult {
	failures := []*UserStatusFailure{}
	for _, f := range l.failed() {
		if f.Code == InvalidUserID {
			failures = append(failures, f)
		}
	}
	return &UserListResult{FailureUserList: failures}
}

// RegisterUsers makes up to MaxListed users known before their first token.
func (s *Service) RegisterUsers(ctx context.Context, userIDList []string) (*UserListResult, error) {
	l, err := parseList(userIDList, MaxListed, "", "")
	if err != nil {
		return nil, err
	}
	_, err = s.changeAll(ctx, l.good(), func(u *User, now time.Time) { u.register(now) })
	return &UserListResult{FailureUserList: l.failed()}, err
}
