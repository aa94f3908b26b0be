package presence

import (
	"context"
	"time"
)

const (
	// pruneEvery is how often what is older than it is kept goes.
	pruneEvery = time.Minute
	// pruneSize is how many rows go in one transaction, so that no other waits long.
	pruneSize = 1_000
	// removedKept is how long the version of a user who was removed is known, so
	// that one made anew goes on above it though the clock was set back that far.
	removedKept = 24 * time.Hour
)

// prune takes away what has been kept for long enough, on one of the nodes.
func (s *Service) prune() {
	for s.pause(pruneEvery) {
		if !s.Alone && s.roll.first() != s.node() {
			continue
		}
		if err := s.pruneHistory(s.background, time.Now().Add(-s.HistoryTime)); err != nil && s.background.Err() == nil {
			s.Log.Error("old changes could not be taken out of the history, trying again", "error", err)
		}
		if err := s.pruneRemoved(s.background, time.Now().Add(-removedKept)); err != nil && s.background.Err() == nil {
			s.Log.Error("what is left of users who were removed could not be taken out of the database, trying again", "error", err)
		}
	}
}

func (s *Service) pruneHistory(ctx context.Context, before time.Time) error {
	for {
		gone, err := s.Store.PruneHistory(ctx, before, pruneSize)
		if err != nil || gone < pruneSize {
			return err
		}
	}
}

// pruneRemoved goes by versions, which are never behind the clock.
func (s *Service) pruneRemoved(ctx context.Context, before time.Time) error {
	for {
		gone, err := s.Store.PruneRemoved(ctx, sinceEpoch(before), pruneSize)
		if err != nil || gone < pruneSize {
			return err
		}
	}
}
