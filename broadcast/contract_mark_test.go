package broadcast

import (
	"fmt"
	"maps"
	"testing"

	"userstatus/presence"
)

// The part of the contract that is about what is known to be known.

// allWatched is all parts of Watched.
func allWatched(b presence.Broadcaster) map[string]int {
	all := map[string]int{}
	for part := range presence.Parts {
		maps.Copy(all, b.Watched(part))
	}
	return all
}

func wantMark(t *testing.T, b presence.Broadcaster, userID string, mark int) {
	t.Helper()
	if got, watched := allWatched(b)[userID]; !watched || got != mark {
		t.Fatalf("the mark of %s is %d (%t), not %d", userID, got, watched, mark)
	}
}

func after(mark int, u *presence.Update) *presence.Update {
	u.After = mark
	return u
}

func testWatched(t *testing.T, b presence.Broadcaster) {
	expected, ids := map[string]int{}, make([]string, 1_000)
	for i := range ids {
		ids[i] = fmt.Sprint("user", i)
		expected[ids[i]] = 0
	}
	r := follow(t, b, "alice", ids...)
	if got := allWatched(b); !maps.Equal(got, expected) {
		t.Fatalf("%d are watched, not %d", len(got), len(expected))
	}
	b.Checked("nobody", 1)
	r.Close()
	if got := allWatched(b); len(got) != 0 {
		t.Fatalf("%d are watched by nobody", len(got))
	}
}

func testMarkPublished(t *testing.T, b presence.Broadcaster) {
	follow(t, b, "alice", "bob")
	follow(t, b, "zoe", "bob")
	b.Publish(after(0, at("bob", 3)))
	wantMark(t, b, "bob", 3)
	b.Publish(after(4, at("bob", 5))) // 4 was something else, of which nobody has heard
	wantMark(t, b, "bob", 3)
	b.Publish(after(5, at("bob", 6)))
	wantMark(t, b, "bob", 3)
	b.Checked("bob", 7)
	wantMark(t, b, "bob", 7)
	b.Checked("bob", 6)
	b.Publish(after(6, at("bob", 8)))
	wantMark(t, b, "bob", 8)
	b.Publish(final("bob", 9))
	if _, watched := allWatched(b)["bob"]; watched {
		t.Fatal("bob is watched after his last word")
	}
}

func testMarkOnly(t *testing.T, b presence.Broadcaster) {
	r := open(t, b, "alice", true)
	b.Watch("alice", []string{"bob", "carol", "dave"})
	r.Start([]*presence.Update{at("bob", 3)})
	wantMark(t, b, "bob", 3)
	b.Tell("alice", []*presence.Update{at("carol", 4)}, presence.TellAgain)
	wantMark(t, b, "carol", 4)
	b.Tell("alice", []*presence.Update{at("dave", 5)}, presence.TellMissed)
	wantMark(t, b, "dave", 5)
	b.Publish(after(6, at("dave", 7)))
	b.Tell("alice", []*presence.Update{at("dave", 5)}, presence.TellMissed)
	wantMark(t, b, "dave", 5)
}

func testMarkOthers(t *testing.T, b presence.Broadcaster) {
	follow(t, b, "zoe", "bob")
	r := open(t, b, "alice", true)
	b.Watch("alice", []string{"bob"})
	r.Start([]*presence.Update{at("bob", 3)})
	for _, how := range []presence.Telling{presence.TellAgain, presence.TellMissed, presence.TellNews} {
		b.Tell("alice", []*presence.Update{at("bob", 4+int(how))}, how)
	}
	wantMark(t, b, "bob", 0)
}

func testMarkChecked(t *testing.T, b presence.Broadcaster) {
	plain, snapshot := follow(t, b, "alice", "bob"), open(t, b, "alice", true)
	snapshot.Start([]*presence.Update{at("bob", 2)})
	b.Checked("bob", 5)
	b.Publish(at("bob", 2)) // committed after the plain stream began, and late
	want(t, plain.until("bob", 2), heard{"bob", 2})
}
