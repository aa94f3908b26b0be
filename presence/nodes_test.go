package presence_test

import (
	"errors"
	"log/slog"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"userstatus/broadcast"
	"userstatus/presence"
)

const (
	// round is after how long news that were lost are known by comparing.
	round = 11 * time.Second
	// dead is after how long a silent node has lost its users.
	dead = grace + 12*time.Second
)

func inPair(t *testing.T, name string, run func(f *fixture, a, b *presence.Service)) {
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newPair(t, presence.Options{OfflineGrace: grace, HistoryTime: 24 * time.Hour})
			defer f.close()
			run(f, f.service, f.second.service)
		})
	})
}

// ear is a stream that keeps what it was told.
type ear struct {
	*fixture
	presence.Stream
}

func (f *fixture) listenAt(s *presence.Service, viewer string) ear {
	f.Helper()
	stream, err := s.Open(f.as(viewer), true, func() {})
	f.must(err)
	f.Cleanup(stream.Close)
	return ear{f, stream}
}

// told is what was told of a user since the last call.
func (e ear) told(userID string) (types []presence.StatusType) {
	synctest.Wait()
	for _, u := range e.Take(nil) {
		if u.Status.UserID == userID {
			types = append(types, u.Status.StatusType)
		}
	}
	return types
}

func (e ear) expectTold(userID string, want ...presence.StatusType) {
	e.Helper()
	if got := e.told(userID); !slices.Equal(got, want) {
		e.Fatalf("of %s %v was told, not %v", userID, got, want)
	}
}

type ending struct {
	*presence.Connection
	reason string
}

func (f *fixture) connectAt(s *presence.Service, userID, platform string) *ending {
	f.Helper()
	c := &ending{}
	connection, err := s.Connect(f.as(userID), platform, func(reason string) { c.reason = reason })
	f.must(err)
	c.Connection = connection
	return c
}

func (f *fixture) follow(s *presence.Service, viewer, userID string) {
	f.Helper()
	f.must(s.Admit(f.as(userID)))
	result, err := s.SubscribeUserStatus(f.as(viewer), []string{userID})
	f.must(err)
	if len(result.SuccessUserList) != 1 {
		f.Fatalf("%s can't follow %s", viewer, userID)
	}
}

func TestNewsThatNeverCameCostSeconds(t *testing.T) {
	inPair(t, "a change on another node", func(f *fixture, a, b *presence.Service) {
		f.follow(a, "watcher", "ann")
		ear := f.listenAt(a, "watcher")
		ear.expectTold("ann", presence.Unlogined)
		f.connectAt(b, "ann", "web")
		time.Sleep(round)
		ear.expectTold("ann", presence.Online)
		time.Sleep(round)
		ear.expectTold("ann")
	})
	inPair(t, "a change that a stream without snapshot missed, and none that it did not", func(f *fixture, a, b *presence.Service) {
		f.follow(a, "watcher", "ann")
		stream, err := a.Open(f.as("watcher"), false, func() {})
		f.must(err)
		defer stream.Close()
		time.Sleep(round)
		ear{f, stream}.expectTold("ann")
		f.connectAt(b, "ann", "web")
		time.Sleep(round)
		ear{f, stream}.expectTold("ann", presence.Online)
	})
	inPair(t, "a subscription on another node", func(f *fixture, a, b *presence.Service) {
		ear := f.listenAt(a, "watcher")
		f.follow(b, "watcher", "ann")
		time.Sleep(round)
		ear.expectTold("ann", presence.Unlogined)
		_, err := b.UnsubscribeUserStatus(f.as("watcher"), nil)
		f.must(err)
		time.Sleep(round)
		f.connectAt(a, "ann", "web")
		ear.expectTold("ann")
	})
	inPair(t, "a switch", func(f *fixture, a, b *presence.Service) {
		f.follow(a, "watcher", "ann")
		off := false
		_, err := b.UpdateSettings(f.ctx, &off, nil)
		f.must(err)
		time.Sleep(round)
		_, err = a.UserStatus(f.as("watcher"), []string{"ann"})
		f.refused(err, presence.FeatureDisabled)
	})
	inPair(t, "a removal so long ago that the store has forgotten it", func(f *fixture, a, b *presence.Service) {
		f.follow(a, "watcher", "ann")
		ear := f.listenAt(a, "watcher")
		f.connectAt(a, "ann", "web")
		time.Sleep(round) // until it is known how far all here know her
		ear.told("ann")
		f.must(func() error { _, err := b.RemoveUsers(f.ctx, []string{"ann"}); return err }())
		if gone, err := f.store.PruneRemoved(f.ctx, math.MaxInt32, 10); gone != 1 || err != nil {
			f.Fatalf("%d were forgotten: %v", gone, err)
		}
		time.Sleep(round)
		ear.expectTold("ann", presence.Unlogined)
		time.Sleep(round)
		ear.expectTold("ann")
	})
	inPair(t, "the removal of a user who is back since", func(f *fixture, a, b *presence.Service) {
		f.follow(a, "watcher", "ann")
		ear := f.listenAt(a, "watcher")
		ear.told("ann")
		f.must(func() error { _, err := b.RemoveUsers(f.ctx, []string{"ann"}); return err }())
		f.must(b.Admit(f.as("ann")))
		time.Sleep(round)
		ear.told("ann")
		f.connectAt(a, "ann", "web")
		ear.expectTold("ann")
	})
}

func TestAUserIsOnSeveralNodes(t *testing.T) {
	inPair(t, "ONLINE until the last connection of any", func(f *fixture, a, b *presence.Service) {
		phone, laptop := f.connectAt(a, "ann", "ios"), f.connectAt(b, "ann", "web")
		if got := f.expect("ann", presence.Online).Platforms; !slices.Equal(got, []string{"ios", "web"}) {
			f.Fatalf("the platforms are %v", got)
		}
		phone.Close()
		time.Sleep(2 * grace)
		if got := f.expect("ann", presence.Online).Platforms; !slices.Equal(got, []string{"web"}) {
			f.Fatalf("the platforms are %v", got)
		}
		laptop.Close()
		time.Sleep(grace - time.Second)
		f.expect("ann", presence.Online)
		time.Sleep(2 * time.Second)
		f.expect("ann", presence.Offline)
	})
	inPair(t, "moving within the grace is no event", func(f *fixture, a, b *presence.Service) {
		first := f.connectAt(a, "ann", "web")
		before := f.expect("ann", presence.Online).Version
		first.Close()
		time.Sleep(grace - time.Second)
		f.connectAt(b, "ann", "web")
		time.Sleep(3 * grace)
		if after := f.expect("ann", presence.Online).Version; after != before {
			f.Fatalf("the version went from %d to %d", before, after)
		}
	})
	inPair(t, "a logout ends a grace elsewhere", func(f *fixture, a, b *presence.Service) {
		f.connectAt(a, "ann", "web").Close()
		c := f.connectAt(b, "ann", "web")
		_, err := b.Logout(presence.WithConnection(f.as("ann"), c.Connection), false)
		f.must(err)
		f.expect("ann", presence.Unlogined)
	})
	inPair(t, "a logout from all devices ends those elsewhere", func(f *fixture, a, b *presence.Service) {
		c := f.connectAt(a, "ann", "web")
		_, err := b.Logout(f.as("ann"), true)
		f.must(err)
		if f.expect("ann", presence.Unlogined); c.reason != "logged out" {
			f.Fatalf("the connection ended for %q", c.reason)
		}
	})
	inPair(t, "a new connection is none of those that a logout ended", func(f *fixture, a, b *presence.Service) {
		f.second.link.peer = f.second.link // the news of it don't come
		old := f.connectAt(a, "ann", "web")
		_, err := b.Logout(f.as("ann"), true)
		f.must(err)
		back := f.connectAt(a, "ann", "web")
		time.Sleep(round)
		if f.expect("ann", presence.Online); old.reason != "logged out" || back.reason != "" {
			f.Fatalf("the old one ended for %q, the new one for %q", old.reason, back.reason)
		}
	})
	inPair(t, "a removal ends connections elsewhere", func(f *fixture, a, b *presence.Service) {
		c := f.connectAt(a, "ann", "web")
		_, err := b.RemoveUsers(f.ctx, []string{"ann"})
		f.must(err)
		if c.reason != "the user was removed" {
			f.Fatalf("the connection ended for %q", c.reason)
		}
	})
	inPair(t, "AWAY once idle everywhere", func(f *fixture, a, b *presence.Service) {
		phone, laptop := f.connectAt(a, "ann", "ios"), f.connectAt(b, "ann", "web")
		idle := func(s *presence.Service, c *ending) {
			_, err := s.ReportIdle(presence.WithConnection(f.as("ann"), c.Connection), true)
			f.must(err)
			time.Sleep(2 * time.Second)
		}
		idle(a, phone)
		if got := f.look("watcher", "ann").Availability; got != presence.Available {
			f.Fatalf("with one idle device ann is %s", got)
		}
		idle(b, laptop)
		if got := f.look("watcher", "ann").Availability; got != presence.Away {
			f.Fatalf("with both idle ann is %s", got)
		}
	})
}

func TestANodeThatIsSilent(t *testing.T) {
	inPair(t, "loses its users, and has them again when it was only paused", func(f *fixture, a, b *presence.Service) {
		f.follow(a, "watcher", "ann")
		ear := f.listenAt(a, "watcher")
		f.connectAt(b, "ann", "web")
		time.Sleep(round)
		ear.told("ann")
		thaw := f.second.freeze()
		time.Sleep(grace)
		ear.expectTold("ann")
		time.Sleep(dead - grace)
		ear.expectTold("ann", presence.Offline)
		thaw()
		time.Sleep(round)
		ear.expectTold("ann", presence.Online)
	})
	inPair(t, "has its users again though the store breaks off while it enters anew", func(f *fixture, a, b *presence.Service) {
		f.connectAt(b, "ann", "web")
		thaw := f.second.freeze()
		time.Sleep(dead)
		f.expect("ann", presence.Offline)
		f.second.store.unlisted.Store(1)
		thaw()
		time.Sleep(round)
		f.expect("ann", presence.Online)
	})
	inPair(t, "has those again who come back within their grace", func(f *fixture, a, b *presence.Service) {
		c := f.connectAt(b, "ann", "web")
		thaw := f.second.freeze()
		time.Sleep(dead)
		f.expect("ann", presence.Offline)
		c.Close()
		thaw()
		synctest.Wait()
		f.connectAt(b, "ann", "web")
		f.expect("ann", presence.Online)
		time.Sleep(2 * dead)
		f.expect("ann", presence.Online)
	})
	inPair(t, "does not return while another one has its name, and once that has left", func(f *fixture, a, b *presence.Service) {
		f.connectAt(b, "ann", "web")
		thaw := f.second.freeze()
		time.Sleep(dead)
		successor := f.newNode()
		defer successor.link.Close()
		successor.link.peer = successor.link
		f.must(f.run(successor, "second"))
		thaw()
		time.Sleep(round)
		f.expect("ann", presence.Offline)
		successor.service.Close()
		time.Sleep(round)
		f.expect("ann", presence.Online)
	})
	inPair(t, "does not bring back who logged out meanwhile", func(f *fixture, a, b *presence.Service) {
		c := f.connectAt(b, "ann", "web")
		f.second.link.listener.Store(nil) // it hears nothing
		thaw := f.second.freeze()
		time.Sleep(dead)
		_, err := a.Logout(f.as("ann"), true)
		f.must(err)
		thaw()
		time.Sleep(round)
		if f.expect("ann", presence.Unlogined); c.reason != "logged out" {
			f.Fatalf("the connection ended for %q", c.reason)
		}
	})
	inPair(t, "does not flap for who moved away in time", func(f *fixture, a, b *presence.Service) {
		f.connectAt(b, "ann", "web")
		thaw := f.second.freeze()
		time.Sleep(grace / 2)
		f.connectAt(a, "ann", "web")
		before := f.expect("ann", presence.Online).Version
		time.Sleep(dead)
		thaw()
		time.Sleep(round)
		if after := f.expect("ann", presence.Online).Version; after != before {
			f.Fatalf("the version went from %d to %d", before, after)
		}
	})
}

func TestANodeThatIsCutOffFromTheStore(t *testing.T) {
	inPair(t, "keeps its users while it is heard, and loses them when it isn't", func(f *fixture, a, b *presence.Service) {
		f.follow(a, "watcher", "ann")
		ear := f.listenAt(a, "watcher")
		f.connectAt(b, "ann", "web")
		time.Sleep(round)
		ear.expectTold("ann", presence.Online)
		lost := errors.New("the store is away for this node")
		for range 2 { // it is back in between, and taken for nothing new
			f.second.store.away.Store(&lost)
			time.Sleep(3 * dead)
			ear.expectTold("ann")
			f.second.store.away.Store(nil)
			time.Sleep(round)
			ear.expectTold("ann")
		}
		f.second.store.away.Store(&lost)
		time.Sleep(dead)
		f.second.link.silent.Store(true)
		time.Sleep(dead)
		ear.expectTold("ann", presence.Offline)
	})
}

// early is a bus on which others are heard as soon as somebody listens.
type early struct{ *broadcast.Channel }

func (b early) Listen(listener func(presence.Notice)) {
	b.Channel.Listen(listener)
	listener(presence.Notice{Kind: presence.NodeLives, UserID: "first/0"})
}

func TestANodeHearsOthersBeforeItHasEntered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newPair(t, presence.Options{OfflineGrace: grace})
		defer f.close()
		bus := early{broadcast.NewChannel()}
		defer bus.Close()
		third, err := presence.Start(f.ctx, presence.Options{
			Store: f.store, Broadcaster: bus, NodeName: "third", OfflineGrace: grace, Log: slog.New(slog.DiscardHandler),
		})
		f.must(err)
		third.Close()
	})
}

func TestWhoIsBackIsOnlineThoughNobodyKnowsWhetherTheirGraceWasEnded(t *testing.T) {
	inPair(t, "", func(f *fixture, a, b *presence.Service) {
		c := f.connectAt(b, "ann", "web")
		time.Sleep(round)
		f.second.store.unheard.Store(1)
		c.Close()
		time.Sleep(grace)
		synctest.Wait()
		f.expect("ann", presence.Offline)
		f.connectAt(b, "ann", "web")
		f.expect("ann", presence.Online)
		time.Sleep(dead)
		f.expect("ann", presence.Online)
	})
}

func TestWhoWasLetInOrNotGoesInAnyCase(t *testing.T) {
	inPair(t, "who goes elsewhere", func(f *fixture, a, b *presence.Service) {
		f.must(a.Admit(f.as("ann")))
		f.second.store.unheard.Store(1)
		if _, err := b.Connect(f.as("ann"), "web", nil); !errors.Is(err, presence.ErrInDoubt) {
			f.Fatalf("signing in is answered %v", err)
		}
		f.expect("ann", presence.Online)
		f.connectAt(a, "ann", "web").Close()
		time.Sleep(grace + time.Second)
		f.expect("ann", presence.Offline)
	})
	inPair(t, "who comes again at once stays", func(f *fixture, a, b *presence.Service) {
		f.must(a.Admit(f.as("ann")))
		f.second.store.unheard.Store(1)
		_, err := b.Connect(f.as("ann"), "web", nil)
		if !errors.Is(err, presence.ErrInDoubt) {
			f.Fatalf("signing in is answered %v", err)
		}
		f.connectAt(b, "ann", "web")
		time.Sleep(2 * dead)
		f.expect("ann", presence.Online)
	})
	inPair(t, "who logged out, perhaps, and is still there is ONLINE when they come back", func(f *fixture, a, b *presence.Service) {
		first := f.connectAt(b, "ann", "web")
		time.Sleep(round)
		f.second.store.unheard.Store(1)
		if _, err := b.Logout(presence.WithConnection(f.as("ann"), first.Connection), false); !errors.Is(err, presence.ErrInDoubt) {
			f.Fatalf("the logout is answered %v", err)
		}
		f.expect("ann", presence.Unlogined)
		first.Close()
		f.connectAt(b, "ann", "web")
		f.expect("ann", presence.Online)
	})
}

func TestAStoreThatIsAwayMakesNobodyOffline(t *testing.T) {
	inPair(t, "neither the users of another node nor those in their grace", func(f *fixture, a, b *presence.Service) {
		f.connectAt(b, "ann", "web")
		f.connectAt(a, "ben", "web").Close()
		lost := errors.New("the store is away")
		for _, s := range f.unsteadies() {
			s.away.Store(&lost)
		}
		time.Sleep(5 * grace)
		for _, s := range f.unsteadies() {
			s.away.Store(nil)
		}
		time.Sleep(grace - 2*time.Second)
		f.expect("ann", presence.Online)
		f.expect("ben", presence.Online)
		time.Sleep(grace)
		f.expect("ann", presence.Online)
		f.expect("ben", presence.Offline)
	})
}

func TestANodeThatLeavesGivesItsUsersTheirGrace(t *testing.T) {
	inPair(t, "who comes back elsewhere is no event, who doesn't is OFFLINE", func(f *fixture, a, b *presence.Service) {
		first, second := f.connectAt(b, "ann", "web"), f.connectAt(b, "ben", "web")
		left := time.Now()
		b.Drain()
		first.Close()
		second.Close()
		b.Close()
		before := f.expect("ann", presence.Online).Version
		time.Sleep(grace - 2*time.Second)
		f.connectAt(a, "ann", "web")
		f.expect("ben", presence.Online)
		time.Sleep(grace)
		if after := f.expect("ann", presence.Online).Version; after != before {
			f.Fatalf("the version went from %d to %d", before, after)
		}
		if last := f.expect("ben", presence.Offline).LastOnlineAt; last == nil || last.Sub(left).Abs() > time.Second {
			f.Fatalf("ben was last online at %v, the node left at %v", last, left)
		}
	})
}

func TestNoTwoNodesThatLiveHaveOneName(t *testing.T) {
	inPair(t, "a second one is refused", func(f *fixture, a, b *presence.Service) {
		n := f.newNode()
		defer n.link.Close()
		n.link.peer = n.link
		if err := f.run(n, "first"); !errors.Is(err, presence.ErrNameTaken) {
			f.Fatalf("the error is %v", err)
		}
	})
	inPair(t, "it may have that of one which died", func(f *fixture, a, b *presence.Service) {
		_, err := f.store.Enter(f.ctx, presence.Node{ID: "third/1", Name: "third", BeatAt: time.Now()})
		f.must(err)
		n := f.newNode()
		defer n.link.Close()
		n.link.peer = n.link
		f.must(f.run(n, "third"))
		n.service.Close()
	})
}

func (f *fixture) unsteadies() []*unsteady {
	return []*unsteady{f.service.Store.(*unsteady), f.second.store}
}
