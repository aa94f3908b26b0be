package presence

import (
	"context"
	"maps"
	"slices"
	"time"
)

const (
	// roundTime is how long a node takes to compare all that its streams watch
	// with the store, if that isn't more than compareRate allows.
	roundTime = 10 * time.Second
	// compareRate is how many users a node compares a second at most, but for when
	// news were missed: ten queries, so that it costs little.
	compareRate = 5000
)

// comparison is the state of a node's comparing with the store.
type comparison struct {
	// missed has room for one: all is to be compared now.
	missed chan struct{}
}

func (c *comparison) all() {
	select {
	case c.missed <- struct{}{}:
	default:
	}
}

// compare sees to it that news which never came cost seconds and not truth:
// steadily at a low rate, and all at once after news were missed, this node
// compares what it has told with the store, and tells the rest.
func (s *Service) compare() {
	for part := 0; s.background.Err() == nil; part = (part + 1) % Parts {
		users, err := s.comparePart(s.background, part)
		if err != nil && s.background.Err() == nil {
			s.Log.Debug("what is watched could not be compared with the database", "error", err)
		}
		pace := max(roundTime/Parts, time.Duration(users)*time.Second/compareRate)
		select {
		case <-time.After(pace):
		case <-s.comparing.missed:
			s.catchUp()
		case <-s.background.Done():
		}
	}
}

// catchUp compares everything, until it has.
func (s *Service) catchUp() {
	for {
		err := s.compareAll(s.background)
		if err == nil || s.background.Err() != nil {
			return
		}
		s.Log.Warn("missed news can't be made up for yet, trying again", "error", err)
		if !s.pause(retryAfter) {
			return
		}
	}
}

func (s *Service) compareAll(ctx context.Context) error {
	if err := s.compareSettings(ctx); err != nil {
		return err
	}
	for part := range Parts {
		if _, err := s.comparePart(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) compareSettings(ctx context.Context) error {
	stored, err := s.Store.Settings(ctx)
	if err != nil || stored == *s.settings.Load() {
		return err
	}
	return s.applySettings(ctx)
}

// comparePart compares a part of those who are watched here, and of those who
// have a session here, and returns how many they were.
func (s *Service) comparePart(ctx context.Context, part int) (users int, err error) {
	if part == 0 {
		if err := s.compareSettings(ctx); err != nil {
			return 0, err
		}
	}
	known := s.Broadcaster.Watched(part)
	here := s.sessions.users(part)
	ids := unique(slices.Collect(maps.Keys(known)), here)
	for some := range slices.Chunk(ids, MaxQueried) {
		marks, err := s.Store.Marks(ctx, some)
		if err != nil {
			return 0, err
		}
		for _, id := range some {
			if err := s.compareUser(ctx, id, marks[id], known); err != nil {
				return 0, err
			}
		}
	}
	return len(ids), nil
}

func (s *Service) compareUser(ctx context.Context, userID string, mark Mark, known map[string]int) error {
	if err := s.compareSession(ctx, userID, mark); err != nil {
		return err
	}
	upTo, watched := known[userID]
	if !watched || mark == (Mark{}) && upTo == 0 || mark.Exists && mark.Issued <= upTo {
		return nil
	}
	if mark == (Mark{}) {
		mark.Issued = upTo + 1 // they were removed so long ago that their last version is forgotten
	}
	return s.makeUp(ctx, userID, mark, upTo)
}

// makeUp tells what was missed of a user since the mark that all here know.
func (s *Service) makeUp(ctx context.Context, userID string, mark Mark, known int) error {
	s.counters.madeUp.Add(1)
	watchers := s.Broadcaster.Watchers(userID)
	if !mark.Exists {
		s.Broadcaster.Publish(&Update{Status: lastStatus(userID, mark.Issued), Final: true})
		return nil
	}
	if err := s.showFaces(ctx, userID, watchers, 0, TellMissed); err != nil {
		return err
	}
	if mark.LogoutVersion > known {
		// They may have been removed and made anew, and then nobody follows them.
		for _, viewer := range watchers {
			if err := s.rewatch(ctx, viewer); err != nil {
				return err
			}
		}
	}
	if slices.Contains(watchers, userID) { // as everybody with a stream does
		if err := s.rewatch(ctx, userID); err != nil {
			return err
		}
	}
	s.Broadcaster.Checked(userID, mark.Issued)
	return nil
}

// compareSession ends the session of a user who has logged out, or was removed,
// by way of another node.
func (s *Service) compareSession(ctx context.Context, userID string, mark Mark) error {
	session := s.sessions.find(userID)
	if session == nil {
		return nil
	}
	session.mu.Lock()
	var ended []*Connection
	var reason string
	var err error
	if !mark.Exists || mark.LogoutVersion > session.since {
		ended, reason, err = s.endOutlived(ctx, session)
	}
	s.sessions.unlock(session)
	endAll(ended, reason)
	return err
}
