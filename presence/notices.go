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
		return s.showFaces(ctx, n.UserID, n.Others)
	case SettingsChanged:
		return s.applySettings(ctx)
	}
	return nil
}

// showFaces tells each of those who watch the user what they may see.
func (s *Service) showFaces(ctx context.Context, userID string, others []string) error {
	viewers := s.Broadcaster.Watchers(userID)
	if others != nil {
		viewers = slices.DeleteFunc(viewers, func(id string) bool { return !slices.Contains(others, id) })
	}
	for part := range slices.Chunk(viewers, MaxQueried) {
		views, err := s.Store.ViewsOf(ctx, userID, part)
		if err != nil {
			return err
		}
		s.tellFaces(views)
	}
	return nil
}

// tellFaces tells each viewer what they see; those who see the same face share
// one update, and with it its bytes.
func (s *Service) tellFaces(views map[string]*View) {
	type face struct {
		real    bool
		version int
	}
	shared := map[face]*Update{}
	for viewer, v := range views {
		status := s.shown(v)
		seen := face{v.sees(), status.Version}
		if shared[seen] == nil {
			shared[seen] = NewUpdate(*status)
		}
		s.Broadcaster.Tell(viewer, []*Update{shared[seen]}, false)
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
