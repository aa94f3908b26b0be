package db

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"userstatus/presence"
)

func TestWritesAreMeasured(t *testing.T) { onEach(t, writesAreMeasured) }

func writesAreMeasured(t *testing.T, open opener) {
	var waited, shared, refused, spans, failed atomic.Int64
	s := open(t, Options{Queue: 2, Measure: Measure{
		Waited:  func(d time.Duration) { waited.Add(int64(d)) },
		Shared:  func(calls int) { shared.Store(max(shared.Load(), int64(calls))) },
		Refused: func() { refused.Add(1) },
		Span: func(context.Context) func(error) {
			spans.Add(1)
			return func(err error) {
				if err != nil {
					failed.Add(1)
				}
			}
		},
	}})
	if waiting, room := s.Queue(); waiting != 0 || room != 2 {
		t.Errorf("at first %d wait of %d", waiting, room)
	}
	if _, err := s.Update(ctx, "alice", makeUser); err != nil {
		t.Fatal(err)
	}
	if waited.Load() <= 0 || shared.Load() != 1 || spans.Load() != 1 || failed.Load() != 0 {
		t.Errorf("waited %v, shared %d, spans %d", waited.Load(), shared.Load(), spans.Load())
	}
	release := hold(t, s)
	one, two := start(t, s, newUpdate("alice", makeUser)), start(t, s, newUpdate("bob", makeUser))
	if waiting, _ := s.Queue(); waiting != 2 {
		t.Errorf("%d wait", waiting)
	}
	if _, err := s.Update(ctx, "carol", makeUser); err == nil || refused.Load() != 1 {
		t.Errorf("one too many: %v, %d", err, refused.Load())
	}
	release()
	<-one
	<-two
	if shared.Load() < 2 || spans.Load() != 2 || failed.Load() != 1 {
		t.Errorf("shared %d, spans %d, failed %d", shared.Load(), spans.Load(), failed.Load())
	}
	_, err := s.Update(ctx, "alice", func(*presence.User) error { return errors.New("no") })
	if err == nil || failed.Load() != 2 {
		t.Errorf("a rule that refuses: %v, %d", err, failed.Load())
	}
}
