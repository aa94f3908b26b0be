package broadcast

import (
	"testing"

	"userstatus/presence"
)

// The part of the contract that is about snapshots, and about what one viewer
// alone is told.

func testSnapshot(t *testing.T, b presence.Broadcaster) {
	r := open(t, b, "alice", true)
	end := follow(t, b, "zoe", "carol")
	b.Watch("alice", []string{"alice", "bob", "carol", "dave"})
	b.Publish(at("dave", 1))
	b.Publish(at("carol", 1))
	end.until("carol", 1)
	r.Start([]*presence.Update{at("alice", 1), at("carol", 1), at("bob", 1)})
	r.awaitWake()
	want(t, heardOf(r.Take(nil)), heard{"alice", 1}, heard{"carol", 1}, heard{"bob", 1}, heard{"dave", 1})
}

func testSnapshotUnwatched(t *testing.T, b presence.Broadcaster) {
	r := open(t, b, "alice", true)
	b.Watch("alice", []string{"bob", "carol"})
	b.Watch("alice", []string{"carol"})
	r.Start([]*presence.Update{at("bob", 1), at("carol", 1), at("dave", 1)})
	r.awaitWake()
	want(t, heardOf(r.Take(nil)), heard{"carol", 1})
}

func testSnapshotMerge(t *testing.T, b presence.Broadcaster) {
	r := open(t, b, "alice", true)
	end := follow(t, b, "zoe", "carol")
	b.Watch("alice", []string{"bob", "carol"})
	b.Publish(at("bob", 5))
	b.Publish(at("carol", 2))
	end.until("carol", 2)
	r.Start([]*presence.Update{at("carol", 4), at("bob", 3)})
	b.Publish(at("carol", 3))
	b.Publish(at("carol", 4))
	end.until("carol", 4)
	r.awaitWake()
	want(t, heardOf(r.Take(nil)), heard{"carol", 4}, heard{"bob", 5})
}

func testSnapshotKnown(t *testing.T, b presence.Broadcaster) {
	old := follow(t, b, "alice", "bob", "carol")
	b.Publish(at("bob", 2))
	old.until("bob", 2)
	r := open(t, b, "alice", true)
	r.Start([]*presence.Update{at("bob", 2)})
	want(t, r.until("bob", 2), heard{"bob", 2})
	b.Publish(at("carol", 1))
	want(t, old.until("carol", 1), heard{"carol", 1})
}

func testSnapshotOthers(t *testing.T, b presence.Broadcaster) {
	old := follow(t, b, "alice", "bob")
	b.Publish(at("bob", 1))
	old.until("bob", 1)
	r := open(t, b, "alice", true)
	r.Start([]*presence.Update{at("bob", 3)})
	b.Publish(at("bob", 2))
	b.Publish(at("bob", 3))
	want(t, r.until("bob", 3), heard{"bob", 3})
	want(t, old.until("bob", 3), heard{"bob", 3})
}

func testTell(t *testing.T, b presence.Broadcaster) {
	plain, snapshot := follow(t, b, "alice", "bob"), open(t, b, "alice", true)
	snapshot.Start(nil)
	other := follow(t, b, "zoe", "bob", "carol")
	b.Tell("alice", []*presence.Update{at("carol", 1), at("bob", 1)}, presence.TellNews)
	want(t, plain.until("bob", 1), heard{"bob", 1})
	want(t, snapshot.until("bob", 1), heard{"bob", 1})
	b.Publish(at("carol", 1))
	want(t, other.until("carol", 1), heard{"carol", 1})
}

func testTellBegin(t *testing.T, b presence.Broadcaster) {
	plain, snapshot := follow(t, b, "alice", "bob", "carol"), open(t, b, "alice", true)
	snapshot.Start(nil)
	b.Tell("alice", []*presence.Update{at("bob", 2)}, presence.TellAgain)
	want(t, snapshot.until("bob", 2), heard{"bob", 2})
	b.Publish(at("bob", 1))
	b.Publish(at("carol", 1))
	want(t, plain.until("carol", 1), heard{"carol", 1})
	want(t, snapshot.until("carol", 1), heard{"carol", 1})
	b.Publish(at("bob", 2)) // committed after they began to watch, and late
	want(t, plain.until("bob", 2), heard{"bob", 2})
	b.Publish(at("carol", 2))
	want(t, snapshot.until("carol", 2), heard{"carol", 2})
	want(t, plain.until("carol", 2), heard{"carol", 2})
}

func testTellKnown(t *testing.T, b presence.Broadcaster) {
	plain, snapshot := follow(t, b, "alice", "bob", "carol"), open(t, b, "alice", true)
	snapshot.Start(nil)
	b.Publish(at("bob", 1))
	plain.until("bob", 1)
	snapshot.until("bob", 1)
	b.Tell("alice", []*presence.Update{at("bob", 1)}, presence.TellAgain)
	want(t, snapshot.until("bob", 1), heard{"bob", 1})
	b.Tell("alice", []*presence.Update{at("bob", 1)}, presence.TellNews)
	b.Publish(at("carol", 1))
	want(t, plain.until("carol", 1), heard{"carol", 1})
	want(t, snapshot.until("carol", 1), heard{"carol", 1})
}

func testTellOlder(t *testing.T, b presence.Broadcaster) {
	r := open(t, b, "alice", true)
	b.Watch("alice", []string{"bob", "carol"})
	r.Start(nil)
	b.Publish(at("bob", 2))
	r.until("bob", 2)
	b.Tell("alice", []*presence.Update{at("bob", 1)}, presence.TellAgain)
	b.Publish(at("carol", 1))
	want(t, r.until("carol", 1), heard{"carol", 1})
}

func testTellMissed(t *testing.T, b presence.Broadcaster) {
	plain, snapshot := follow(t, b, "alice", "bob", "carol"), open(t, b, "alice", true)
	snapshot.Start(nil)
	b.Publish(at("bob", 2))
	plain.until("bob", 2)
	snapshot.until("bob", 2)
	for _, version := range []int{1, 2} {
		b.Tell("alice", []*presence.Update{at("bob", version)}, presence.TellMissed)
	}
	b.Publish(at("carol", 1))
	want(t, plain.until("carol", 1), heard{"carol", 1})
	want(t, snapshot.until("carol", 1), heard{"carol", 1})
	b.Tell("alice", []*presence.Update{at("bob", 3)}, presence.TellMissed)
	want(t, plain.until("bob", 3), heard{"bob", 3})
	want(t, snapshot.until("bob", 3), heard{"bob", 3})
}

func testTellMissedBegin(t *testing.T, b presence.Broadcaster) {
	plain, snapshot := follow(t, b, "alice", "bob", "carol", "dave"), open(t, b, "alice", true)
	snapshot.Start(nil)
	b.Tell("alice", []*presence.Update{at("dave", 2)}, presence.TellAgain)
	snapshot.until("dave", 2)
	for range 2 {
		b.Tell("alice", []*presence.Update{at("bob", 2), at("dave", 2)}, presence.TellMissed)
	}
	b.Publish(at("bob", 1))
	b.Publish(at("carol", 1))
	want(t, plain.until("carol", 1), heard{"carol", 1})
	want(t, snapshot.until("carol", 1), heard{"carol", 1})
	b.Publish(at("bob", 2)) // committed after they began to watch, and late
	want(t, plain.until("bob", 2), heard{"bob", 2})
	b.Tell("alice", []*presence.Update{at("dave", 3)}, presence.TellMissed)
	want(t, plain.until("dave", 3), heard{"dave", 3})
}

func testLateFinal(t *testing.T, b presence.Broadcaster) {
	r := follow(t, b, "alice", "bob")
	b.Publish(at("bob", 3))
	want(t, r.until("bob", 3), heard{"bob", 3})
	b.Publish(&presence.Update{Status: presence.UserStatus{UserID: "bob", Version: 2}, Final: true})
	b.Publish(at("bob", 4))
	want(t, r.until("bob", 4), heard{"bob", 4})
}
