package broadcast

import (
	"slices"
	"testing"
	"time"

	"userstatus/presence"
)

// The part of the contract that is about statuses that aren't for everybody.

func narrowed(audience int, u *presence.Update) *presence.Update {
	u.Audience = audience
	return u
}

func hidden(audience int, u *presence.Update) *presence.Update {
	u.Audience, u.Hidden = audience, true
	return u
}

// listen gathers those of whom it isn't known whether they see bob.
func listen(b presence.Broadcaster) <-chan []string {
	unsure := make(chan []string, 100)
	b.Listen(func(n presence.Notice) {
		if n.Kind == presence.FaceChanged {
			unsure <- slices.Sorted(slices.Values(n.Others))
		}
	})
	return unsure
}

func wantUnsure(t *testing.T, unsure <-chan []string, viewers ...string) {
	t.Helper()
	select {
	case got := <-unsure:
		if !slices.Equal(got, viewers) {
			t.Fatalf("%q are to be looked at, not %q", got, viewers)
		}
	case <-time.After(patience):
		t.Fatalf("nobody says that %q are to be looked at", viewers)
	}
}

// bobHides has alice see bob since mark 2, and zoe not.
func bobHides(t *testing.T, b presence.Broadcaster) (alice, zoe *reader) {
	alice, zoe = follow(t, b, "alice", "bob"), follow(t, b, "zoe", "bob", "carol")
	b.Tell("alice", []*presence.Update{narrowed(2, at("bob", 1))}, presence.TellMissed)
	b.Tell("zoe", []*presence.Update{hidden(2, at("bob", 2))}, presence.TellNews)
	want(t, zoe.until("bob", 2), heard{"bob", 2})
	return alice, zoe
}

func testNarrowed(t *testing.T, b presence.Broadcaster) {
	alice, zoe := bobHides(t, b)
	b.Publish(narrowed(2, at("bob", 3)))
	b.Publish(narrowed(2, at("bob", 4)))
	b.Publish(at("carol", 1))
	want(t, zoe.until("carol", 1), heard{"carol", 1})
	b.Publish(at("bob", 5)) // for everybody
	alice.until("bob", 5)
	want(t, zoe.until("bob", 5), heard{"bob", 5})
}

func testNarrowedUnsure(t *testing.T, b presence.Broadcaster) {
	unsure := listen(b)
	alice := follow(t, b, "alice", "bob")
	b.Publish(narrowed(2, after(0, at("bob", 3))))
	wantUnsure(t, unsure, "alice")
	wantMark(t, b, "bob", 0) // she may have missed it
	b.Tell("alice", []*presence.Update{narrowed(2, at("bob", 3))}, presence.TellNews)
	want(t, alice.until("bob", 3), heard{"bob", 3})
	zoe := follow(t, b, "zoe", "bob")
	b.Publish(narrowed(2, at("bob", 4)))
	wantUnsure(t, unsure, "zoe")
	want(t, alice.until("bob", 4), heard{"bob", 4})
	b.Tell("zoe", []*presence.Update{narrowed(1, at("bob", 4))}, presence.TellNews) // read before
	zoe.until("bob", 4)
	b.Publish(narrowed(2, at("bob", 5)))
	wantUnsure(t, unsure, "zoe")
}

func testNarrowedCarry(t *testing.T, b presence.Broadcaster) {
	alice, _ := bobHides(t, b)
	unsure := listen(b)
	b.Announce(presence.Notice{Kind: presence.FaceChanged, UserID: "bob", Others: []string{"zoe"}, AudienceBefore: 2, Audience: 3})
	wantUnsure(t, unsure, "zoe") // the notice itself
	b.Publish(narrowed(3, at("bob", 4)))
	wantUnsure(t, unsure, "zoe")
	want(t, alice.until("bob", 4), heard{"bob", 4})
}

func testNarrowedGap(t *testing.T, b presence.Broadcaster) {
	bobHides(t, b)
	unsure := listen(b)
	b.Announce(presence.Notice{Kind: presence.FaceChanged, UserID: "bob", Others: []string{"zoe"}, AudienceBefore: 3, Audience: 4})
	wantUnsure(t, unsure, "zoe")
	b.Publish(narrowed(4, at("bob", 5)))
	wantUnsure(t, unsure, "alice", "zoe")
}
