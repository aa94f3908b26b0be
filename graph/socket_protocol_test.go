package graph_test

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

func TestTransportWSCloses(t *testing.T) {
	s := start(t)
	alice := hello("alice")
	for _, c := range []struct {
		name  string
		sent  []string
		code  int
		words string
	}{
		{"4400 on what is no JSON", []string{`{`}, 4400, "Invalid message"},
		{"4400 on more than one value", []string{alice, `{"type":"ping"}{}`}, 4400, "Invalid message"},
		{"4400 on a value that is no object", []string{alice, `[]`}, 4400, "Invalid message"},
		{"4400 on a message without a type", []string{alice, `{}`}, 4400, "type"},
		{"4400 on a type that is no string", []string{alice, `{"type":5}`}, 4400, "type"},
		{"4400 on an unknown type", []string{alice, `{"type":"hi"}`}, 4400, "unknown type"},
		{"4400 on a type that only servers say", []string{alice, `{"type":"next","id":"1","payload":{}}`}, 4400, "unknown type"},
		{"4400 on a type of the legacy subprotocol", []string{alice, `{"type":"connection_terminate"}`}, 4400, "unknown type"},
		{"4400 on a payload of connection_init that is a number", []string{`{"type":"connection_init","payload":5}`}, 4400, "connection_init"},
		{"4400 on a token that is no string", []string{`{"type":"connection_init","payload":{"authorization":5}}`}, 4400, "connection_init"},
		{"4400 on a platform with a blank", []string{`{"type":"connection_init","payload":{"authorization":"Bearer alice","platform":"a b"}}`}, 4400, "platform"},
		{"4400 on a payload of ping that is a number", []string{`{"type":"ping","payload":5}`}, 4400, "ping"},
		{"4400 on a payload of pong that is a list", []string{`{"type":"pong","payload":[]}`}, 4400, "pong"},
		{"4400 on a missing id", []string{alice, `{"type":"subscribe","payload":{"query":"{__typename}"}}`}, 4400, "id"},
		{"4400 on an empty id", []string{alice, `{"type":"subscribe","id":"","payload":{"query":"{__typename}"}}`}, 4400, "id"},
		{"4400 on an id that is a number", []string{alice, `{"type":"subscribe","id":1,"payload":{"query":"{__typename}"}}`}, 4400, "Invalid message"},
		{"4400 on an id of 257 bytes", []string{alice, ask(strings.Repeat("x", 257), "{__typename}")}, 4400, "256 bytes"},
		{"4400 on an empty query", []string{alice, ask("1", "")}, 4400, "query"},
		{"4400 on a missing query", []string{alice, `{"type":"subscribe","id":"1","payload":{}}`}, 4400, "query"},
		{"4400 on a missing payload", []string{alice, `{"type":"subscribe","id":"1"}`}, 4400, "payload"},
		{"4400 on a query that is a number", []string{alice, `{"type":"subscribe","id":"1","payload":{"query":5}}`}, 4400, "query"},
		{"4400 on variables that are a list", []string{alice, `{"type":"subscribe","id":"1","payload":{"query":"{__typename}","variables":[]}}`}, 4400, "payload"},
		{"4401 on subscribe before connection_init", []string{ask("1", "{__typename}")}, 4401, "Unauthorized"},
		{"4403 on a bad token", []string{hello("bad")}, 4403, "the token is not valid"},
		{"4403 without a token", []string{`{"type":"connection_init"}`}, 4403, "carries no token"},
		{"4403 on a payload without a token", []string{`{"type":"connection_init","payload":null}`}, 4403, "carries no token"},
		{"4403 on a token that is not a Bearer's", []string{`{"type":"connection_init","payload":{"authorization":"alice"}}`}, 4403, "carries no token"},
		{"4409 on an id that is in use", []string{alice, ask("a", watch), ask("a", watch)}, 4409, "Subscriber for a already exists"},
		{"4409 with as much of the id as goes", []string{alice, ask(strings.Repeat("é", 128), watch), ask(strings.Repeat("é", 128), watch)}, 4409, "Subscriber for é"},
		{"4429 on a second connection_init", []string{alice, alice}, 4429, "Too many initialisation requests"},
	} {
		t.Run(c.name, func(t *testing.T) {
			socket := s.dial(t, modern)
			if c.sent[0] == alice {
				c.sent = c.sent[1:]
				socket.send(alice)
				socket.expect(ack)
			}
			socket.send(c.sent...)
			socket.closed(c.code, c.words)
		})
	}
	for name, protocols := range map[string][]string{"4406 without a subprotocol": nil, "4406 on an unknown one": {"mqtt"}} {
		t.Run(name, func(t *testing.T) {
			socket := s.dial(t, protocols...)
			socket.closed(4406, "Subprotocol not acceptable")
		})
	}
}

func TestTransportWSConnectsWithinLimits(t *testing.T) {
	s := start(t, func(s *settings) { s.presence.MaxConnectionsPerUser = 1 })
	first := s.socket(t, "alice")
	t.Run("4429 before the ack of one too many", func(t *testing.T) {
		second := s.dial(t, modern)
		second.send(hello("alice"))
		second.closed(4429, "a user has at most 1 connections at a time")
	})
	t.Run("those that are there stay", func(*testing.T) { first.quiet() })
	t.Run("a place is free once one is gone", func(t *testing.T) {
		first.send(`{"type":"nonsense"}`)
		first.closed(4400, "")
		_ = first.Close()
		for { // the server counts it out a moment after the client has read of it
			again := s.dial(t, modern)
			again.send(hello("alice"))
			if text, err := again.read(); err == nil && text == ack {
				return
			}
		}
	})
}

func TestTransportWSTalks(t *testing.T) {
	s := start(t)
	t.Run("ping is answered with its payload, before connection_init and after", func(t *testing.T) {
		c := s.dial(t, modern)
		c.send(`{"type":"ping"}`, `{"type":"ping","payload":{"a":[1,"<é>"]}}`, `{"type":"ping","payload":null}`, `{"type":"pong"}`)
		c.expect(`{"type":"pong"}`)
		c.expectPart(`{"type":"pong","payload":{"a":[1,`)
		c.expectPart(`{"type":"pong"`)
		c.send(hello("alice"))
		c.expect(ack)
		c.send(`{"type":"pong","payload":{"b":2}}`)
		c.quiet()
	})
	t.Run("a query is answered with next and complete", func(t *testing.T) {
		c := s.socket(t, "alice")
		c.send(asking("subscribe", "q", `query($i:ID!){userStatus(userIDList:[$i]){successUserList{userID statusType}}}`, map[string]any{"i": "alice"}))
		c.expect(`{"id":"q","type":"next","payload":{"data":{"userStatus":{"successUserList":[{"userID":"alice","statusType":"ONLINE"}]}}}}`, `{"id":"q","type":"complete"}`)
	})
	t.Run("what fails while it is executed is next and complete too", func(t *testing.T) {
		c := s.socket(t, "alice")
		c.send(ask("m", setText(strings.Repeat("x", 101))))
		c.expectPart(`{"id":"m","type":"next","payload":{"errors":[{"message":"customStatus has 101 bytes, at most 100 go"`, `{"id":"m","type":"complete"}`)
	})
	for name, query := range map[string]string{
		"GRAPHQL_PARSE_FAILED":      `{`,
		"GRAPHQL_VALIDATION_FAILED": `{nope}`,
		"BAD_USER_INPUT":            `query($i:ID!){userStatus(userIDList:[$i]){__typename}}`,
		"@skip or @include":         `subscription{userStatusUpdated @include(if:false){version}}`,
		"introspection":             `subscription{__typename}`,
		"up to":                     `query{` + manyLists(60) + `}`,
	} {
		t.Run("what is not executed is an error without complete: "+name, func(t *testing.T) {
			c := s.socket(t, "alice")
			c.send(ask("x", query))
			got := c.next()
			if !strings.HasPrefix(got, `{"id":"x","type":"error","payload":[{"message":`) || !strings.Contains(got, name) {
				t.Error(got)
			}
			c.quiet()
		})
	}
	t.Run("a stopped operation is not answered, and its id is free again", func(t *testing.T) {
		c := s.socket(t, "bob")
		for range 3 {
			c.send(ask("1", watchAll))
			c.expectPart(`{"id":"1","type":"next","payload":{"data":{"userStatusUpdated":[{"userID":"bob","statusType":"ONLINE"`)
			c.send(`{"type":"complete","id":"1"}`)
			c.quiet()
		}
		s.as("bob", setText("unheard"))
		c.quiet()
	})
	t.Run("an id is free once its operation is complete, or failed", func(t *testing.T) {
		c := s.socket(t, "alice")
		for range 2 {
			c.send(ask("1", `{__typename}`))
			c.expect(`{"id":"1","type":"next","payload":{"data":{"__typename":"Query"}}}`, `{"id":"1","type":"complete"}`)
			c.send(ask("1", `{nope}`))
			c.expectPart(`"type":"error"`)
		}
	})
	t.Run("complete of what isn't there does nothing", func(t *testing.T) {
		c := s.socket(t, "alice")
		c.send(`{"type":"complete","id":"nothing"}`, `{"type":"complete"}`)
		c.quiet()
	})
	t.Run("101 operations: an error for the last, which names the limit", func(t *testing.T) {
		c := s.socket(t, "alice")
		for i := range 101 {
			c.send(ask(fmt.Sprint(i), watch))
		}
		got := c.next()
		if !strings.HasPrefix(got, `{"id":"100","type":"error"`) || !strings.Contains(got, "at most 100 ") || !strings.Contains(got, "RATE_LIMITED") {
			t.Error(got)
		}
		c.send(`{"type":"complete","id":"7"}`, ask("100", `{__typename}`))
		c.expectPart(`{"id":"100","type":"next"`, `complete`)
	})
}

func manyLists(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `l%d:subscribedUserStatus{userID statusType customStatus} `, i)
	}
	return b.String()
}

func TestSocketMessageSizes(t *testing.T) {
	s := start(t)
	t.Run("256 KiB are taken", func(t *testing.T) {
		c := s.socket(t, "alice")
		frame := `{"type":"ping","payload":{"a":"%s"}}`
		c.send(fmt.Sprintf(frame, strings.Repeat("x", 256<<10-len(frame)+2)))
		c.expectPart(`{"type":"pong"`)
	})
	t.Run("a byte more closes with 1009, which the client sees", func(t *testing.T) {
		c := s.socket(t, "alice")
		c.send(strings.Repeat("x", 256<<10+1))
		c.closed(1009, "")
	})
	t.Run("much more as well, though the client sends it all before it listens", func(t *testing.T) {
		c := s.dialBy(t, &websocket.Dialer{Subprotocols: []string{modern}, WriteBufferSize: 2 << 20, NetDial: func(network, addr string) (net.Conn, error) {
			conn, err := net.Dial(network, addr)
			if err == nil {
				err = conn.(*net.TCPConn).SetWriteBuffer(4 << 10)
			}
			return conn, err
		}})
		c.send(strings.Repeat("x", 1<<20))
		c.closed(1009, "")
	})
}

// masked is a client's frame, whose mask changes nothing.
func masked(head byte, payload string) []byte {
	return append([]byte{head, 0x80 | byte(len(payload)), 0, 0, 0, 0}, payload...)
}
