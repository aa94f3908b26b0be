package presence_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"userstatus/broadcast"
	"userstatus/presence"
)

// watch opens a stream of the viewer on users, without snapshot.
func (f *fixture) watch(viewer string, userIDs ...string) presence.Stream {
	f.Helper()
	f.must(f.service.Admit(f.as(viewer)))
	result, err := f.service.SubscribeUserStatus(f.as(viewer), userIDs)
	f.must(err)
	if len(result.FailureUserList) > 0 {
		f.Fatalf("%s can't watch: %+v", viewer, result.FailureUserList)
	}
	stream, err := f.service.Open(f.as(viewer), false, func() {})
	f.must(err)
	f.Cleanup(stream.Close)
	return stream
}

func (f *fixture) says(userID, text string) {
	f.Helper()
	_, err := f.service.SetSelfStatus(f.as(userID), text, nil)
	f.must(err)
}

func TestAChangeBehindHiddenFacesReadsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, presence.Options{OfflineGrace: grace})
		defer f.close()
		f.must(f.service.Admit(f.as("ann")))
		ben, cat := f.watch("ben", "ann"), f.watch("cat", "ann")
		_, err := f.service.BlockUsers(f.as("ann"), []string{"ben"})
		f.must(err)
		f.says("ann", "first")
		read := f.viewsOf.Load()
		for i := range 50 {
			f.says("ann", fmt.Sprint("text ", i))
			if told := cat.Take(nil); len(told) != 1 || told[0].Status.CustomStatus != fmt.Sprint("text ", i) {
				t.Fatalf("cat is told %+v", told)
			}
		}
		if told := ben.Take(nil); len(told) != 0 {
			t.Fatalf("ben, who is blocked, is told %+v", told[0].Status)
		}
		if more := f.viewsOf.Load() - read; more != 0 {
			t.Fatalf("50 changes read %d times who sees them", more)
		}
	})
}

func TestSomebodyWhoHidesLooksLikeSomebodyWhoGoesOffline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, presence.Options{OfflineGrace: grace})
		defer f.close()
		f.must(f.service.Admit(f.as("viewer")))
		var crowd []string
		for i := range 99 {
			crowd = append(crowd, fmt.Sprint("user", i))
			f.must(f.service.Admit(f.as(crowd[i])))
		}
		subjects := []string{"leaves", "hides", "blocks", "blocks many"}
		var leaving *presence.Connection
		for _, id := range subjects {
			c, err := f.service.Connect(f.as(id), "web", func(string) {})
			f.must(err)
			if id == "leaves" {
				leaving = c
			}
			f.says(id, "here")
		}
		leaving.Close()
		time.Sleep(grace)
		synctest.Wait()
		_, err := f.service.SetSelfVisibility(f.as("hides"), presence.Nobody)
		f.must(err)
		_, err = f.service.BlockUsers(f.as("blocks"), []string{"viewer"})
		f.must(err)
		_, err = f.service.BlockUsers(f.as("blocks many"), append(crowd, "viewer"))
		f.must(err)
		gone := f.look("viewer", "leaves")
		for _, id := range subjects[1:] {
			hidden := f.look("viewer", id)
			if faceOf(hidden) != faceOf(gone) || gone.LastOnlineAt.Sub(*hidden.LastOnlineAt).Abs() > time.Millisecond || hidden.Version != gone.Version || len(hidden.Platforms) != 0 {
				t.Errorf("somebody who %s looks like %+v, not like %+v", id, hidden, gone)
			}
		}
	})
}

func TestATextGivesWayToTheLastOneThatStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, presence.Options{OfflineGrace: grace})
		defer f.close()
		f.says("ann", "from home")
		for i, text := range []string{"lunch", "in a meeting"} { // the second one begins before the first one ends
			until := time.Now().Add(time.Duration(i+1) * time.Minute)
			_, err := f.service.SetSelfStatus(f.as("ann"), text, &until)
			f.must(err)
		}
		stream := f.watch("ben", "ann")
		time.Sleep(2*time.Minute + time.Millisecond)
		synctest.Wait()
		if told := stream.Take(nil); len(told) != 1 || told[0].Status.CustomStatus != "from home" || told[0].Status.CustomStatusExpiresAt != nil {
			t.Fatalf("ben is told %+v", told)
		}
		until := time.Now().Add(time.Minute)
		_, err := f.service.SetSelfStatus(f.as("ann"), "back soon", &until)
		f.must(err)
		f.says("ann", "at work")
		_, err = f.service.SetSelfStatus(f.as("ann"), "at work", &until) // is to end now
		f.must(err)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if now := f.look("ben", "ann"); now.CustomStatus != "" {
			t.Fatalf("%q came back after itself", now.CustomStatus)
		}
		until = time.Now().Add(time.Minute)
		f.says("ann", "at home")
		_, err = f.service.SetSelfStatus(f.as("ann"), "back soon", &until)
		f.must(err)
		f.says("ann", "") // what is cleared by hand brings nothing back
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if now := f.look("ben", "ann"); now.CustomStatus != "" {
			t.Fatalf("%q came back", now.CustomStatus)
		}
	})
}

// retried is a store in which a change between users is tried once in vain;
// meanwhile something else happens.
type retried struct {
	presence.Store
	meanwhile func()
}

func (s *retried) UpdateViews(ctx context.Context, userID string, others []string, change func(theirs, mine *presence.View) error) ([]presence.Pair, error) {
	if meanwhile := s.meanwhile; meanwhile != nil {
		s.meanwhile = nil
		inVain := errors.New("another transaction is in the way")
		_, err := s.Store.UpdateViews(ctx, userID, others, func(theirs, mine *presence.View) error {
			return errors.Join(change(theirs, mine), inVain)
		})
		if !errors.Is(err, inVain) {
			return nil, err
		}
		meanwhile()
	}
	return s.Store.UpdateViews(ctx, userID, others, change)
}

// overheard is a broadcaster whose notices are kept.
type overheard struct {
	*broadcast.Channel
	notices []presence.Notice
}

func (o *overheard) Announce(n presence.Notice) {
	o.notices = append(o.notices, n)
	o.Channel.Announce(n)
}

func TestABlockIsToldFromWhereItsLastTryBegan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, presence.Options{OfflineGrace: grace})
		defer f.close()
		store, channel := &retried{Store: f.store}, &overheard{Channel: broadcast.NewChannel()}
		o := f.options
		o.Store, o.Broadcaster, o.NodeName, o.Log = store, channel, "other", slog.New(slog.DiscardHandler)
		other, err := presence.Start(f.ctx, o)
		f.must(err)
		defer channel.Close()
		defer other.Close()
		for _, id := range []string{"ann", "ben", "cat"} {
			f.must(f.service.Admit(f.as(id)))
		}
		var between int
		store.meanwhile = func() {
			_, err := f.service.BlockUsers(f.as("ann"), []string{"cat"})
			f.must(err)
			ann, err := f.store.User(f.ctx, "ann")
			f.must(err)
			between = ann.Audience
		}
		_, err = other.BlockUsers(f.as("ann"), []string{"ben"})
		f.must(err)
		last := channel.notices[len(channel.notices)-1]
		if last.Kind != presence.FaceChanged || last.AudienceBefore != between || last.Audience <= between {
			t.Fatalf("after a change at %d, %+v was announced", between, last)
		}
	})
}
