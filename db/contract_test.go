package db

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"userstatus/presence"
)

var (
	noon    = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	later   = noon.Add(90 * time.Minute).Add(7 * time.Millisecond)
	errRule = presence.Errorf(presence.BadUserInput, "the rule says no")
)

// testStore is what every adapter keeps of presence.Store.
func testStore(t *testing.T, open func(t *testing.T) presence.Store) {
	for _, promise := range []struct {
		name string
		test func(*testing.T, harness)
	}{
		{"a user nobody has heard of does not exist", unheardOf},
		{"a user comes back as they were saved", roundTrip},
		{"a user that does not exist after the change is not made", notMade},
		{"an error of a change is returned as it is and keeps nothing", refusedChange},
		{"sessions come, change and go", sessionsChange},
		{"UpdateAll changes all or none, each once, in the order asked", updateAllOrNone},
		{"concurrent updates of one user lose nothing", noLostUpdate},
		{"concurrent callers fail alone", failAlone},
		{"what a call returned is the caller's own", ownResult},
		{"Subscribe keeps the order and the limit", subscribeLimit},
		{"Unsubscribe takes some or all", unsubscribe},
		{"UpdateViews changes both sides of a pair", updateViews},
		{"UpdateViews passes over those who don't exist", updateViewsOfNobody},
		{"UpdateViews keeps nothing after an error", updateViewsRefused},
		{"a friendship is mutual, and so is its end", friendship},
		{"Views and ViewsOf say what lies between two", views},
		{"Remove takes all that lies between, and versions go on", remove},
		{"the last version of who was removed is forgotten on request", removedGo},
		{"settings are the default until they are changed", settings},
		{"Due and NextDue follow the expiries", due},
		{"nodes beat, have sessions, and are forgotten", nodes},
		{"a node that has the name of one which isn't gone does not enter", namesakes},
		{"a node is buried once, and not if it has beaten since", burial},
		{"marks say how far a user has changed, and who was removed", marks},
		{"what changes a list moves its owner's mark", touch},
		{"the history has what changed, by whoever it was kept", history},
		{"the history goes with time and with its user", historyGoes},
		{"many changes are kept at once", manyChangesAtOnce},
		{"users and their lists come in pages", pages},
		{"users with a session are counted once", countOnline},
		{"a beat says how a node fares", beatFigures},
		{"the first event of each user is due, in the order of versions", outboxOrder},
		{"an event that failed has its user's queue wait", outboxFailure},
		{"events that were set aside come in pages, and are sent again or discarded", outboxAside},
		{"many events at once are put into the outbox, set aside, sent again", outboxOfMany},
		{"events outlive their user", outboxOutlives},
		{"it is told when there is something in the outbox", outboxTells},
		{"all share one cluster key", clusterKeys},
		{"Ping answers, a cancelled call does nothing", cancelled},
	} {
		t.Run(promise.name, func(t *testing.T) { promise.test(t, harness{t, open(t)}) })
	}
}

// harness calls a store, and ends the test at errors that are not its matter.
type harness struct {
	t interface {
		Helper()
		Errorf(format string, args ...any)
		Fatal(args ...any)
	}
	presence.Store
}

var ctx = context.Background()

func makeUser(u *presence.User) error {
	u.Exists, u.StatusType, u.Chosen, u.Visibility = true, presence.Unlogined, presence.Available, presence.Everyone
	u.Issued++
	u.Version = u.Issued
	return nil
}

func (h harness) make(ids ...string) {
	h.t.Helper()
	_, err := h.UpdateAll(ctx, ids, makeUser)
	h.ok(err)
}

func (h harness) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h harness) user(id string) *presence.User {
	h.t.Helper()
	u, err := h.User(ctx, id)
	h.ok(err)
	return u
}

func (h harness) equal(what string, got, want any) {
	h.t.Helper()
	if !reflect.DeepEqual(got, want) {
		h.t.Errorf("%s: got %+v, want %+v", what, got, want)
	}
}

func (h harness) list(what string, want ...string) func([]string, error) {
	return func(got []string, err error) {
		h.t.Helper()
		h.ok(err)
		if !slices.Equal(got, want) {
			h.t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}
}

func (h harness) view(viewer, of string) *presence.View {
	h.t.Helper()
	views, err := h.Views(ctx, viewer, []string{of})
	h.ok(err)
	reverse, err := h.ViewsOf(ctx, of, []string{viewer})
	h.ok(err)
	h.equal("ViewsOf beside Views", reverse[viewer], views[of])
	return views[of]
}

func face(userID string, since int, expiresAt *time.Time) *presence.Face {
	return &presence.Face{Since: since, Changed: since + 1, Earlier: "“earlier”", Status: presence.UserStatus{
		UserID: userID, StatusType: presence.Offline, CustomStatus: "a “face” \\ of\tü", CustomStatusExpiresAt: expiresAt,
		LastOnlineAt: &noon, Availability: presence.Busy, Version: since - 1,
	}}
}

func subscribeLimit(t *testing.T, h harness) {
	h.make("viewer", "a", "b", "c", "d")
	subscribe := func(limit int, ids ...string) (missing, refused []string) {
		missing, refused, err := h.Subscribe(ctx, "viewer", ids, limit)
		h.ok(err)
		return missing, refused
	}
	missing, refused := subscribe(3, "c", "x", "a", "c", "y", "x")
	h.list("missing", "x", "y")(missing, nil)
	h.list("refused")(refused, nil)
	missing, refused = subscribe(3, "d", "c", "b", "z")
	h.list("missing", "z")(missing, nil)
	h.list("refused past the limit", "b")(refused, nil)
	h.list("list", "a", "c", "d")(h.Subscriptions(ctx, "viewer"))
	_, refused = subscribe(1, "a", "b")
	h.list("refused, the limit having sunk", "b")(refused, nil)
	_, refused = subscribe(0, "b")
	h.list("refused without limit")(refused, nil)
	h.list("list", "a", "b", "c", "d")(h.Subscriptions(ctx, "viewer"))
	h.list("of another")(h.Subscriptions(ctx, "a"))
}

func unsubscribe(t *testing.T, h harness) {
	h.make("viewer", "a", "b", "c")
	_, _, err := h.Subscribe(ctx, "viewer", []string{"a", "b", "c"}, 0)
	h.ok(err)
	_, _, err = h.Subscribe(ctx, "a", []string{"b"}, 0)
	h.ok(err)
	h.ok(h.Unsubscribe(ctx, "viewer", []string{"b", "nobody"}))
	h.list("list", "a", "c")(h.Subscriptions(ctx, "viewer"))
	h.ok(h.Unsubscribe(ctx, "viewer", []string{}))
	h.list("list after none", "a", "c")(h.Subscriptions(ctx, "viewer"))
	h.ok(h.Unsubscribe(ctx, "viewer", nil))
	h.list("list after all")(h.Subscriptions(ctx, "viewer"))
	h.list("of another", "b")(h.Subscriptions(ctx, "a"))
}

func settings(t *testing.T, h harness) {
	got, err := h.Settings(ctx)
	h.ok(err)
	h.equal("first", got, presence.DefaultSettings)
	for _, want := range []presence.Settings{{FriendStatusNotificationEnabled: true}, {UserStatusEnabled: true}} {
		got, err = h.UpdateSettings(ctx, func(s *presence.Settings) { *s = want })
		h.ok(err)
		h.equal("returned", got, want)
		got, err = h.Settings(ctx)
		h.ok(err)
		h.equal("kept", got, want)
	}
}

func cancelled(t *testing.T, h harness) {
	h.ok(h.Ping(ctx))
	over, cancel := context.WithCancel(ctx)
	cancel()
	_, err := h.Update(over, "alice", makeUser)
	h.equal("Update", errors.Is(err, context.Canceled), true)
	_, err = h.Beat(over, "one", noon, presence.Figures{})
	h.equal("Beat", errors.Is(err, context.Canceled), true)
	_, err = h.User(over, "alice")
	h.equal("User", errors.Is(err, context.Canceled), true)
	h.equal("alice", h.user("alice").Exists, false)
}
