package db

import (
	"testing"
	"time"

	"userstatus/presence"
)

func updateViews(t *testing.T, h harness) {
	h.make("alice", "bob", "carol")
	pinned := face("alice", 9, &later)
	pairs, err := h.UpdateViews(ctx, "alice", []string{"carol", "bob", "carol"}, func(theirs, mine *presence.View) error {
		h.equal("user of theirs", theirs.User.ID, "alice")
		h.equal("viewer of mine", mine.Viewer, "alice")
		h.equal("viewer of theirs", theirs.Viewer, mine.User.ID)
		theirs.Blocked, theirs.Pinned = true, pinned
		theirs.User.HasBlocked = true
		theirs.User.Issued++
		mine.User.Issued += 10
		return nil
	})
	h.ok(err)
	h.equal("pairs", len(pairs), 2)
	h.equal("first", pairs[0].Mine.User.ID, "carol")
	h.equal("one user in all pairs", pairs[0].Theirs.User == pairs[1].Theirs.User, true)
	h.equal("alice", h.user("alice").Issued, 3)
	h.equal("bob", h.user("bob").Issued, 11)
	h.list("blocked", "bob", "carol")(h.Blocked(ctx, "alice"))
	h.list("blocked by bob")(h.Blocked(ctx, "bob"))
	h.equal("bob's view", h.view("bob", "alice"), pairs[1].Theirs)
	h.equal("alice's view", h.view("alice", "bob"), pairs[1].Mine)

	_, err = h.UpdateViews(ctx, "bob", []string{"alice"}, func(theirs, mine *presence.View) error {
		h.equal("mine, from the other side", mine.Pinned, pinned)
		h.equal("blocked, from the other side", mine.Blocked, true)
		mine.Blocked = false
		return nil
	})
	h.ok(err)
	h.list("blocked", "carol")(h.Blocked(ctx, "alice"))
	h.equal("the face outlives the block", h.view("bob", "alice").Pinned, pinned)
}

func updateViewsOfNobody(t *testing.T, h harness) {
	h.make("alice", "bob")
	never := func(theirs, mine *presence.View) error { t.Error("called for", theirs.Viewer); return nil }
	pairs, err := h.UpdateViews(ctx, "nobody", []string{"alice"}, never)
	h.ok(err)
	h.equal("pairs of nobody", len(pairs), 0)
	pairs, err = h.UpdateViews(ctx, "alice", []string{"nobody", "alice"}, never)
	h.ok(err)
	h.equal("pairs with nobody", len(pairs), 0)
}

func updateViewsRefused(t *testing.T, h harness) {
	h.make("alice", "bob", "carol")
	_, err := h.UpdateViews(ctx, "alice", []string{"bob", "carol"}, func(theirs, mine *presence.View) error {
		theirs.Blocked, theirs.Friend, mine.User.CustomStatus = true, true, "no"
		if theirs.Viewer == "carol" {
			return errRule
		}
		return nil
	})
	h.equal("error", err, error(errRule))
	h.list("blocked")(h.Blocked(ctx, "alice"))
	h.list("friends")(h.Friends(ctx, "alice"))
	h.equal("bob", h.user("bob").CustomStatus, "")
}

// relate sets what lies between a user and others, as the domain's rules do.
func (h harness) relate(user string, others []string, change func(theirs, mine *presence.View)) {
	h.t.Helper()
	_, err := h.UpdateViews(ctx, user, others, func(theirs, mine *presence.View) error { change(theirs, mine); return nil })
	h.ok(err)
}

func befriend(theirs, mine *presence.View) { theirs.Friend, mine.Friend = true, true }
func unfriend(theirs, mine *presence.View) { theirs.Friend, mine.Friend = false, false }
func block(theirs, _ *presence.View)       { theirs.Blocked = true }

func friendship(t *testing.T, h harness) {
	h.make("alice", "bob", "carol")
	h.relate("alice", []string{"carol", "bob"}, befriend)
	h.relate("bob", []string{"alice"}, befriend)
	h.list("of alice", "bob", "carol")(h.Friends(ctx, "alice"))
	h.list("of bob", "alice")(h.Friends(ctx, "bob"))
	h.equal("alice sees bob", h.view("alice", "bob").Friend, true)
	h.equal("bob sees alice", h.view("bob", "alice").Friend, true)
	h.equal("bob sees carol", h.view("bob", "carol").Friend, false)
	h.relate("bob", []string{"alice"}, unfriend)
	h.list("of alice", "carol")(h.Friends(ctx, "alice"))
	h.list("of bob")(h.Friends(ctx, "bob"))
}

func views(t *testing.T, h harness) {
	h.make("alice", "bob", "carol", "dave")
	h.relate("bob", []string{"alice"}, befriend)
	h.relate("carol", []string{"alice"}, block)
	got, err := h.Views(ctx, "alice", []string{"dave", "alice", "nobody", "bob", "carol", "bob"})
	h.ok(err)
	h.equal("views", len(got), 4)
	for _, id := range []string{"alice", "bob", "carol", "dave"} {
		want := &presence.View{User: h.user(id), Viewer: "alice", Friend: id == "bob", Blocked: id == "carol"}
		h.equal("view of "+id, got[id], want)
	}
	got, err = h.ViewsOf(ctx, "carol", []string{"alice", "nobody", "carol"})
	h.ok(err)
	h.equal("viewers", len(got), 3)
	h.equal("alice is blocked", got["alice"].Blocked, true)
	h.equal("others see", got["nobody"], &presence.View{User: h.user("carol"), Viewer: "nobody"})
	none, err := h.Views(ctx, "alice", nil)
	h.ok(err)
	h.equal("none", len(none), 0)
}

func remove(t *testing.T, h harness) {
	h.make("alice", "bob", "carol")
	_, err := h.Update(ctx, "alice", func(u *presence.User) error {
		u.CustomStatus, u.CustomStatusExpiresAt, u.Issued = "here", &noon, 100
		u.Sessions = []presence.Session{{Node: "one"}}
		return nil
	})
	h.ok(err)
	for _, pair := range [][2]string{{"alice", "bob"}, {"bob", "alice"}, {"carol", "bob"}} {
		_, _, err := h.Subscribe(ctx, pair[0], []string{pair[1]}, 0)
		h.ok(err)
		h.relate(pair[0], []string{pair[1]}, func(theirs, mine *presence.View) { befriend(theirs, mine); block(theirs, mine) })
	}
	var last string
	mark := h.user("alice").Issued
	removed, err := h.Remove(ctx, []string{"nobody", "alice", "alice"}, func(u *presence.User) {
		last = u.CustomStatus
		*u = presence.User{ID: u.ID, Issued: u.Issued + 1}
	})
	h.list("removed", "alice")(removed, err)
	h.equal("seen by remove", last, "here")
	h.equal("tombstone", h.user("alice"), &presence.User{ID: "alice", Issued: mark + 1})
	h.list("watched by bob")(h.Subscriptions(ctx, "bob"))
	h.list("watched by carol", "bob")(h.Subscriptions(ctx, "carol"))
	h.list("on node one")(h.SessionsOf(ctx, "one", 10))
	h.list("due")(h.Due(ctx, later, 10))

	missing, _, err := h.Subscribe(ctx, "bob", []string{"alice"}, 0)
	h.list("missing", "alice")(missing, err)
	removed, err = h.Remove(ctx, []string{"alice"}, func(*presence.User) { t.Error("removed twice") })
	h.list("removed again")(removed, err)
	h.make("alice")
	h.equal("goes on above", h.user("alice").Version, mark+2)
	h.list("watched by alice")(h.Subscriptions(ctx, "alice"))
	h.list("friends of alice")(h.Friends(ctx, "alice"))
	h.list("friends of bob", "carol")(h.Friends(ctx, "bob"))
	h.list("blocked by alice")(h.Blocked(ctx, "alice"))
	h.list("blocked by bob")(h.Blocked(ctx, "bob"))
	h.list("blocked by carol", "bob")(h.Blocked(ctx, "carol"))
}

func removedGo(t *testing.T, h harness) {
	ids := []string{"alice", "bob", "carol", "dave", "erin"}
	h.make(ids...)
	issued := 10
	_, err := h.Remove(ctx, ids[:4], func(u *presence.User) {
		*u = presence.User{ID: u.ID, Issued: issued}
		issued++
	})
	h.ok(err)
	h.make("dave")
	prune := func(below, limit, want int) {
		t.Helper()
		gone, err := h.PruneRemoved(ctx, below, limit)
		h.ok(err)
		h.equal("gone", gone, want)
	}
	prune(10, 10, 0)
	prune(12, 1, 1)
	prune(12, 10, 1)
	prune(12, 10, 0)
	got, err := h.Marks(ctx, ids)
	h.ok(err)
	h.equal("marks", got, map[string]presence.Mark{"carol": {Issued: 12}, "dave": {Exists: true, Issued: 14}, "erin": {Exists: true, Issued: 1}})
	h.make("alice", "carol")
	h.equal("made after it was forgotten", h.user("alice").Version, 1)
	h.equal("made before", h.user("carol").Version, 13)
}

func due(t *testing.T, h harness) {
	next := func(want *time.Time) {
		t.Helper()
		got, err := h.NextDue(ctx)
		h.ok(err)
		h.equal("next", got, want)
	}
	h.make("alice", "bob", "carol", "dave")
	next(nil)
	expire := func(id string, at *time.Time) {
		_, err := h.Update(ctx, id, func(u *presence.User) error { u.CustomStatusExpiresAt = at; return nil })
		h.ok(err)
	}
	soon := noon.Add(time.Millisecond)
	expire("bob", &later)
	expire("carol", &soon)
	_, err := h.Update(ctx, "alice", func(u *presence.User) error { u.HiddenFromFriends = face("alice", 2, &noon); return nil })
	h.ok(err)
	next(&noon)
	h.list("before")(h.Due(ctx, noon.Add(-time.Nanosecond), 10))
	h.list("at noon", "alice")(h.Due(ctx, noon, 10))
	h.list("at last", "alice", "carol", "bob")(h.Due(ctx, later, 10))
	h.list("at most two", "alice", "carol")(h.Due(ctx, later, 2))

	pin := func(at *time.Time) {
		h.relate("dave", []string{"alice"}, func(theirs, _ *presence.View) { theirs.Pinned = face("dave", 3, at) })
	}
	early := noon.Add(-time.Hour)
	pin(&early)
	next(&early)
	pairs, err := h.DueViews(ctx, early, 10)
	h.ok(err)
	h.equal("pairs", pairs, []presence.PairID{{UserID: "dave", Viewer: "alice"}})
	pin(nil)
	pairs, err = h.DueViews(ctx, later, 10)
	h.ok(err)
	h.equal("pairs", len(pairs), 0)
	_, err = h.UpdateAll(ctx, []string{"alice", "bob", "carol"}, func(u *presence.User) error {
		u.CustomStatusExpiresAt, u.HiddenFromFriends = nil, nil
		return nil
	})
	h.ok(err)
	next(nil)
}
