package presence

import "context"

const ownStatusAnyway = "one hears of oneself anyway"

// UserStatus is what the caller may know of up to MaxQueried users.
func (s *Service) UserStatus(ctx context.Context, userIDList []string) (*UserStatusResult, error) {
	me, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	l, err := s.parseSeen(me.UserID, userIDList, MaxQueried, "")
	if err != nil {
		return nil, err
	}
	found, err := s.look(ctx, me.UserID, l)
	if err != nil {
		return nil, err
	}
	return &UserStatusResult{SuccessUserList: found, FailureUserList: l.failed()}, nil
}

// parseSeen is parseList for calls by which one sees others.
func (s *Service) parseSeen(self string, userIDList []string, limit int, why string) (*list, error) {
	l, err := parseList(userIDList, limit, self, why)
	if err != nil {
		return nil, err
	}
	if l.names(self) && !s.settings.Load().UserStatusEnabled {
		return nil, disabled()
	}
	return l, nil
}

func disabled() *Error {
	return Errorf(FeatureDisabled, "seeing the status of others is switched off (userStatusEnabled)")
}

// look reads the statuses of those in the list that have not failed, and fails those that aren't there.
func (s *Service) look(ctx context.Context, viewer string, l *list) ([]*UserStatus, error) {
	ids := l.good()
	views, err := s.Store.Views(ctx, viewer, ids)
	if err != nil {
		return nil, err
	}
	found := make([]*UserStatus, 0, len(ids))
	for _, id := range ids {
		if v := views[id]; v != nil {
			found = append(found, s.shown(v))
			continue
		}
		l.failMissing(id)
	}
	return found, nil
}

// SubscribedUserStatus is everybody the caller subscribed to, as they are now.
func (s *Service) SubscribedUserStatus(ctx context.Context) ([]*UserStatus, error) {
	me, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	if !s.settings.Load().UserStatusEnabled {
		return nil, disabled()
	}
	ids, err := s.Store.Subscriptions(ctx, me.UserID)
	if err != nil {
		return nil, err
	}
	return s.look(ctx, me.UserID, &list{ids: ids, failures: map[string]*UserStatusFailure{}})
}

// SubscribeUserStatus makes the caller hear of up to MaxListed users from now on.
func (s *Service) SubscribeUserStatus(ctx context.Context, userIDList []string) (*SubscribeUserStatusResult, error) {
	me, err := s.me(ctx)
	if err != nil {
		return nil, err
	}
	l, err := s.parseSeen(me.ID, userIDList, MaxListed, ownStatusAnyway)
	if err != nil {
		return nil, err
	}
	missing, refused, err := s.Store.Subscribe(ctx, me.ID, l.good(), s.MaxSubscriptions)
	if err != nil {
		return nil, err
	}
	l.failMissing(missing...)
	for _, id := range refused {
		l.fail(id, SubscriptionListFull, Errorf(BadUserInput, "the subscription list is full: it holds at most %d users", s.MaxSubscriptions).Message)
	}
	s.Broadcaster.Announce(Notice{Kind: WatchListChanged, UserID: me.ID})
	found, err := s.look(ctx, me.ID, l)
	if err != nil {
		return nil, err
	}
	return &SubscribeUserStatusResult{SuccessUserList: found, FailureUserList: l.failed()}, nil
}

// UnsubscribeUserStatus cancels the caller's subscriptions to up to MaxListed
// users, or to all where none is named.
func (s *Service) UnsubscribeUserStatus(ctx context.Context, userIDList []string) (*UserListResult, error) {
	me, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	l, err := parseList(userIDList, MaxListed, me.UserID, "")
	if err != nil {
		return nil, err
	}
	if err := s.Store.Unsubscribe(ctx, me.UserID, l.goodOrAll()); err != nil {
		return nil, err
	}
	s.Broadcaster.Announce(Notice{Kind: WatchListChanged, UserID: me.UserID})
	return &UserListResult{FailureUserList: l.failed()}, nil
}

// Open opens a stream of the caller. With snapshot its first payload is the
// status of everybody it will tell of; nothing falls between that and the
// first change. See Broadcaster.Open for wake.
func (s *Service) Open(ctx context.Context, snapshot bool, wake func()) (Stream, error) {
	me, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	mu := s.lists.of(me.UserID)
	mu.Lock()
	defer mu.Unlock()
	stream := s.Broadcaster.Open(me.UserID, snapshot, wake)
	first, err := s.register(ctx, me.UserID, snapshot)
	if err != nil {
		stream.Close()
		return nil, err
	}
	stream.Start(first)
	return stream, nil
}

// register brings up to date whom the viewer's streams watch, and only then
// reads the snapshot, so that no change falls between. Where news may be missed,
// a stream without snapshot also needs to know where its news begin.
func (s *Service) register(ctx context.Context, viewer string, snapshot bool) ([]*Update, error) {
	watched, err := s.watchList(ctx, viewer)
	if err != nil {
		return nil, err
	}
	s.Broadcaster.Watch(viewer, watched)
	if !snapshot && s.Alone {
		return nil, nil
	}
	updates, err := s.updates(ctx, viewer, watched)
	if err != nil || snapshot {
		return updates, err
	}
	s.Broadcaster.Tell(viewer, updates, TellMissed)
	return nil, nil
}

// watchList is everybody of whom the viewer is told: first of all themselves.
func (s *Service) watchList(ctx context.Context, viewer string) ([]string, error) {
	watched := []string{viewer}
	switches := s.settings.Load()
	if !switches.UserStatusEnabled {
		return watched, nil
	}
	subscribed, err := s.Store.Subscriptions(ctx, viewer)
	if err != nil || !switches.FriendStatusNotificationEnabled {
		return append(watched, subscribed...), err
	}
	friends, err := s.Store.Friends(ctx, viewer)
	return unique(watched, subscribed, friends), err
}

func unique(lists ...[]string) []string {
	var ids []string
	seen := map[string]bool{}
	for _, list := range lists {
		for _, id := range list {
			if !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// updates is what the viewer may know of users, as news.
func (s *Service) updates(ctx context.Context, viewer string, userIDs []string) ([]*Update, error) {
	views, err := s.Store.Views(ctx, viewer, userIDs)
	if err != nil {
		return nil, err
	}
	updates := make([]*Update, 0, len(views))
	for _, id := range userIDs {
		if v := views[id]; v != nil {
			updates = append(updates, s.update(v))
		}
	}
	return updates, nil
}

// rewatch reads anew whom the viewer's streams watch, and tells them of those
// who are new.
func (s *Service) rewatch(ctx context.Context, viewer string) error {
	mu := s.lists.of(viewer)
	mu.Lock()
	defer mu.Unlock()
	watched, err := s.watchList(ctx, viewer)
	if err != nil {
		return err
	}
	added := s.Broadcaster.Watch(viewer, watched)
	if len(added) == 0 {
		return nil
	}
	updates, err := s.updates(ctx, viewer, added)
	if err != nil {
		return err
	}
	s.Broadcaster.Tell(viewer, updates, TellAgain)
	return nil
}
