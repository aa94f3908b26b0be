package presence

import (
	"context"
	"slices"
	"time"
)

// retryAfter is how long to wait before the store is asked again for
// something that must happen in the end.
const retryAfter = time.Second

// hear acts on a notice: what it names is read anew, and the streams on this
// node are told. What the store can't answer now is tried again until it can.
func (s *Service) hear(n Notice) {
	if err := s.act(s.background, n); err != nil && s.background.Err() == nil {
		s.Log.Error("news could not be told, trying again", "news", n.Kind, "user", n.UserID, "error", err)
		s.later(retryAfter, func() { s.hear(n) })
	}
}

func (s *Service) act(ctx context.Context, n Notice) error {
	switch n.Kind {
	case WatchListChanged:
		return s.rewatch(ctx, n.UserID)
	case FaceChanged:
		return s.showFaces(ctx, n.UserID, s.concerned(n), n.After, TellNews)
	case LoggedOut:
		if n.Nodes == nil || slices.Contains(n.Nodes, s.NodeName) {
			return s.heedLogout(ctx, n.UserID)
		}
	case SettingsChanged:
		return s.applySettings(ctx)
	case NodeLives:
		s.hearNode(n.UserID)
	case NewsMissed:
		s.comparing.all()
	}
	return nil
}

// concerned is those who watch the user and whom the notice concerns.
func (s *Service) concerned(n Notice) []string {
	watchers := s.Broadcaster.Watchers(n.UserID)
	if n.Others == nil {
		return watchers
	}
	return slices.DeleteFunc(watchers, func(id string) bool { return !slices.Contains(n.Others, id) })
}

// showFaces tells each of the viewers what they may see of the user. What has
// not changed since the mark after is no news, but may have been missed.
func (s *Service) showFaces(ctx context.Context, userID string, viewers []string, after int, how Telling) error {
	for part := range slices.Chunk(viewers, MaxQueried) {
		views, err := s.Store.ViewsOf(ctx, userID, part)
		if err != nil {
			return err
		}
		s.tellFaces(views, after, how)
	}
	return nil
}

// tellFaces tells each viewer what they see; those who see the same face share
// one update, and with it its bytes.
func (s *Service) tellFaces(views map[string]*View, after int, how Telling) {
	shared := map[*Face]*Update{} // nil is the true one
	for viewer, v := range views {
		seen := v.hidden()
		if shared[seen] == nil {
			shared[seen] = s.update(v)
		}
		if v.changed() > after {
			s.Broadcaster.Tell(viewer, []*Update{shared[seen]}, how)
			continue
		}
		s.Broadcaster.Tell(viewer, []*Update{shared[seen]}, TellMissed)
	}
}

// Settings are the switches, for the app's backend.
func (s *Service) Settings(context.Context) (*Settings, error) { return s.settings.Load(), nil }

// UpdateSettings flips those switches that are not nil.
func (s *Service) UpdateSettings(ctx context.Context, userStatusEnabled, friendStatusNotificationEnabled *bool) (*Settings, error) {
	settings, err := s.Store.UpdateSettings(ctx, func(settings *Settings) {
		set(&settings.UserStatusEnabled, userStatusEnabled)
		set(&settings.FriendStatusNotificationEnabled, friendStatusNotificationEnabled)
	})
	if err != nil {
		return nil, err
	}
	s.Broadcaster.Announce(Notice{Kind: SettingsChanged})
	return &settings, nil
}

func set(flag *bool, to *bool) {
	if to != nil {
		*flag = *to
	}
}

func (s *Service) loadSettings(ctx context.Context) error {
	settings, err := s.Store.Settings(ctx)
	if err != nil {
		return err
	}
	s.settings.Store(&settings)
	return nil
}

// applySettings puts all open streams under the switches as they are now.
func (s *Service) applySettings(ctx context.Context) error {
	s.settingMu.Lock()
	defer s.settingMu.Unlock()
	if err := s.loadSettings(ctx); err != nil {
		return err
	}
	for _, viewer := range s.Broadcaster.Viewers() {
		if err := s.rewatch(ctx, viewer); err != nil {
			return err
		}
	}
	return nil
}
