package graph_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"userstatus/presence"
)

// wrongs is how sockets end that nobody ends as they should.
var wrongs = map[string]func(c *rude){
	"no connection_init":                func(c *rude) { c.upgrade() },
	"connection_init twice":             func(c *rude) { c.upgrade(hello(c.user), hello(c.user)).drain() },
	"a payload that is a number":        func(c *rude) { c.upgrade(`{"type":"connection_init","payload":5}`).listen() },
	"a payload that is a number, alone": func(c *rude) { c.upgrade(`{"type":"connection_init","payload":5}`) },
	"a bad token":                       func(c *rude) { c.upgrade(hello("bad")).drain() },
	"a bad token, alone":                func(c *rude) { c.upgrade(hello("bad")) },
	"a token that can't be checked":     func(c *rude) { c.upgrade(hello("broken")).listen() },
	"no JSON":                           func(c *rude) { c.upgrade(hello(c.user), `{`).listen() },
	"half a frame":                      func(c *rude) { c.upgrade().write("\x81\xfe\x01\x00\x00\x00\x00\x00{") },
	"half a message":                    func(c *rude) { c.upgrade(hello(c.user)).write(string(masked(0x01, `{"type`))) },
	"a frame without a mask":            func(c *rude) { c.upgrade(hello(c.user)).write("\x81\x02{}").drain() },
	"a reserved opcode, unheard":        func(c *rude) { c.upgrade().write("\x83\x80\x00\x00\x00\x00") },
	"a frame of 4 GiB":                  func(c *rude) { c.upgrade().write("\x81\xff\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00").listen() },
	"a close alone":                     func(c *rude) { c.upgrade(hello(c.user)).write("\x88\x80\x00\x00\x00\x00").listen() },
	"no close":                          func(c *rude) { c.upgrade(hello(c.user), ask("1", watchAll)) },
	"no close, and a reset":             func(c *rude) { c.upgrade(hello(c.user), ask("1", watchAll)).reset() },
	"subscriptions under way":           func(c *rude) { c.upgrade(hello(c.user), ask("1", watchAll), ask("2", setText("x")), ask("3", watch)) },
	"an unknown subprotocol":            func(c *rude) { c.shake("mqtt").drain() },
	"no subprotocol":                    func(c *rude) { c.shake("") },
	"half a handshake":                  func(c *rude) { c.write("GET /graphql HTTP/1.1\r\nUpgrade: webso") },
	"half a handshake, and a reset":     func(c *rude) { c.write("GET /graphql HTTP/1.1\r\nUpgrade: webso").reset() },
	"a whole handshake, and a reset":    func(c *rude) { c.ask(modern).reset() },
	"a key that is wrong":               func(c *rude) { c.key = "short"; c.shake(modern) },
	"data before the handshake is done": func(c *rude) { c.ask(modern).write(strings.Repeat("x", 64)).listen() },
	"the legacy subprotocol":            func(c *rude) { c.shake(legacy).say(hello(c.user), begin("1", watchAll)) },
}

// rude is a client that does as it likes.
type rude struct {
	net.Conn
	user, key, host string
	// waited is true once the server was waited for in vain.
	waited bool
}

// ask asks for a socket, and does not wait for the answer.
func (c *rude) ask(protocol string) *rude {
	return c.write(fmt.Sprintf("GET /graphql HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\nSec-WebSocket-Protocol: %s\r\n\r\n", c.host, c.key, protocol))
}

// shake reads the answer up to its end.
func (c *rude) shake(protocol string) *rude {
	c.ask(protocol)
	for head := ""; !strings.HasSuffix(head, "\r\n\r\n"); {
		one := make([]byte, 1)
		if _, err := c.Read(one); err != nil {
			break
		}
		head += string(one)
	}
	return c
}

func (c *rude) upgrade(messages ...string) *rude { return c.shake(modern).say(messages...) }

func (c *rude) say(messages ...string) *rude {
	for _, m := range messages {
		head := binary.BigEndian.AppendUint16([]byte{0x81, 0xfe}, uint16(len(m)))
		c.write(string(append(head, 0, 0, 0, 0)) + m)
	}
	return c
}

// write does not mind that the server may be gone.
func (c *rude) write(text string) *rude {
	_, _ = c.Write([]byte(text))
	return c
}

// listen reads until it is told of a close, or there is nothing more.
func (c *rude) listen() *rude {
	some := make([]byte, 512)
	for {
		n, err := c.Read(some)
		if err != nil || bytes.IndexByte(some[:n], 0x88) >= 0 {
			c.waited = errors.Is(err, os.ErrDeadlineExceeded)
			return c
		}
	}
}

// drain reads until the server closes.
func (c *rude) drain() *rude {
	_, err := io.Copy(io.Discard, c.Conn)
	c.waited = errors.Is(err, os.ErrDeadlineExceeded)
	return c
}

func (c *rude) reset() *rude {
	_ = c.Conn.(*net.TCPConn).SetLinger(0)
	return c
}

// TestSocketsLeaveNothingBehind opens and closes sockets in every wrong way.
func TestSocketsLeaveNothingBehind(t *testing.T) {
	s := start(t, func(s *settings) { s.PingInterval = time.Minute })
	total := 5000
	if testing.Short() && os.Getenv("CI") == "" {
		total = 500
	}
	before := footprint()
	s.misuse(t, total)
	before.awaited(t)
	t.Run("of which the collector would have to find something", func(t *testing.T) {
		defer debug.SetGCPercent(debug.SetGCPercent(-1)) // it closes forgotten sockets
		before := footprint()                            // with this test's own goroutine
		s.misuse(t, 10*len(wrongs))
		before.awaited(t)
	})
	t.Run("and the server still serves", func(t *testing.T) {
		s.socket(t, "alice").answer("1", `{self{status{userID}}}`)
	})
}

// misuse opens sockets in all the wrong ways in turn, up to 200 at a time.
func (s *server) misuse(t *testing.T, total int) {
	address, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	names := slices.Sorted(maps.Keys(wrongs))
	turns := make(chan struct{}, 200)
	var all sync.WaitGroup
	for i := range total {
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			name := names[i%len(names)]
			conn, err := net.Dial("tcp", address.Host)
			if err != nil {
				t.Error(name, err)
				return
			}
			defer func() { _ = conn.Close() }()
			_ = conn.SetDeadline(time.Now().Add(patience))
			c := &rude{Conn: conn, user: fmt.Sprint("user", i%20), key: "dGhlIHNhbXBsZSBub25jZQ==", host: address.Host}
			wrongs[name](c)
			if c.waited {
				t.Error(name, "is not ended by the server")
			}
		})
	}
	all.Wait()
}

// print is what a process holds: goroutines and sockets. Files of the database
// are left out, since their number changes as it is read.
type print struct{ goroutines, sockets int }

func footprint() print {
	http.DefaultClient.CloseIdleConnections()
	sockets := 0
	open, _ := filepath.Glob("/proc/self/fd/*")
	for _, fd := range open {
		if to, err := os.Readlink(fd); err == nil && strings.HasPrefix(to, "socket:") {
			sockets++
		}
	}
	return print{goroutines(), sockets}
}

var dump = make([]byte, 16<<20)

// goroutines is how many there are, but for the few that wait for any socket's
// next operation.
func goroutines() int {
	stacks := dump[:runtime.Stack(dump, true)]
	return bytes.Count(stacks, []byte("\n\n")) + 1 - bytes.Count(stacks, []byte("transport.(*workers).await("))
}

// awaited waits until the process holds no more than it did.
func (p print) awaited(t *testing.T) {
	t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for end := time.Now().Add(2 * patience); ; <-again.C {
		now := footprint()
		if now.goroutines <= p.goroutines && now.sockets <= p.sockets {
			return
		}
		if time.Now().After(end) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("there are %+v, there were %+v\n%s", now, p, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

func TestAnIdleSocketCostsOneGoroutine(t *testing.T) {
	s := start(t)
	s.socket(t, "alice")
	const sockets = 100
	before := footprint()
	for i := range sockets {
		s.socket(t, fmt.Sprint("user", i))
	}
	print{before.goroutines + sockets, before.sockets + 2*sockets}.awaited(t)
}

// TestASocketThatCanNotBeLetInLeavesNothing is about those that have a good
// token, and then something is in the way.
func TestASocketThatCanNotBeLetInLeavesNothing(t *testing.T) {
	s := start(t, func(s *settings) { s.presence.MaxConnectionsPerUser = 1 })
	s.socket(t, "alice")
	before := footprint()
	for range 50 {
		c := s.dial(t, modern)
		c.send(hello("alice"))
		c.closed(4429, "")
		_ = c.Close()
	}
	before.awaited(t)
	_ = s.store.Close()
	for range 50 {
		c := s.dial(t, modern)
		c.send(hello("bob"))
		c.closed(websocket.CloseTryAgainLater, "")
		_ = c.Close()
	}
	before.awaited(t)
}

// TestWhoLeavesWhileBeingLetInIsNoGhost has clients go right behind their
// connection_init, when some are on their way to the disk already.
func TestWhoLeavesWhileBeingLetInIsNoGhost(t *testing.T) {
	s := start(t)
	before := footprint()
	const users = 300
	for i := range users {
		c := s.dial(t, modern)
		c.send(hello(fmt.Sprint("user", i)))
		_ = c.Close()
	}
	before.awaited(t) // nobody is being let in any more
	for i := range users {
		for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
			u, err := s.store.User(t.Context(), fmt.Sprint("user", i))
			if err != nil {
				t.Fatal(err)
			}
			if u.StatusType != presence.Online {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("%s is ONLINE for ever", u.ID)
			}
		}
	}
}
