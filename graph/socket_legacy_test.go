package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const ka = `{"type":"ka"}`

// oldSocket is an acknowledged one of the legacy subprotocol.
func (s *server) oldSocket(t *testing.T, user string) *client {
	t.Helper()
	c := s.dial(t, legacy)
	c.send(hello(user))
	c.expect(ack, ka)
	return c
}

func begin(id, query string) string { return asking("start", id, query, nil) }

func TestLegacyCloses(t *testing.T) {
	s := start(t)
	alice := hello("alice")
	for _, c := range []struct {
		name  string
		sent  []string
		read  []string
		code  int
		words string
	}{
		{"4403 on a bad token, after connection_error", []string{hello("bad")}, []string{`{"type":"connection_error","payload":{"message":"the token is not valid"}}`}, 4403, "not valid"},
		{"4400 on a payload that is a number, after connection_error", []string{`{"type":"connection_init","payload":5}`}, []string{`{"type":"connection_error","payload":{"message":"Invalid connection_init: its payload is an object with authorization and platform as strings"}}`}, 4400, "connection_init"},
		{"1000 on connection_terminate", []string{alice, begin("1", watch), `{"type":"connection_terminate"}`}, nil, 1000, ""},
		{"4401 on start before connection_init", []string{begin("1", watch)}, nil, 4401, "Unauthorized"},
		{"4400 on what is no JSON", []string{alice, `x`}, nil, 4400, "Invalid message"},
		{"4400 on a type of graphql-transport-ws", []string{alice, ask("1", watch)}, nil, 4400, "unknown type"},
		{"4400 on an empty query", []string{alice, begin("1", " ")}, nil, 4400, "query"},
		{"4409 on an id that is in use", []string{alice, begin("1", watch), begin("1", watch)}, nil, 4409, "already exists"},
		{"4429 on a second connection_init", []string{alice, alice}, nil, 4429, "Too many"},
	} {
		t.Run(c.name, func(t *testing.T) {
			socket := s.dial(t, legacy)
			if c.sent[0] == alice {
				c.sent = c.sent[1:]
				socket.send(alice)
				socket.expect(ack, ka)
			}
			socket.send(c.sent...)
			if got := socket.untilClosed(c.code, c.words); strings.Join(got, "\n") != strings.Join(c.read, "\n") {
				t.Errorf("got %q, want %q", got, c.read)
			}
		})
	}
	t.Run("4429 with one connection too many, after connection_error", func(t *testing.T) {
		s := start(t, func(s *settings) { s.presence.MaxConnectionsPerUser = 1 })
		s.oldSocket(t, "alice")
		c := s.dial(t, legacy)
		c.send(hello("alice"))
		c.expectPart(`{"type":"connection_error","payload":{"message":"a user has at most 1 connections at a time`)
		c.closed(4429, "a user has at most 1 connections at a time")
	})
}

func TestLegacyTalks(t *testing.T) {
	s := start(t)
	t.Run("start may come right behind connection_init", func(t *testing.T) {
		c := s.dial(t, legacy)
		c.send(hello("bob"), begin("1", watchAll), begin("2", setText("hi")))
		c.expect(ack, ka)
		c.expect(`{"id":"1","type":"data","payload":{"data":{"userStatusUpdated":[{"userID":"bob","statusType":"ONLINE","customStatus":""}]}}}`)
		read := strings.Join(append(c.until(`"complete"`), ""), "\n")
		if !strings.Contains(read, `{"id":"2","type":"data","payload":{"data":{"setSelfStatus":{"customStatus":"hi"}}}}`) {
			t.Error(read)
		}
	})
	t.Run("stop ends a subscription, whose id is free again", func(t *testing.T) {
		c := s.oldSocket(t, "carol")
		for range 3 {
			c.send(begin("1", watchAll))
			c.expectPart(`{"id":"1","type":"data"`)
			c.send(`{"id":"1","type":"stop"}`, `{"type":"ping"}`)
			c.expect(`{"type":"pong"}`)
		}
	})
	t.Run("what is not executed is an error", func(t *testing.T) {
		c := s.oldSocket(t, "carol")
		c.send(begin("1", `{nope}`))
		c.expectPart(`{"id":"1","type":"error","payload":[{"message":`)
		c.send(begin("1", `{__typename}`))
		c.expectPart(`{"id":"1","type":"data"`, `{"id":"1","type":"complete"}`)
	})
	t.Run("4403 when the token ends", func(t *testing.T) {
		s.oldSocket(t, "brief").closed(4403, "expired")
	})
}

func TestLegacyKeepAlive(t *testing.T) {
	s := start(t, func(s *settings) { s.PingInterval = 200 * time.Millisecond })
	c := s.oldSocket(t, "alice")
	t.Run("ka comes again and again", func(*testing.T) { c.expect(ka, ka, ka) })
	t.Run("not before connection_init", func(t *testing.T) {
		c := s.dial(t, legacy)
		pings := make(chan string, 100)
		answer := c.PingHandler()
		c.SetPingHandler(func(text string) error { pings <- text; return answer(text) })
		go func() {
			for range 2 {
				<-pings
			}
			_ = c.WriteMessage(1, []byte(fmt.Sprintf(`{"type":"ping","payload":{"after":%d}}`, 2)))
		}()
		c.expect(`{"type":"pong","payload":{"after":2}}`)
	})
}
