package broadcast

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"userstatus/presence"
)

func TestChannel(t *testing.T) {
	testBroadcaster(t, func(t *testing.T) presence.Broadcaster { return openChannel(t) })
}

// testBroadcaster holds a broadcaster of one node to what the port promises.
func testBroadcaster(t *testing.T, start func(*testing.T) presence.Broadcaster) {
	for name, test := range map[string]func(*testing.T, presence.Broadcaster){
		"a watcher is told":                                                                              testTold,
		"who does not watch is not told":                                                                 testNotTold,
		"a stream is silent until Start":                                                                 testSilence,
		"a lagging stream holds the newest of each user":                                                 testConflation,
		"updates come in the order of first news":                                                        testOrder,
		"versions never fall, in whatever order they come":                                               testNoFall,
		"versions never fall when a user is watched anew":                                                testNoFallAnew,
		"old news does not reach who comes later":                                                        testOldNews,
		"Watch returns those who are new":                                                                testAdded,
		"what waits about the unwatched is gone after Watch":                                             testPurge,
		"a viewer without streams watches nobody":                                                        testNobody,
		"a change of watching holds on all streams":                                                      testAllStreams,
		"Viewers and Watchers follow the streams":                                                        testLists,
		"the last status of a user outlives the watching":                                                testFinal,
		"a last status that comes late ends nothing":                                                     testLateFinal,
		"a snapshot comes first and in its order":                                                        testSnapshot,
		"a snapshot leaves out who is not watched":                                                       testSnapshotUnwatched,
		"a snapshot and what was told meanwhile are one":                                                 testSnapshotMerge,
		"a snapshot of what others know is told":                                                         testSnapshotKnown,
		"a newer snapshot is told to other streams too":                                                  testSnapshotOthers,
		"Tell tells the watcher alone":                                                                   testTell,
		"Tell of what one begins at is news to no stream without snapshot, unless it is published later": testTellBegin,
		"Tell again of what is known repeats it to snapshots only":                                       testTellKnown,
		"Tell of what is older tells nobody":                                                             testTellOlder,
		"Tell of what was missed tells what is newer":                                                    testTellMissed,
		"Tell of what was missed is no news to who has not begun":                                        testTellMissedBegin,
		"Watched is everybody watched, in its parts":                                                     testWatched,
		"a mark is what was published without a gap":                                                     testMarkPublished,
		"a mark claims what an only viewer was told":                                                     testMarkOnly,
		"a mark claims nothing that another viewer was not offered":                                      testMarkOthers,
		"a mark that was checked keeps no late update from anybody":                                      testMarkChecked,
		"a narrowed status reaches those who see, and nobody who doesn't":                                testNarrowed,
		"the listener hears of those whose sight isn't known":                                            testNarrowedUnsure,
		"a change of audience for some leaves the others known":                                          testNarrowedCarry,
		"a change of audience that nobody heard of leaves nobody known":                                  testNarrowedGap,
		"a closed stream is empty":                                                                       testClosed,
		"wake may read and close the stream":                                                             testWakeReenters,
		"the listener hears before Announce returns":                                                     testAnnounce,
	} {
		t.Run(name, func(t *testing.T) { test(t, start(t)) })
	}
}

func want(t *testing.T, got []heard, expected ...heard) {
	t.Helper()
	if !slices.Equal(got, expected) {
		t.Fatalf("heard %v, not %v", got, expected)
	}
}

func wantIDs(t *testing.T, got []string, expected ...string) {
	t.Helper()
	got = slices.Sorted(slices.Values(got))
	if !slices.Equal(got, expected) {
		t.Fatalf("got %q, not %q", got, expected)
	}
}

func testTold(t *testing.T, b presence.Broadcaster) {
	r := follow(t, b, "alice", "bob")
	b.Publish(at("bob", 1))
	want(t, r.until("bob", 1), heard{"bob", 1})
	if got := r.Take(nil); len(got) != 0 {
		t.Fatalf("took %v again", heardOf(got))
	}
}

func testNotTold(t *testing.T, b presence.Broadcaster) {
	r := follow(t, b, "alice", "bob")
	follow(t, b, "dave", "carol")
	b.Publish(at("carol", 1))
	b.Publish(at("alice", 1))
	b.Publish(at("bob", 1))
	want(t, r.until("bob", 1), heard{"bob", 1})
}

func testSilence(t *testing.T, b presence.Broadcaster) {
	r := open(t, b, "alice", false)
	ready := follow(t, b, "alice", "bob")
	b.Publish(at("bob", 1))
	ready.until("bob", 1)
	if got := r.Take(nil); len(got) != 0 || len(r.woken) != 0 {
		t.Fatalf("told %v before Start", heardOf(got))
	}
	r.Start(nil)
	want(t, r.until("bob", 1), heard{"bob", 1})
}

func testConflation(t *testing.T, b presence.Broadcaster) {
	ids := make([]string, 10)
	for i := range ids {
		ids[i] = fmt.Sprint("user", i)
	}
	stalled := follow(t, b, "alice", ids...)
	end := follow(t, b, "zoe", "user9")
	const each = 10_000
	for version := 1; version <= each; version++ {
		for _, id := range ids {
			b.Publish(at(id, version))
		}
	}
	end.until("user9", each)
	got := heardOf(stalled.Take(nil))
	if len(got) != len(ids) {
		t.Fatalf("%d updates waited for %d users", len(got), len(ids))
	}
	for i, h := range got {
		if h != (heard{ids[i], each}) {
			t.Fatalf("the last word is %v, not version %d", h, each)
		}
	}
}

func testOrder(t *testing.T, b presence.Broadcaster) {
	r := open(t, b, "alice", false)
	ids := make([]string, 100)
	for i := range ids {
		ids[i] = fmt.Sprint("user", i)
	}
	b.Watch("alice", ids)
	end := follow(t, b, "zoe", "user0")
	var expected []heard
	for _, version := range []int{1, 2} {
		expected = nil
		for _, id := range slices.Backward(ids) {
			b.Publish(at(id, version))
			expected = append(expected, heard{id, version})
		}
	}
	end.until("user0", 2)
	r.Start(nil)
	r.awaitWake()
	want(t, heardOf(r.Take(nil)), expected...)
}

func testNoFall(t *testing.T, b presence.Broadcaster) {
	r := follow(t, b, "alice", "bob", "carol")
	b.Publish(at("bob", 5))
	r.until("bob", 5)
	b.Publish(at("bob", 4))
	b.Publish(at("bob", 5))
	b.Tell("alice", []*presence.Update{at("bob", 3)}, presence.TellAgain)
	b.Publish(at("carol", 2))
	b.Publish(at("carol", 1))
	want(t, r.until("carol", 2), heard{"carol", 2})
	b.Publish(at("bob", 6))
	want(t, r.until("bob", 6), heard{"bob", 6})
}

func testNoFallAnew(t *testing.T, b presence.Broadcaster) {
	r := follow(t, b, "alice", "bob", "carol")
	b.Publish(at("bob", 5))
	r.until("bob", 5)
	b.Watch("alice", []string{"carol"})
	b.Watch("alice", []string{"carol", "bob"})
	b.Publish(at("bob", 4))
	b.Tell("alice", []*presence.Update{at("bob", 3)}, presence.TellAgain)
	b.Publish(at("carol", 1))
	want(t, r.until("carol", 1), heard{"carol", 1})

	b.Publish(final("bob", 7))
	r.until("bob", 7)
	b.Watch("alice", []string{"carol", "bob"})
	b.Publish(at("bob", 6))
	b.Publish(at("carol", 2))
	want(t, r.until("carol", 2), heard{"carol", 2})
}

func testOldNews(t *testing.T, b presence.Broadcaster) {
	first := follow(t, b, "alice", "bob")
	b.Publish(at("bob", 5))
	first.until("bob", 5)
	later := follow(t, b, "zoe", "bob", "carol")
	b.Publish(at("bob", 4))
	b.Publish(at("carol", 1))
	want(t, later.until("carol", 1), heard{"carol", 1})
	b.Publish(at("bob", 6))
	want(t, later.until("bob", 6), heard{"bob", 6})
}

func testAdded(t *testing.T, b presence.Broadcaster) {
	follow(t, b, "alice", "bob")
	got := b.Watch("alice", []string{"dave", "bob", "carol", "dave"})
	if !slices.Equal(got, []string{"dave", "carol"}) {
		t.Fatalf("%q are new", got)
	}
	if got := b.Watch("alice", []string{"dave"}); len(got) != 0 {
		t.Fatalf("%q are new", got)
	}
	wantIDs(t, b.Watchers("bob"))
	wantIDs(t, b.Watchers("dave"), "alice")
}

func testPurge(t *testing.T, b presence.Broadcaster) {
	silent, r := open(t, b, "alice", false), follow(t, b, "alice", "bob", "carol")
	end := follow(t, b, "zoe", "carol")
	b.Publish(at("bob", 1))
	b.Publish(at("carol", 1))
	end.until("carol", 1)
	b.Watch("alice", []string{"carol"})
	b.Publish(at("bob", 2))
	want(t, heardOf(r.Take(nil)), heard{"carol", 1})
	silent.Start(nil)
	want(t, silent.until("carol", 1), heard{"carol", 1})
}

func testNobody(t *testing.T, b presence.Broadcaster) {
	if got := b.Watch("alice", []string{"bob"}); len(got) != 0 {
		t.Fatalf("%q are watched by nobody", got)
	}
	b.Tell("alice", []*presence.Update{at("bob", 1)}, presence.TellAgain)
	wantIDs(t, b.Watchers("bob"))
	r := follow(t, b, "alice", "bob")
	r.Close()
	wantIDs(t, b.Watchers("bob"))
	next := open(t, b, "alice", false)
	next.Start([]*presence.Update{at("bob", 1)})
	b.Watch("alice", []string{"carol"})
	b.Publish(at("carol", 1))
	want(t, next.until("carol", 1), heard{"carol", 1})
}

func testAllStreams(t *testing.T, b presence.Broadcaster) {
	first := follow(t, b, "alice")
	second := follow(t, b, "alice", "bob")
	b.Publish(at("bob", 1))
	want(t, first.until("bob", 1), heard{"bob", 1})
	want(t, second.until("bob", 1), heard{"bob", 1})
	first.Close()
	b.Publish(at("bob", 2))
	want(t, second.until("bob", 2), heard{"bob", 2})
}

func testLists(t *testing.T, b presence.Broadcaster) {
	first, second := follow(t, b, "alice", "carol"), follow(t, b, "alice", "carol")
	other := follow(t, b, "bob", "carol", "alice")
	wantIDs(t, b.Viewers(), "alice", "bob")
	wantIDs(t, b.Watchers("carol"), "alice", "bob")
	wantIDs(t, b.Watchers("alice"), "bob")
	first.Close()
	first.Close()
	wantIDs(t, b.Watchers("carol"), "alice", "bob")
	second.Close()
	wantIDs(t, b.Viewers(), "bob")
	wantIDs(t, b.Watchers("carol"), "bob")
	other.Close()
	wantIDs(t, b.Viewers())
	wantIDs(t, b.Watchers("carol"))
}

func testFinal(t *testing.T, b presence.Broadcaster) {
	r := follow(t, b, "alice", "bob", "carol")
	end := follow(t, b, "zoe", "bob")
	b.Publish(final("bob", 3))
	end.until("bob", 3)
	wantIDs(t, b.Watchers("bob"))
	b.Watch("alice", []string{"carol"})
	want(t, r.until("bob", 3), heard{"bob", 3})

	if got := b.Watch("alice", []string{"carol", "bob"}); !reflect.DeepEqual(got, []string{"bob"}) {
		t.Fatalf("%q are new", got)
	}
	wantIDs(t, b.Watchers("bob"), "alice")
	b.Publish(at("bob", 4))
	want(t, r.until("bob", 4), heard{"bob", 4})
}

func testClosed(t *testing.T, b presence.Broadcaster) {
	r, end := follow(t, b, "alice", "bob"), follow(t, b, "alice", "bob")
	b.Publish(at("bob", 1))
	end.until("bob", 1)
	r.Close()
	b.Publish(at("bob", 2))
	end.until("bob", 2)
	r.Start([]*presence.Update{at("bob", 3)})
	if got := r.Take(nil); len(got) != 0 {
		t.Fatalf("took %v from a closed stream", heardOf(got))
	}
}

func testWakeReenters(t *testing.T, b presence.Broadcaster) {
	took := make(chan []heard, 2)
	var s presence.Stream
	s = b.Open("alice", false, func() {
		took <- heardOf(s.Take(nil))
		s.Close()
	})
	b.Watch("alice", []string{"bob"})
	s.Start(nil)
	b.Publish(at("bob", 1))
	want(t, <-took, heard{"bob", 1})
	s.Close()
	wantIDs(t, b.Viewers())
}

func testAnnounce(t *testing.T, b presence.Broadcaster) {
	var got []presence.Notice
	b.Announce(presence.Notice{Kind: presence.SettingsChanged})
	b.Listen(func(n presence.Notice) { got = append(got, n) })
	sent := presence.Notice{Kind: presence.FaceChanged, UserID: "bob", Others: []string{"alice"}}
	b.Announce(sent)
	if len(got) != 1 || !reflect.DeepEqual(got[0], sent) {
		t.Fatalf("heard %v", got)
	}
}
