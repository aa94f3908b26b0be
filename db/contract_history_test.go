package db

import (
	"testing"
	"time"

	"userstatus/presence"
)

// changed has a user change, as often as there are moments.
func changed(h harness, id string, at ...time.Time) (changes []presence.StatusChange) {
	h.t.Helper()
	for _, moment := range at {
		_, err := h.Update(ctx, id, func(u *presence.User) error {
			err := makeUser(u)
			c := presence.StatusChange{
				UserID: id, Version: u.Version, Previous: u.Changed, At: moment, Reason: presence.ReasonCustomStatusSet,
				OldStatusType: presence.Unknown, StatusType: presence.Online,
				CustomStatus: "a “text”\t", CustomStatusExpiresAt: &later, Availability: presence.Busy,
			}
			if u.Version%2 == 0 {
				c.CustomStatusExpiresAt = nil
			}
			u.Changes, u.Changed = append(u.Changes, c), c.Version
			changes = append([]presence.StatusChange{c}, changes...)
			return err
		})
		h.ok(err)
	}
	return changes
}

func (h harness) history(what, id string, from, limit int, want ...presence.StatusChange) {
	h.t.Helper()
	got, err := h.History(ctx, id, from, limit)
	h.ok(err)
	h.equal(what, got, append([]presence.StatusChange(nil), want...))
}

func history(t *testing.T, h harness) {
	of := changed(h, "alice", noon, noon, later)
	changed(h, "bob", noon)
	h.history("all", "alice", 0, 10, of...)
	h.history("the last two", "alice", 0, 2, of[:2]...)
	h.history("from one on", "alice", of[1].Version, 1, of[1])
	h.history("from one that is not there", "alice", 1000, 1)
	h.history("of nobody", "carol", 0, 10)
	_, err := h.Update(ctx, "alice", func(u *presence.User) error {
		u.Changes = append(u.Changes, presence.StatusChange{UserID: "alice", Version: 99, At: noon})
		return errRule
	})
	h.equal("the refusal", err, error(errRule))
	h.history("after a refusal", "alice", 0, 10, of...)
}

func historyGoes(t *testing.T, h harness) {
	of := changed(h, "alice", noon, later, later)
	changed(h, "bob", noon)
	prune := func(before time.Time, limit, want int) {
		gone, err := h.PruneHistory(ctx, before, limit)
		h.ok(err)
		h.equal("pruned", gone, want)
	}
	prune(noon, 10, 0)
	prune(later, 1, 1)
	prune(later, 10, 1)
	prune(later, 10, 0)
	h.history("of alice", "alice", 0, 10, of[:2]...)
	h.history("of bob", "bob", 0, 10)
	_, err := h.Remove(ctx, []string{"alice"}, func(u *presence.User) {
		u.Issued++
		u.Changes = append(u.Changes, presence.StatusChange{UserID: "alice", Version: u.Issued, Previous: u.Changed, At: later, Reason: presence.ReasonRemoved})
	})
	h.ok(err)
	h.history("of who was removed", "alice", 0, 10)
	h.history("of who was removed, by version", "alice", of[0].Version, 10)
	prune(later.Add(time.Hour), 10, 0)
}

func manyChangesAtOnce(t *testing.T, h harness) {
	ids := make([]string, 300)
	for i := range ids {
		ids[i] = string(rune('a'+i%26)) + time.Duration(i).String()
	}
	_, err := h.UpdateAll(ctx, ids, func(u *presence.User) error {
		err := makeUser(u)
		for v := range 3 {
			u.Changes = append(u.Changes, presence.StatusChange{UserID: u.ID, Version: v + 1, Previous: v, At: noon})
			u.Changed = v + 1
		}
		return err
	})
	h.ok(err)
	for _, id := range ids {
		got, err := h.History(ctx, id, 0, 10)
		h.ok(err)
		h.equal("changes of "+id, len(got), 3)
	}
}

func pages(t *testing.T, h harness) {
	h.make("ann", "anna", "bob", "Ann", "ünal", "an")
	_, err := h.Remove(ctx, []string{"anna"}, func(u *presence.User) { u.Issued++ })
	h.ok(err)
	users := func(prefix, after string, limit int, want ...string) {
		h.t.Helper()
		h.list("users with "+prefix+" after "+after, want...)(h.Users(ctx, prefix, after, limit))
	}
	users("", "", 10, "Ann", "an", "ann", "bob", "ünal")
	users("an", "", 10, "an", "ann")
	users("an", "an", 10, "ann")
	users("", "an", 1, "ann")
	users("ü", "", 10, "ünal")
	users("c", "", 10)
	users("an", "b", 10)

	_, _, err = h.Subscribe(ctx, "ann", []string{"bob", "an", "Ann"}, 0)
	h.ok(err)
	_, _, err = h.Subscribe(ctx, "ünal", []string{"bob"}, 0)
	h.ok(err)
	_, err = h.UpdateViews(ctx, "bob", []string{"an", "ann"}, func(theirs, mine *presence.View) error {
		theirs.Friend, mine.Friend, theirs.Blocked = true, true, theirs.Viewer == "an"
		return nil
	})
	h.ok(err)
	related := func(list presence.UserList, of, after string, limit, total int, want ...string) {
		h.t.Helper()
		got, n, err := h.Related(ctx, list, of, after, limit)
		h.list("related to "+of, want...)(got, err)
		h.equal("how many", n, total)
	}
	related(presence.SubscriptionsOf, "ann", "", 10, 3, "Ann", "an", "bob")
	related(presence.SubscriptionsOf, "ann", "Ann", 1, 3, "an")
	related(presence.SubscribersOf, "bob", "", 10, 2, "ann", "ünal")
	related(presence.SubscribersOf, "bob", "ann", 10, 2, "ünal")
	related(presence.FriendsOf, "bob", "", 10, 2, "an", "ann")
	related(presence.BlockedBy, "bob", "", 10, 1, "an")
	related(presence.BlockedBy, "ann", "", 10, 0)
}

func countOnline(t *testing.T, h harness) {
	count := func(want int) {
		h.t.Helper()
		got, err := h.CountOnline(ctx)
		h.ok(err)
		h.equal("how many are online", got, want)
	}
	count(0)
	connectAll(h, "one/1", "two/1")
	h.make("carol")
	count(2)
	connectAll(h)
	count(0)
}

func beatFigures(t *testing.T, h harness) {
	figures := presence.Figures{Connections: 7, Streams: 6, Users: 5, UpdatesPerSecond: 1.5, ChangesPerSecond: 0.25, DeliveryDelay: 1e-6, WriteDelay: 3}
	enter(h, "one/1", "one", noon)
	yes(h, "one beats", true)(h.Beat(ctx, "one/1", later, figures))
	allNodes(h, presence.Node{ID: "one/1", Name: "one", BeatAt: later, Figures: figures})
}
