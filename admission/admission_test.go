package admission

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// listening accepts connections and keeps them until the test ends.
func listening(t *testing.T, c *Control) (address string, accepted chan net.Conn) {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := c.Listen(inner)
	accepted = make(chan net.Conn, 100)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-ended
		close(accepted)
		for conn := range accepted {
			_ = conn.Close()
		}
	})
	return inner.Addr().String(), accepted
}

func dialFrom(t *testing.T, ip, address string) net.Conn {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}, Timeout: patience}
	conn, err := dialer.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func letIn(t *testing.T, accepted <-chan net.Conn) net.Conn {
	t.Helper()
	select {
	case conn := <-accepted:
		return conn
	case <-time.After(patience):
		t.Fatal("not let in")
		return nil
	}
}

// kept lets a connection in and keeps it until the test ends.
func kept(t *testing.T, accepted <-chan net.Conn) {
	t.Helper()
	conn := letIn(t, accepted)
	t.Cleanup(func() { _ = conn.Close() })
}

func refusedAt(t *testing.T, conn net.Conn) string {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	said, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(said)
}

func TestConnectionsPastAShareAreToldWhy(t *testing.T) {
	var log bytes.Buffer
	reasons := map[string]int{}
	c := newControl(t, Options{MaxConnections: 4, Refused: func(reason string) { reasons[reason]++ }, Log: slog.New(slog.NewJSONHandler(&log, nil))})
	address, accepted := listening(t, c)
	first := dialFrom(t, "127.0.0.1", address)
	one := letIn(t, accepted)
	dialFrom(t, "127.0.0.1", address)
	kept(t, accepted)
	for range 2 {
		if said := refusedAt(t, dialFrom(t, "127.0.0.1", address)); !strings.HasPrefix(said, "HTTP/1.1 503 ") || !strings.Contains(said, "too many connections are open from your address") {
			t.Errorf("the third was told %q", said)
		}
	}
	dialFrom(t, "127.0.0.2", address)
	kept(t, accepted)

	_ = first.Close()
	_ = one.Close()
	_ = one.Close() // counts once
	dialFrom(t, "127.0.0.1", address)
	kept(t, accepted)
	dialFrom(t, "127.0.0.3", address)
	kept(t, accepted)
	_ = refusedAt(t, dialFrom(t, "127.0.0.4", address))

	if reasons[RefusedAddress] != 2 || reasons[RefusedFull] != 1 {
		t.Errorf("reasons: %v", reasons)
	}
	var lines []map[string]any
	for decoder := json.NewDecoder(&log); decoder.More(); {
		var line map[string]any
		if err := decoder.Decode(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if len(lines) != 2 || lines[0]["address"] != "127.0.0.1" || lines[0]["connections_of_address"] != 2.0 || !strings.Contains(lines[0]["msg"].(string), "--trusted-proxy") {
		t.Errorf("the log has %v", lines)
	}
}

func TestWhatAProxyForwardsCountsForItsClients(t *testing.T) {
	proxy := netip.MustParsePrefix("127.0.0.9/32")
	c := newControl(t, Options{MaxConnections: 4, TrustedProxies: []netip.Prefix{proxy}})
	address, accepted := listening(t, c)
	for range 4 { // of which it may have all
		dialFrom(t, "127.0.0.9", address)
		kept(t, accepted)
	}
	admit := func(client string) (func(), error) {
		r := httptest.NewRequest("GET", "/graphql", nil)
		r.RemoteAddr = "127.0.0.9:1"
		r.Header.Set("X-Forwarded-For", client)
		_, done, err := c.Admit(r)
		return done, err
	}
	var ends []func()
	for _, client := range []string{"192.0.2.1", "192.0.2.1", "192.0.2.2"} {
		done, err := admit(client)
		if err != nil {
			t.Fatalf("%s: %v", client, err)
		}
		ends = append(ends, done)
	}
	if _, err := admit("192.0.2.1"); !errors.Is(err, ErrTooManyConnections) {
		t.Errorf("the third of one client: %v", err)
	}
	ends[0]()
	ends[0]() // counts once
	ends[2]()
	if _, err := admit("192.0.2.1"); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if held, used := c.forwarded.Held(alice); held != 2 || used != 2 {
		t.Errorf("%d of %d are held", held, used)
	}
}

func TestWhatIsKeptOutlivesItsRequest(t *testing.T) {
	c := newControl(t, Options{MaxConnections: 4, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.9/32")}})
	r := httptest.NewRequest("GET", "/graphql", nil)
	r.RemoteAddr = "127.0.0.9:1"
	r.Header.Set("X-Forwarded-For", alice.String())
	r, done, err := c.Admit(r)
	if err != nil {
		t.Fatal(err)
	}
	kept, release := Keep(r.Context())
	done()
	if held, _ := c.forwarded.Held(alice); held != 1 || ClientOf(kept) != alice {
		t.Errorf("after its request %d are held, of %v", held, ClientOf(kept))
	}
	release()
	if held, used := c.forwarded.Held(alice); held != 0 || used != 0 {
		t.Errorf("%d of %d are held at the end", held, used)
	}
	if ctx, release := Keep(context.Background()); ClientOf(ctx).IsValid() {
		t.Error("nobody's request has a client")
	} else {
		release()
	}
}

func TestMemoryIsReserved(t *testing.T) {
	c := newControl(t, Options{})
	r := httptest.NewRequest("GET", "/graphql", nil)
	r.RemoteAddr = alice.String() + ":1"
	r, _, _ = c.Admit(r)
	a, b := c.Reserve(r.Context()), c.Reserve(r.Context())
	if !a.Grow(DefaultMemory/2) || !a.Grow(1) || b.Grow(1) {
		t.Error("a client gets a half, and no more")
	}
	a.Free()
	a.Free()
	if !b.Grow(DefaultMemory / 2) {
		t.Error("what is free again goes")
	}
	b.Free()
	if len(c.memory.held) != 0 || c.memory.used != 0 {
		t.Errorf("left: %v, %d", c.memory.held, c.memory.used)
	}
}

func TestWithoutAControlAllGoes(t *testing.T) {
	var c *Control
	r := httptest.NewRequest("GET", "/", nil)
	_, done, err := c.Admit(r)
	read, readErr := c.Read(t.Context(), 1<<40)
	write, writeErr := c.Write(t.Context(), 1<<40)
	memory := c.Reserve(t.Context())
	if err != nil || readErr != nil || writeErr != nil || !memory.Grow(1<<40) {
		t.Error("refused", err, readErr, writeErr)
	}
	done()
	read()
	write()
	memory.Free()
}
