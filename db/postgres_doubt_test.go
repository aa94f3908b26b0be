package db

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

// cutter is a proxy before Postgres that breaks connections off, once, where a
// text passes it.
type cutter struct {
	net.Listener
	socket string
	// asked and answered are where to cut: before the text reaches Postgres, or
	// before it gets back.
	asked, answered atomic.Pointer[[]byte]
	running         sync.WaitGroup
}

func newCutter(t *testing.T, address string) (c *cutter, through string) {
	t.Helper()
	target, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	c = &cutter{socket: filepath.Join(target.Query().Get("host"), ".s.PGSQL.5432")}
	if c.Listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	c.running.Go(c.accept)
	t.Cleanup(func() {
		c.Close()
		c.running.Wait()
	})
	return c, "postgres://postgres@" + c.Addr().String() + "/postgres?sslmode=disable&search_path=" + target.Query().Get("search_path")
}

func (c *cutter) accept() {
	for {
		client, err := c.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("unix", c.socket)
		if err != nil {
			client.Close()
			continue
		}
		c.running.Go(func() { pass(server, client, &c.asked) })
		c.running.Go(func() { pass(client, server, &c.answered) })
	}
}

// pass copies until either end closes, or the text comes by.
func pass(to, from net.Conn, at *atomic.Pointer[[]byte]) {
	defer to.Close()
	defer from.Close()
	for part := make([]byte, 64<<10); ; {
		n, err := from.Read(part)
		if text := at.Load(); text != nil && bytes.Contains(part[:n], *text) {
			at.Store(nil)
			return
		}
		if _, writeErr := to.Write(part[:n]); err != nil || writeErr != nil {
			return
		}
	}
}

var commitTag = []byte("COMMIT\x00")

func TestACommitThatBreaksOffIsKnownByItsNumber(t *testing.T) {
	t.Run("one that was done is a success", func(t *testing.T) {
		c, address := newCutter(t, newSchema(t))
		s := openShared(t, address, Options{})
		h := harness{t, s}
		for _, id := range []string{"alice", "bob", "alice"} {
			c.answered.Store(&commitTag)
			_, err := s.Update(ctx, id, setText("kept"))
			h.ok(err)
			if c.answered.Load() != nil {
				t.Fatal("nothing was cut")
			}
			h.equal(id, h.user(id).CustomStatus, "kept")
		}
	})
	t.Run("one that was not done is an error", func(t *testing.T) {
		c, address := newCutter(t, newSchema(t))
		s := openShared(t, address, Options{})
		h := harness{t, s}
		c.asked.Store(&commitTag) // it is prepared the first time, in these letters
		_, err := s.Update(ctx, "alice", setText("lost"))
		if err == nil || !errors.Is(err, io.ErrUnexpectedEOF) && !engineOf(s.write).hungUp(err) {
			t.Fatalf("the error is %v", err)
		}
		h.equal("alice", h.user("alice").Exists, false)
		h.make("alice")
	})
}
