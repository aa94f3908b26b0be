package broadcast

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"userstatus/presence"
)

func embed(t *testing.T, name, listen, key string, peers ...string) *Embedded {
	t.Helper()
	e, err := StartEmbedded(EmbeddedOptions{Listen: listen, Peers: peers, ClusterKey: key, NodeName: name, Log: nameless})
	must(t, err)
	t.Cleanup(e.Close)
	return e
}

// joinEmbedded closes the node before its server, as the tests' ends do.
func joinEmbedded(t *testing.T, name string, e *Embedded) *node {
	return join(t, name, NATSOptions{Server: e, Prefix: Prefix("key")})
}

// met is true once news from a node reach another.
func met(t *testing.T, from, to *node) {
	t.Helper()
	viewer := "viewer of " + from.options.NodeName
	r := follow(t, to, viewer, viewer)
	version := 0
	eventually(t, "the nodes meet", func() bool {
		version++
		from.Publish(at(viewer, version))
		return len(r.woken) > 0
	})
	r.Close()
}

func TestEmbeddedServersFindEachOther(t *testing.T) {
	t.Parallel()
	first := embed(t, "first", "127.0.0.1:0", "key")
	second := embed(t, "second", "127.0.0.1:0", "key", first.Address())
	third, err := StartEmbedded(EmbeddedOptions{Listen: "127.0.0.1:0", Peers: []string{first.Address()}, ClusterKey: "key", NodeName: "third", Log: nameless})
	must(t, err)
	a, b := joinEmbedded(t, "first", first), joinEmbedded(t, "second", second)
	c := joinEmbedded(t, "third", third)
	for _, pair := range [][2]*node{{a, b}, {b, a}, {a, c}, {c, a}, {b, c}, {c, b}} {
		met(t, pair[0], pair[1])
	}
	c.Announce(presence.Notice{Kind: presence.LoggedOut, UserID: "eve", Nodes: []string{"first", "second"}})
	a.awaitNotice(t, presence.LoggedOut)
	b.awaitNotice(t, presence.LoggedOut)

	address := third.Address()
	c.Close()
	third.Close()
	met(t, a, b)
	eventually(t, "the others notice", func() bool { return len(first.routes()) < 2*len(second.routes()) })
	for len(a.heard) > 0 {
		<-a.heard
	}
	again := embed(t, "third", address, "key", first.Address())
	d := joinEmbedded(t, "third", again)
	a.awaitNotice(t, presence.NewsMissed)
	met(t, d, b)
	met(t, b, d)
}

func TestAnEmbeddedServerGoesOnWithoutPeers(t *testing.T) {
	t.Parallel()
	reserved, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	address := reserved.Addr().String()
	must(t, reserved.Close())
	a := joinEmbedded(t, "first", embed(t, "first", "127.0.0.1:0", "key", address))
	r := follow(t, a, "alice", "bob")
	a.Publish(at("bob", 1))
	r.until("bob", 1)
	b := joinEmbedded(t, "second", embed(t, "second", address, "key"))
	met(t, b, a)
	a.awaitNotice(t, presence.NewsMissed)
}

func TestAPeerThatIsNotThereYetIsNoError(t *testing.T) {
	t.Parallel()
	reserved, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	address := reserved.Addr().String()
	must(t, reserved.Close())
	heard := make(levels, 100)
	e, err := StartEmbedded(EmbeddedOptions{Listen: "127.0.0.1:0", Peers: []string{address}, ClusterKey: "key", NodeName: "first", Log: slog.New(heard)})
	must(t, err)
	defer e.Close()
	select {
	case first := <-heard:
		if !strings.HasPrefix(first.Message, "nats: Error trying to connect to route") || first.Level != slog.LevelWarn {
			t.Errorf("%v %s", first.Level, first.Message)
		}
	case <-time.After(10 * time.Second):
		t.Error("nothing is said of a peer that isn't there")
	}
}

// levels hands over what is logged, as far as there is room.
type levels chan slog.Record

func (levels) Enabled(context.Context, slog.Level) bool { return true }
func (l levels) WithAttrs([]slog.Attr) slog.Handler     { return l }
func (l levels) WithGroup(string) slog.Handler          { return l }
func (l levels) Handle(_ context.Context, r slog.Record) error {
	select {
	case l <- r:
	default:
	}
	return nil
}

func TestAStrangerIsNotLetIn(t *testing.T) {
	t.Parallel()
	first := embed(t, "first", "127.0.0.1:0", "key")
	stranger := embed(t, "stranger", "127.0.0.1:0", "another key", first.Address())
	friend := embed(t, "friend", "127.0.0.1:0", "key", first.Address())
	a, b := joinEmbedded(t, "first", first), joinEmbedded(t, "friend", friend)
	joinEmbedded(t, "stranger", stranger)
	met(t, a, b) // by now the stranger has tried as well
	if got := len(stranger.routes()); got != 0 {
		t.Fatalf("the stranger has %d routes", got)
	}
}

func TestEmbeddedSetUpsThatCannotWork(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = taken.Close() }()
	for listen, says := range map[string]string{
		taken.Addr().String(): "address already in use",
		"nowhere":             "missing port in address",
		"127.0.0.1:99999":     "invalid port",
	} {
		_, err := StartEmbedded(EmbeddedOptions{Listen: listen, ClusterKey: "key", NodeName: "node", Log: nameless})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", listen, err)
		}
	}
	for _, peer := range []string{"host", ":1", "host:0", "host:name", "nats://host:1"} {
		_, err := StartEmbedded(EmbeddedOptions{Listen: "127.0.0.1:0", Peers: []string{peer}, ClusterKey: "key", NodeName: "node", Log: nameless})
		if err == nil || !strings.Contains(err.Error(), "is not of the form HOST:PORT") {
			t.Errorf("%s: %v", peer, err)
		}
	}
}
