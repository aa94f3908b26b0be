package graph_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

const (
	modern = "graphql-transport-ws"
	legacy = "graphql-ws"
	ack    = `{"type":"connection_ack"}`
	// patience is how long a test waits for what must come.
	patience = 30 * time.Second
)

// hello is how a user signs in.
func hello(user string) string {
	return `{"type":"connection_init","payload":{"authorization":"Bearer ` + user + `"}}`
}

// ask is the message that starts an operation.
func ask(id, query string) string { return asking("subscribe", id, query, nil) }

func asking(start, id, query string, variables map[string]any) string {
	text, err := json.Marshal(map[string]any{"id": id, "type": start, "payload": map[string]any{"query": query, "variables": variables}})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// client is the other end of a socket.
type client struct {
	*websocket.Conn
	t testing.TB
}

// dial opens a socket; nobody is signed in yet.
func (s *server) dial(t testing.TB, protocols ...string) *client {
	t.Helper()
	return s.dialBy(t, &websocket.Dialer{Subprotocols: protocols})
}

func (s *server) dialBy(t testing.TB, dialer *websocket.Dialer) *client {
	t.Helper()
	dialer.HandshakeTimeout = patience
	conn, _, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(s.url, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &client{conn, t}
}

// socket is an acknowledged one.
func (s *server) socket(t *testing.T, user string) *client {
	t.Helper()
	c := s.dial(t, modern)
	c.send(hello(user))
	c.expect(ack)
	return c
}

// cramped is a socket of which hardly anything fits into the client's buffers.
func (s *server) cramped(t *testing.T, user string) *client {
	t.Helper()
	c := s.dialBy(t, &websocket.Dialer{Subprotocols: []string{modern}, ReadBufferSize: 512, NetDial: func(network, addr string) (net.Conn, error) {
		conn, err := net.Dial(network, addr)
		if err == nil {
			err = conn.(*net.TCPConn).SetReadBuffer(16 << 10)
		}
		return conn, err
	}})
	c.send(hello(user))
	c.expect(ack)
	return c
}

func (c *client) send(messages ...string) {
	c.t.Helper()
	for _, m := range messages {
		if err := c.WriteMessage(websocket.TextMessage, []byte(m)); err != nil {
			c.t.Fatal(err)
		}
	}
}

// read is the next message, or why the socket closed.
func (c *client) read() (string, error) {
	_ = c.SetReadDeadline(time.Now().Add(patience))
	_, text, err := c.ReadMessage()
	return string(text), err
}

func (c *client) next() string {
	c.t.Helper()
	text, err := c.read()
	if err != nil {
		c.t.Fatal(err)
	}
	return text
}

func (c *client) expect(messages ...string) {
	c.t.Helper()
	for _, want := range messages {
		if got := c.next(); got != want {
			c.t.Fatalf("got %s, want %s", got, want)
		}
	}
}

// expectPart is expect for messages of which only a part matters.
func (c *client) expectPart(parts ...string) {
	c.t.Helper()
	for _, want := range parts {
		if got := c.next(); !strings.Contains(got, want) {
			c.t.Fatalf("got %s, want something with %s", got, want)
		}
	}
}

// until reads up to a message with these words, and returns all it read.
func (c *client) until(words string) (read []string) {
	c.t.Helper()
	for {
		text, err := c.read()
		if err != nil {
			c.t.Fatalf("%v before %s", err, words)
		}
		if read = append(read, text); strings.Contains(text, words) {
			return read
		}
	}
}

// untilClosed reads all there is, and checks why there is no more.
func (c *client) untilClosed(code int, words string) (read []string) {
	c.t.Helper()
	for {
		text, err := c.read()
		if err == nil {
			read = append(read, text)
			continue
		}
		var closed *websocket.CloseError
		if !errors.As(err, &closed) || closed.Code != code || !strings.Contains(closed.Text, words) {
			c.t.Fatalf("ended by %v, want %d with %q", err, code, words)
		}
		return read
	}
}

// closed is untilClosed where nothing is to come before.
func (c *client) closed(code int, words string) {
	c.t.Helper()
	if read := c.untilClosed(code, words); len(read) > 0 {
		c.t.Fatalf("got %q before the close", read)
	}
}

// quiet checks that nothing is on its way: the next that comes is an answer to
// what is sent now.
func (c *client) quiet() {
	c.t.Helper()
	c.send(`{"type":"ping","payload":{"quiet":true}}`)
	c.expect(`{"type":"pong","payload":{"quiet":true}}`)
}

// answer asks for something and waits for all of the answer.
func (c *client) answer(id, query string) string {
	c.t.Helper()
	c.send(ask(id, query))
	read := c.until(`{"id":"` + id + `","type":"complete"}`)
	i := slices.IndexFunc(read, func(m string) bool { return strings.HasPrefix(m, `{"id":"`+id+`","type":"next"`) })
	if i < 0 {
		c.t.Fatalf("%s was answered with %q", query, read)
	}
	return read[i]
}

func setText(text string) string {
	return fmt.Sprintf(`mutation{setSelfStatus(customStatus:%q){customStatus}}`, text)
}

func subscribeTo(user string) string {
	return fmt.Sprintf(`mutation{subscribeUserStatus(userIDList:[%q]){failureUserList{code}}}`, user)
}
