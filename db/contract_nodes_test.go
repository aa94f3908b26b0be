package db

import (
	"testing"
	"time"

	"userstatus/presence"
)

func enter(h harness, id, name string, beatAt time.Time) (bearer string) {
	h.t.Helper()
	bearer, err := h.Enter(ctx, presence.Node{ID: id, Name: name, BeatAt: beatAt})
	h.ok(err)
	return bearer
}

// yes holds a call that tells whether it did anything against what it should tell.
func yes(h harness, what string, want bool) func(bool, error) {
	return func(got bool, err error) {
		h.t.Helper()
		h.ok(err)
		h.equal(what, got, want)
	}
}

func allNodes(h harness, want ...presence.Node) {
	h.t.Helper()
	got, err := h.Nodes(ctx)
	h.ok(err)
	h.equal("nodes", got, want)
}

func connectAll(h harness, nodes ...string) {
	h.t.Helper()
	_, err := h.UpdateAll(ctx, []string{"bob", "alice"}, func(u *presence.User) error {
		u.Sessions = nil
		for _, n := range nodes {
			u.Sessions = append(u.Sessions, presence.Session{Node: n})
		}
		return makeUser(u)
	})
	h.ok(err)
}

func nodes(t *testing.T, h harness) {
	allNodes(h)
	h.equal("the bearer", enter(h, "one/1", "one", noon), "")
	h.equal("the bearer", enter(h, "two/1", "two", noon), "")
	yes(h, "one beats", true)(h.Beat(ctx, "one/1", later, presence.Figures{}))
	yes(h, "one that has not entered beats", false)(h.Beat(ctx, "four/1", later, presence.Figures{}))
	connectAll(h, "two/1", "a/b/3", "three")
	one, two := presence.Node{ID: "one/1", Name: "one", BeatAt: later}, presence.Node{ID: "two/1", Name: "two", BeatAt: noon}
	loose := []presence.Node{{ID: "a/b/3", Name: "a/b", Gone: true}, {ID: "three", Name: "three", Gone: true}}
	allNodes(h, loose[0], one, loose[1], two)
	h.list("on three", "alice", "bob")(h.SessionsOf(ctx, "three", 10))
	h.list("on three, at most one", "alice")(h.SessionsOf(ctx, "three", 1))
	h.list("on one")(h.SessionsOf(ctx, "one/1", 10))
	h.ok(h.Forget(ctx, "one/1"))
	h.ok(h.Forget(ctx, "two/1"))
	h.ok(h.Forget(ctx, "three"))
	allNodes(h, loose[0], loose[1], two)
	connectAll(h)
	h.ok(h.Forget(ctx, "two/1"))
	allNodes(h)
}

func namesakes(t *testing.T, h harness) {
	enter(h, "one/1", "one", noon)
	h.equal("the bearer", enter(h, "one/2", "one", later), "one/1")
	allNodes(h, presence.Node{ID: "one/1", Name: "one", BeatAt: noon})
	yes(h, "the second beats", false)(h.Beat(ctx, "one/2", later, presence.Figures{}))
	yes(h, "the first is buried", true)(h.Bury(ctx, "one/1", noon))
	h.equal("the bearer", enter(h, "one/2", "one", later), "")
	allNodes(h, presence.Node{ID: "one/1", Name: "one", BeatAt: noon, Gone: true}, presence.Node{ID: "one/2", Name: "one", BeatAt: later})
}

func burial(t *testing.T, h harness) {
	enter(h, "one/1", "one", noon)
	yes(h, "one beats", true)(h.Beat(ctx, "one/1", later, presence.Figures{}))
	yes(h, "buried for an older beat", false)(h.Bury(ctx, "one/1", noon))
	yes(h, "one beats on", true)(h.Beat(ctx, "one/1", later, presence.Figures{}))
	yes(h, "buried", true)(h.Bury(ctx, "one/1", later))
	yes(h, "buried again", true)(h.Bury(ctx, "one/1", noon))
	yes(h, "a gone one beats", false)(h.Beat(ctx, "one/1", later.Add(time.Second), presence.Figures{}))
	yes(h, "an unknown one is buried", false)(h.Bury(ctx, "two/1", noon))
	allNodes(h, presence.Node{ID: "one/1", Name: "one", BeatAt: later, Gone: true})
}

func marks(t *testing.T, h harness) {
	make := func(id string, issued, logout int) {
		_, err := h.Update(ctx, id, func(u *presence.User) error {
			u.LogoutVersion = logout
			err := makeUser(u)
			u.Issued = issued
			return err
		})
		h.ok(err)
	}
	make("alice", 7, 5)
	make("bob", 3, 0)
	_, err := h.Remove(ctx, []string{"bob"}, func(u *presence.User) { u.Issued = 9 })
	h.ok(err)
	got, err := h.Marks(ctx, []string{"alice", "bob", "nobody"})
	h.ok(err)
	h.equal("marks", got, map[string]presence.Mark{"alice": {Exists: true, Issued: 7, LogoutVersion: 5}, "bob": {Issued: 9}})
}

func touch(t *testing.T, h harness) {
	h.make("alice", "bob")
	mark := h.user("alice").Issued
	moves := func(what string, want bool, err error) {
		h.t.Helper()
		h.ok(err)
		now := h.user("alice")
		h.equal(what+" moves the mark", now.Issued > mark, want)
		h.equal("version", now.Version, h.user("bob").Version)
		mark = now.Issued
	}
	subscribe := func(ids ...string) error {
		_, _, err := h.Subscribe(ctx, "alice", ids, 0)
		return err
	}
	moves("a new subscription", true, subscribe("bob"))
	moves("one that is there", false, subscribe("bob"))
	moves("one to nobody", false, subscribe("nobody"))
	moves("cancelling nothing", false, h.Unsubscribe(ctx, "alice", []string{"nobody"}))
	moves("cancelling one", true, h.Unsubscribe(ctx, "alice", []string{"bob"}))
	moves("cancelling all of none", false, h.Unsubscribe(ctx, "alice", nil))
	h.equal("who is followed", h.user("bob").Issued, h.user("bob").Version)
}

func clusterKeys(t *testing.T, h harness) {
	first, err := h.ClusterKey(ctx)
	h.ok(err)
	again, err := h.ClusterKey(ctx)
	h.ok(err)
	h.equal("the key", again, first)
	h.equal("its length", len(first) >= 26, true)
}
