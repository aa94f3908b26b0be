package broadcast

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"testing"
	"time"

	"userstatus/broadcast/natstest"
	"userstatus/presence"
)

// startServer starts a NATS server that ends with the test.
func startServer(t testing.TB, options natstest.Options) *natstest.Server {
	t.Helper()
	s, err := natstest.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var nameless = slog.New(slog.DiscardHandler)

// node is a NATS broadcaster with what its listener has heard.
type node struct {
	*NATS
	heard chan presence.Notice
}

// join connects a node of that name, which ends with the test.
func join(t testing.TB, name string, options NATSOptions) *node {
	t.Helper()
	if options.Prefix == "" {
		options.Prefix = Prefix(t.Name())
	}
	options.NodeName, options.Log = name, nameless
	b, err := ConnectNATS(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	n := &node{b, make(chan presence.Notice, 1_000)}
	n.Listen(func(notice presence.Notice) { n.heard <- notice })
	t.Cleanup(b.Close)
	return n
}

// nodes connects that many to one server.
func nodes(t testing.TB, server *natstest.Server, count int) (all []*node) {
	for i := range count {
		all = append(all, join(t, fmt.Sprint("node", i), NATSOptions{URL: server.URL()}))
	}
	return all
}

// awaitNotice returns once the node hears such a notice, and passes others over.
func (n *node) awaitNotice(t testing.TB, kind presence.NoticeKind) presence.Notice {
	t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case notice := <-n.heard:
			if notice.Kind == kind {
				return notice
			}
		case <-timeout:
			t.Fatalf("%s did not come", kind)
		}
	}
}

// eventually asks until it holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// quick fails where a call takes longer than Watch may.
func quick(t testing.TB, what string, call func()) {
	t.Helper()
	begun := time.Now()
	call()
	if took := time.Since(begun); took > 2*watchPatience {
		t.Fatalf("%s took %s", what, took)
	}
}

func TestNATSOfOneNode(t *testing.T) {
	server := startServer(t, natstest.Options{})
	testBroadcaster(t, func(t *testing.T) presence.Broadcaster { return join(t, "node", NATSOptions{URL: server.URL()}) })
}

// TestNodes holds broadcasters of several nodes to what the port promises.
func TestNodes(t *testing.T) {
	server := startServer(t, natstest.Options{})
	for name, test := range map[string]func(*testing.T, []*node){
		"a watcher is told on every node":                        testNodesTold,
		"a node hears only of whom it watches":                   testNodesInterest,
		"versions never fall, whichever node they are from":      testNodesOrder,
		"a burst ends on the newest":                             testNodesBurst,
		"the last status of a user ends the watching":            testNodesFinal,
		"what is published after Watch is never missed":          testNodesWatch,
		"notices reach whom they concern":                        testNodesNotices,
		"updates carry what they are of":                         testNodesContent,
		"a narrowed status reaches those who see on other nodes": testNodesNarrowed,
		"marks follow the bus":                                   testNodesMarks,
		"the last words of a node that ends go out":              testNodesLastWords,
	} {
		t.Run(name, func(t *testing.T) { test(t, nodes(t, server, 3)) })
	}
}

func testNodesTold(t *testing.T, all []*node) {
	var readers []*reader
	for i, n := range all {
		readers = append(readers, follow(t, n, fmt.Sprint("viewer", i), "bob", "Zoë Ω.*>"))
	}
	all[0].Publish(at("bob", 1))
	all[1].Publish(at("Zoë Ω.*>", 2))
	for _, r := range readers {
		got := map[heard]bool{}
		for len(got) < 2 {
			r.awaitWake()
			for _, h := range heardOf(r.Take(nil)) {
				got[h] = true
			}
		}
	}
}

func testNodesInterest(t *testing.T, all []*node) {
	r := follow(t, all[0], "alice", "bob")
	other := follow(t, all[1], "zoe", "carol")
	for version := range 100 {
		all[2].Publish(at("carol", version+1))
		all[2].Publish(at("nobody", version+1))
	}
	all[2].Publish(at("bob", 1))
	want(t, r.until("bob", 1), heard{"bob", 1})
	other.until("carol", 100)
	if got := all[0].Traffic(); got.Received != 1 || got.Subscriptions != 1 {
		t.Fatalf("a node that watches one user has %+v", got)
	}
	r.Close()
	eventually(t, "nobody is listened to", func() bool { return all[0].Traffic().Subscriptions == 0 })
	if sent := all[0].Traffic().Sent; sent != 0 {
		t.Fatalf("%d messages were sent for nothing", sent)
	}
}

func testNodesOrder(t *testing.T, all []*node) {
	r := follow(t, all[0], "alice", "bob")
	const versions = 3_000
	for i, n := range all {
		go func() {
			for version := versions; version > 0; version-- { // the worst of orders
				if version%len(all) == i {
					n.Publish(at("bob", version))
				}
			}
		}()
	}
	last := 0
	for last < versions {
		r.awaitWake()
		for _, h := range heardOf(r.Take(nil)) {
			if h.version <= last {
				t.Fatalf("version %d came after %d", h.version, last)
			}
			last = h.version
		}
	}
}

func testNodesBurst(t *testing.T, all []*node) {
	r := follow(t, all[0], "alice", "bob", "carol")
	const versions = 50_000
	for version := 1; version <= versions; version++ {
		all[1].Publish(at("bob", version))
	}
	r.until("bob", versions)
	if sent := all[1].Traffic().Sent; sent > versions {
		t.Fatalf("%d messages for %d updates", sent, versions)
	}
}

func testNodesFinal(t *testing.T, all []*node) {
	r := follow(t, all[0], "alice", "bob")
	all[1].Publish(final("bob", 3))
	want(t, r.until("bob", 3), heard{"bob", 3})
	eventually(t, "nobody watches", func() bool { return len(all[0].Watchers("bob")) == 0 })
	all[0].Watch("alice", []string{"bob"})
	all[1].Publish(at("bob", 4))
	want(t, r.until("bob", 4), heard{"bob", 4})
}

func testNodesWatch(t *testing.T, all []*node) {
	r := follow(t, all[0], "alice")
	for round := range 300 {
		user := fmt.Sprint("user", round)
		all[0].Watch("alice", []string{user})
		all[1+round%2].Publish(at(user, 1))
		r.until(user, 1)
	}
}

func testNodesNotices(t *testing.T, all []*node) {
	follow(t, all[1], "bob", "bob")
	watched := presence.Notice{Kind: presence.FaceChanged, UserID: "bob", Others: []string{}, After: 7}
	all[0].Announce(watched)
	if got := all[1].awaitNotice(t, presence.FaceChanged); fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", watched) {
		t.Fatalf("heard %#v", got)
	}
	all[0].Announce(presence.Notice{Kind: presence.WatchListChanged, UserID: "bob"})
	if got := all[1].awaitNotice(t, presence.WatchListChanged); got.UserID != "bob" || got.Others != nil {
		t.Fatalf("heard %#v", got)
	}
	all[0].Announce(presence.Notice{Kind: presence.LoggedOut, UserID: "eve", Nodes: []string{"node0", "node2"}})
	if got := all[2].awaitNotice(t, presence.LoggedOut); got.UserID != "eve" || got.Nodes != nil {
		t.Fatalf("heard %#v", got)
	}
	all[0].Announce(presence.Notice{Kind: presence.NewsMissed})
	all[0].Announce(presence.Notice{Kind: presence.NodeLives, UserID: "node0/1"})
	for _, n := range all {
		if got := n.awaitNotice(t, presence.NodeLives); got.UserID != "node0/1" {
			t.Fatalf("heard %#v", got)
		}
	}
	all[0].Announce(presence.Notice{Kind: presence.SettingsChanged})
	for _, n := range all {
		n.awaitNotice(t, presence.SettingsChanged)
	}
	must(t, all[0].conn.Load().Flush())
	if got := len(all[0].inbox) + int(all[0].Traffic().Received); got != 0 {
		t.Fatalf("%d of a node's own messages came back", got)
	}
	for i, n := range all[1:] {
		if len(n.heard) != 0 {
			t.Fatalf("node %d heard %#v, too", i+1, <-n.heard)
		}
	}
	if got := all[2].Traffic().Received; got != 3 {
		t.Fatalf("a node whom three notices concern received %d messages", got)
	}
}

func testNodesContent(t *testing.T, all []*node) {
	r := follow(t, all[0], "alice", "bob")
	moment := time.Date(2026, 11, 24, 12, 0, 0, int(7*time.Millisecond), time.UTC)
	sent := after(8, presence.NewUpdate(presence.UserStatus{
		UserID: "bob", StatusType: presence.Online, CustomStatus: "\"ä\u2028<", CustomStatusExpiresAt: &moment,
		LastOnlineAt: &moment, Platforms: []string{"ios", "web"}, Availability: presence.Busy, Version: 9,
	}))
	all[1].Publish(sent)
	r.awaitWake()
	got := r.Take(nil)[0]
	if fmt.Sprintf("%+v", flat(got)) != fmt.Sprintf("%+v", flat(sent)) || got.Status.LastOnlineAt.Location() != time.UTC {
		t.Fatalf("heard %+v, not %+v", flat(got), flat(sent))
	}
}

// flat is an update without pointers.
func flat(u *presence.Update) []any {
	s := u.Status
	return []any{s.UserID, s.StatusType, s.CustomStatus, *s.CustomStatusExpiresAt, *s.LastOnlineAt, s.Platforms, s.Availability, s.Version, u.Final, u.After, u.Audience}
}

func testNodesNarrowed(t *testing.T, all []*node) {
	alice, zoe := follow(t, all[0], "alice", "bob"), follow(t, all[0], "zoe", "bob", "carol")
	all[0].Tell("alice", []*presence.Update{narrowed(2, at("bob", 1))}, presence.TellMissed)
	all[0].Tell("zoe", []*presence.Update{hidden(2, at("bob", 2))}, presence.TellMissed)
	all[1].Publish(narrowed(2, at("bob", 3)))
	want(t, alice.until("bob", 3), heard{"bob", 3})

	all[1].Announce(presence.Notice{Kind: presence.FaceChanged, UserID: "bob", Others: []string{"zoe"}, After: 3, AudienceBefore: 2, Audience: 4})
	wantNotice(t, all[0], presence.Notice{Kind: presence.FaceChanged, UserID: "bob", Others: []string{"zoe"}, After: 3, AudienceBefore: 2, Audience: 4})
	all[1].Publish(narrowed(4, after(4, at("bob", 5))))
	want(t, alice.until("bob", 5), heard{"bob", 5})
	wantNotice(t, all[0], presence.Notice{Kind: presence.FaceChanged, UserID: "bob", Others: []string{"zoe"}, After: 4, AudienceBefore: 4, Audience: 4})
	all[1].Publish(at("carol", 1))
	want(t, zoe.until("carol", 1), heard{"carol", 1})
}

func wantNotice(t *testing.T, n *node, expected presence.Notice) {
	t.Helper()
	if got := n.awaitNotice(t, expected.Kind); !reflect.DeepEqual(got, expected) {
		t.Fatalf("heard %+v, not %+v", got, expected)
	}
}

func testNodesMarks(t *testing.T, all []*node) {
	r := follow(t, all[0], "alice", "bob", "carol")
	all[1].Publish(after(0, at("bob", 3)))
	r.until("bob", 3)
	wantMark(t, all[0], "bob", 3)
	all[1].Publish(after(5, at("bob", 6)))
	r.until("bob", 6)
	wantMark(t, all[0], "bob", 3)
}

func testNodesLastWords(t *testing.T, all []*node) {
	r := follow(t, all[0], "alice", "bob")
	for version := 1; version <= 1_000; version++ {
		all[1].Publish(at("bob", version))
	}
	all[1].Close()
	all[1].Close()
	r.until("bob", 1_000)
}
