package broadcast

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"userstatus/broadcast/natstest"
	"userstatus/presence"
)

func TestAServerThatIsStartedAgain(t *testing.T) {
	t.Parallel()
	server := startServer(t, natstest.Options{})
	all := nodes(t, server, 2)
	r := follow(t, all[0], "alice", "bob", "carol")
	for round := 1; round <= 2; round++ {
		must(t, server.Kill())
		for _, n := range all {
			eventually(t, "the loss is noticed", func() bool { return !n.Traffic().Connected })
		}
		quick(t, "Watch", func() { all[0].Watch("alice", []string{"bob", "carol", fmt.Sprint("dave", round)}) })
		quick(t, "Publish", func() { all[1].Publish(at("bob", round)) })
		quick(t, "Announce", func() { all[1].Announce(presence.Notice{Kind: presence.SettingsChanged}) })
		must(t, server.StartAgain())
		for _, n := range all {
			n.awaitNotice(t, presence.NewsMissed)
		}
		all[1].Publish(at("carol", round))
		r.until("carol", round)
		all[1].Publish(at(fmt.Sprint("dave", round), 1))
		r.until(fmt.Sprint("dave", round), 1)
	}
}

func TestAServerThatStandsStill(t *testing.T) {
	t.Parallel()
	server := startServer(t, natstest.Options{})
	all := nodes(t, server, 2)
	r := follow(t, all[0], "alice", "bob")
	must(t, server.Halt())
	text := strings.Repeat("x", 1_000)
	for i := range 20_000 { // more than the sockets hold: the writer hangs
		u := at(fmt.Sprint("user", i), 1)
		u.Status.CustomStatus = text
		quick(t, "Publish", func() { all[1].Publish(u) })
	}
	quick(t, "Watch", func() { all[0].Watch("alice", []string{"bob", "carol"}) })
	quick(t, "Announce", func() { all[1].Announce(presence.Notice{Kind: presence.FaceChanged, UserID: "bob"}) })
	begun := time.Now()
	for _, n := range all {
		eventually(t, "the silence is noticed", func() bool { return !n.Traffic().Connected })
	}
	if took := time.Since(begun); took > 8*time.Second {
		t.Fatalf("it took %s to notice", took)
	}
	must(t, server.Resume())
	for _, n := range all {
		n.awaitNotice(t, presence.NewsMissed)
	}
	all[1].Publish(at("carol", 1))
	r.until("carol", 1)
}

func TestClosingWhileTheServerStandsStill(t *testing.T) {
	t.Parallel()
	server := startServer(t, natstest.Options{})
	n := nodes(t, server, 1)[0]
	must(t, server.Halt())
	n.Publish(at("bob", 1))
	begun := time.Now()
	n.Close()
	if took := time.Since(begun); took > lastWords+time.Second {
		t.Fatalf("Close took %s", took)
	}
}

// What a write that failed has lost, nobody knows: the library would go on.
func TestAConnectionThatCannotBeWrittenTo(t *testing.T) {
	t.Parallel()
	ended, end := context.WithCancel(context.Background())
	defer end()
	ours, theirs := net.Pipe()
	defer func() { _ = theirs.Close() }()
	conn := (&dialer{ended: ended}).guard(ours)
	must(t, conn.SetWriteDeadline(time.Unix(1, 0)))
	if _, err := conn.Write([]byte("SUB")); err == nil {
		t.Fatal("the deadline did not hold")
	}
	if _, err := theirs.Read(make([]byte, 1)); err == nil {
		t.Fatal("the connection goes on")
	}
}

// The library gives a connection up for good at errors that it doesn't know.
func TestAConnectionThatIsGivenUp(t *testing.T) {
	t.Parallel()
	all := nodes(t, startServer(t, natstest.Options{}), 2)
	r := follow(t, all[0], "alice", "bob")
	all[0].conn.Load().Close()
	all[0].awaitNotice(t, presence.NewsMissed)
	all[1].Publish(at("bob", 1))
	r.until("bob", 1)
	all[1].Announce(presence.Notice{Kind: presence.LoggedOut, UserID: "eve", Nodes: []string{"node0"}})
	all[0].awaitNotice(t, presence.LoggedOut)
}

func TestMoreNewsThanAreKept(t *testing.T) {
	t.Parallel()
	server := startServer(t, natstest.Options{})
	n := nodes(t, server, 1)[0]
	must(t, server.Kill())
	eventually(t, "the loss is noticed", func() bool { return !n.Traffic().Connected })
	for i := range maxLetters + 10 {
		n.Publish(at(fmt.Sprint("user", i), 1))
	}
	if got := n.Traffic().Dropped; got < 10 || got > 10+sendAtOnce {
		t.Fatalf("%d were dropped", got)
	}
	must(t, server.StartAgain())
	eventually(t, "all that was kept is sent", func() bool { return n.Traffic().Sent >= maxLetters-sendAtOnce })
}

func TestMessagesThatMeanNothing(t *testing.T) {
	t.Parallel()
	all := nodes(t, startServer(t, natstest.Options{}), 2)
	r := follow(t, all[0], "alice", "bob")
	for _, text := range []string{"", "{", "null", "[]", `{"kind":"weather"}`, `{"kind":"status"}`, `{"kind":"final","status":{"UserID":"bob"}}`,
		`{"kind":"status","status":{"UserID":"bob","Version":4294967296}}`, `{"kind":"news-missed"}`} {
		must(t, all[1].conn.Load().Publish(all[0].subjects.user("bob"), []byte(text)))
	}
	newer := `{"kind":"status","status":{"UserID":"bob","Version":1,"Mood":"new"},"more":[1]}`
	must(t, all[1].conn.Load().Publish(all[0].subjects.user("bob"), []byte(newer)))
	want(t, r.until("bob", 1), heard{"bob", 1})
	if len(all[0].heard) != 0 {
		t.Fatalf("heard %v", <-all[0].heard)
	}
}

func TestTwoInstallationsOnOneServer(t *testing.T) {
	t.Parallel()
	server := startServer(t, natstest.Options{})
	one := join(t, "node", NATSOptions{URL: server.URL(), Prefix: Prefix("one")})
	other := join(t, "node2", NATSOptions{URL: server.URL(), Prefix: Prefix("other")})
	peer := join(t, "node3", NATSOptions{URL: server.URL(), Prefix: Prefix("one")})
	r := follow(t, one, "alice", "bob")
	other.Publish(at("bob", 9))
	other.Announce(presence.Notice{Kind: presence.SettingsChanged})
	must(t, other.conn.Load().Flush())
	peer.Publish(at("bob", 1))
	want(t, r.until("bob", 1), heard{"bob", 1})
	if got := one.Traffic().Received; got != 1 {
		t.Fatalf("%d messages came", got)
	}
}

func TestWhatCannotConnect(t *testing.T) {
	t.Parallel()
	server := startServer(t, natstest.Options{User: "app", Password: "right"})
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { must(t, silent.Close()) })
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "empty"), nil, 0o600))
	url := "nats://" + server.Address()
	for name, test := range map[string]struct {
		options NATSOptions
		says    string
	}{
		"a wrong password":       {NATSOptions{URL: "nats://app:s3cret@" + server.Address()}, url + ": authorization violation"},
		"no password":            {NATSOptions{URL: url}, url + ": authorization violation"},
		"nobody there":           {NATSOptions{URL: "nats://app:s3cret@127.0.0.1:1"}, "nats://127.0.0.1:1: dial tcp 127.0.0.1:1: connect: connection refused"},
		"no answer":              {NATSOptions{URL: "nats://s3cret@" + silent.Addr().String()}, "no answer within 5s"},
		"no address":             {NATSOptions{URL: "nats://a,nats://app:s3/cret@b:4222"}, "address 2 is not of the form nats://host:port"},
		"another scheme":         {NATSOptions{URL: "http://a"}, "address 1 is not of the form nats://host:port"},
		"no file of credentials": {NATSOptions{URL: url, Credentials: filepath.Join(dir, "none")}, "nats credentials: open "},
		"an empty CA":            {NATSOptions{URL: url, CA: filepath.Join(dir, "empty")}, "nats CA: "},
		"a key alone":            {NATSOptions{URL: url, Key: filepath.Join(dir, "empty")}, "nats certificate: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.options.NodeName, test.options.Log, test.options.Prefix = "node", nameless, "test"
			_, err := ConnectNATS(context.Background(), test.options)
			if err == nil || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(test.says)) || strings.Contains(err.Error(), "cret") || strings.Contains(err.Error(), "\n") {
				t.Fatalf("%v", err)
			}
		})
	}
}

func TestAUserWhoMayTooLittle(t *testing.T) {
	t.Parallel()
	server := startServer(t, natstest.Options{Config: `authorization { users: [{user: app, password: s3cret, permissions: {subscribe: "other.>"}}] }`})
	_, err := ConnectNATS(context.Background(), NATSOptions{URL: "nats://app:s3cret@" + server.Address(), Prefix: "test", NodeName: "node", Log: nameless})
	if err == nil || !strings.Contains(err.Error(), "ermissions") || strings.Contains(err.Error(), "s3cret") {
		t.Fatalf("%v", err)
	}
}

func TestConnectingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = silent.Close() }()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		conn, _ := silent.Accept()
		cancel()
		_ = conn.Close()
	}()
	_, err = ConnectNATS(ctx, NATSOptions{URL: "nats://" + silent.Addr().String(), Prefix: "test", NodeName: "node", Log: nameless})
	if err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Fatalf("%v", err)
	}
}

// Operators are told once of each loss, by level and in words.
func TestWhatOperatorsAreTold(t *testing.T) {
	t.Parallel()
	server := startServer(t, natstest.Options{User: "app", Password: "s3cret"})
	var log safeBuffer
	n, err := ConnectNATS(context.Background(), NATSOptions{URL: server.URL(), Prefix: "test", NodeName: "node", Log: slog.New(slog.NewTextHandler(&log, nil))})
	must(t, err)
	defer n.Close()
	must(t, server.Kill())
	eventually(t, "the loss is logged", func() bool { return strings.Contains(log.String(), "the bus is lost") })
	must(t, server.StartAgain())
	eventually(t, "the return is logged", func() bool { return strings.Contains(log.String(), "the bus is back") })
	if text := log.String(); strings.Count(text, "level=WARN") != 1 || strings.Contains(text, "s3cret") || !strings.Contains(text, server.Address()) {
		t.Fatal(text)
	}
}

// safeBuffer may be read while it is written.
type safeBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
