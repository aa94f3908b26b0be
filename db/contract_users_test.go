package db

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"userstatus/presence"
)

func unheardOf(t *testing.T, h harness) {
	h.equal("user", h.user("nobody"), &presence.User{ID: "nobody"})
	views, err := h.ViewsOf(ctx, "nobody", []string{"alice"})
	h.ok(err)
	h.equal("views", len(views), 0)
}

func roundTrip(t *testing.T, h harness) {
	ids := []string{"alice", "a'b\"c\\d", "  spaced  ", "日本 😀 <&>", "?", "@x", "100", "1e3", "\u2028", "%s%d"}
	for _, id := range ids {
		want := &presence.User{
			ID: id, Exists: true, StatusType: presence.Online, CustomStatus: "text '?' @name \\ " + id, CustomStatusExpiresAt: &later,
			LastOnlineAt: &noon, Chosen: presence.Busy, Visibility: presence.Friends, HasBlocked: true, Version: 7, Issued: 1 << 40, LogoutVersion: 6,
			EarlierStatus: "earlier " + id, StatusSince: &noon, Changed: 5, Audience: 1<<40 - 1,
			HiddenFromFriends: face(id, 5, nil), HiddenFromStrangers: face(id, 6, &later),
			Sessions: []presence.Session{{Node: "n 1", Idle: true, Platforms: []string{"ios", "web-2"}}, {Node: "n-2"}},
		}
		got, err := h.Update(ctx, id, func(u *presence.User) error {
			h.equal("before", u, &presence.User{ID: id})
			*u = *want
			u.Sessions = slices.Clone(want.Sessions)
			return nil
		})
		h.ok(err)
		h.equal("returned", got, want)
		h.equal("loaded", h.user(id), want)
		want.CustomStatus, want.CustomStatusExpiresAt, want.LastOnlineAt, want.HiddenFromFriends, want.HiddenFromStrangers = "", nil, nil, nil, nil
		_, err = h.Update(ctx, id, func(u *presence.User) error {
			u.CustomStatus, u.CustomStatusExpiresAt, u.LastOnlineAt, u.HiddenFromFriends, u.HiddenFromStrangers = "", nil, nil, nil, nil
			return nil
		})
		h.ok(err)
		h.equal("emptied", h.user(id), want)
	}
	got, err := h.UpdateAll(ctx, ids, func(*presence.User) error { return nil })
	h.ok(err)
	h.equal("users", len(got), len(ids))
}

func notMade(t *testing.T, h harness) {
	u, err := h.Update(ctx, "ghost", func(u *presence.User) error { u.CustomStatus = "boo"; return nil })
	h.ok(err)
	h.equal("exists", u.Exists, false)
	h.equal("user", h.user("ghost"), &presence.User{ID: "ghost"})
}

func refusedChange(t *testing.T, h harness) {
	h.make("alice")
	before := h.user("alice")
	for _, rule := range []error{errRule, errors.New("ours")} {
		_, err := h.Update(ctx, "alice", func(u *presence.User) error { u.CustomStatus = "no"; return rule })
		h.equal("error", err, rule)
	}
	h.equal("user", h.user("alice"), before)
}

func sessionsChange(t *testing.T, h harness) {
	h.make("alice", "bob")
	set := func(sessions ...presence.Session) {
		_, err := h.Update(ctx, "alice", func(u *presence.User) error { u.Sessions = sessions; return nil })
		h.ok(err)
		if got := h.user("alice").Sessions; !slices.EqualFunc(got, sessions, same) {
			t.Errorf("sessions: got %v, want %v", got, sessions)
		}
	}
	one, two, three := presence.Session{Node: "one"}, presence.Session{Node: "two", Idle: true}, presence.Session{Node: "three"}
	set(one)
	set(one, two)
	two.Idle = false
	set(one, two)
	two.Platforms = []string{"ios", "web"}
	set(one, two)
	two.Platforms = []string{"web"}
	set(one, two)
	set(three)
	set()
	h.equal("of others", len(h.user("bob").Sessions), 0)
}

func updateAllOrNone(t *testing.T, h harness) {
	h.make("c", "a", "b")
	order := []string{"b", "nobody", "a", "b", "c"}
	got, err := h.UpdateAll(ctx, order, func(u *presence.User) error {
		u.Issued++
		return nil
	})
	h.ok(err)
	h.list("order", "b", "a", "c")(names(got), nil)
	h.equal("once", h.user("b").Issued, 2)
	_, err = h.UpdateAll(ctx, order, func(u *presence.User) error {
		u.Issued++
		if u.ID == "c" {
			return errRule
		}
		return nil
	})
	h.equal("error", err, error(errRule))
	h.equal("first of the refused", h.user("b").Issued, 2)
	got, err = h.UpdateAll(ctx, nil, makeUser)
	h.ok(err)
	h.equal("none", len(got), 0)
}

func names(users []*presence.User) (ids []string) {
	for _, u := range users {
		ids = append(ids, u.ID)
	}
	return ids
}

// inParallel runs n calls at the same time and returns their errors.
func inParallel(n int, call func(i int) error) []error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = call(i) })
	}
	all.Wait()
	return errs
}

func noLostUpdate(t *testing.T, h harness) {
	h.make("alice", "bob")
	seen := make([]int, 200)
	for _, err := range inParallel(200, func(i int) error {
		got, err := h.UpdateAll(ctx, []string{"alice", "bob"}, func(u *presence.User) error { u.Issued++; u.Version = u.Issued; return nil })
		if err == nil {
			seen[i] = got[0].Version
		}
		return err
	}) {
		h.ok(err)
	}
	h.equal("alice", h.user("alice").Version, 201)
	h.equal("bob", h.user("bob").Version, 201)
	slices.Sort(seen)
	h.equal("versions", len(slices.Compact(seen)), 200)
}

func failAlone(t *testing.T, h harness) {
	h.make("alice", "bob")
	errs := inParallel(150, func(i int) error {
		if i%3 == 0 {
			_, err := h.UpdateViews(ctx, "alice", []string{"bob"}, func(theirs, _ *presence.View) error { theirs.User.Issued = -1; return errRule })
			return err
		}
		_, err := h.Update(ctx, "alice", func(u *presence.User) error {
			u.Issued++
			if i%3 == 1 {
				return errRule
			}
			return nil
		})
		return err
	})
	for i, err := range errs {
		h.equal(fmt.Sprint("error of ", i), err != nil, i%3 != 2)
	}
	h.equal("issued", h.user("alice").Issued, 51)
}

func ownResult(t *testing.T, h harness) {
	set := func(idle bool) *presence.User {
		got, err := h.Update(ctx, "alice", func(u *presence.User) error {
			if !u.Exists {
				u.Sessions = []presence.Session{{Node: "one"}}
				return makeUser(u)
			}
			u.Sessions[0].Idle = idle
			return nil
		})
		h.ok(err)
		return got
	}
	first := set(false)
	for range inParallel(50, func(int) error { set(true); return nil }) {
		h.equal("idle in the first result", first.Sessions[0].Idle, false)
	}
	first.CustomStatus, first.Sessions[0].Node = "mine", "mine"
	h.equal("node", h.user("alice").Sessions[0].Node, "one")
}
