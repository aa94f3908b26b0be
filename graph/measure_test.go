package graph_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"userstatus/graph"
	"userstatus/graph/transport"
	"userstatus/presence"
)

// record counts what an endpoint tells.
type record struct {
	mu     sync.Mutex
	counts map[string]int
}

func (r *record) add(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts[what]++
}

func (r *record) of(kind string) func(string) {
	return func(what string) { r.add(kind + " " + what) }
}

func (r *record) get(what string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counts[what]
}

// await waits until something was told so many times.
func (r *record) await(t *testing.T, what string, times int) {
	t.Helper()
	late := time.After(patience)
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for r.get(what) != times {
		select {
		case <-again.C:
		case <-late:
			r.mu.Lock()
			defer r.mu.Unlock()
			t.Fatalf("%q was not told %d times: %v", what, times, r.counts)
		}
	}
}

// Payload makes it a tally.
func (r *record) Payload(updates []*presence.Update) {
	for _, u := range updates {
		r.add("told " + u.Status.UserID)
		if !u.CommittedAt.IsZero() {
			r.add("delivered " + u.Status.UserID)
		}
	}
}

func measured(t *testing.T, alter ...func(*settings)) (*server, *record) {
	t.Helper()
	r := &record{counts: map[string]int{}}
	s := start(t, append(alter, func(s *settings) {
		s.Measure = graph.Measure{Operation: r.of("asked"), Failed: r.of("failed"), Measure: transport.Measure{
			Opened: r.of("opened"), Closed: r.of("closed"), Refused: r.of("refused"), CutOff: r.of("cut off"),
			SocketClosed: func(code int) { r.add(fmt.Sprint("code ", code)) },
			NewTally:     func() transport.Tally { return r },
		}}
	})...)
	return s, r
}

func TestConnectionsAreTold(t *testing.T) {
	s, r := measured(t)
	alice, old := s.socket(t, "alice"), s.dial(t, legacy)
	old.send(hello("bob"))
	r.await(t, "opened websocket", 1)
	r.await(t, "opened websocket-legacy", 1)
	_ = alice.Close()
	old.send(`{"type":"connection_terminate"}`)
	r.await(t, "closed websocket", 1)
	r.await(t, "closed websocket-legacy", 1)
	r.await(t, "code 0", 1)
	r.await(t, "code 1000", 1)
}

func TestRefusalsAreTold(t *testing.T) {
	s, r := measured(t)
	for message, what := range map[string]string{
		hello("bad"): "refused token", hello("broken"): "refused unavailable", `nonsense`: "refused bad-request",
	} {
		s.dial(t, modern).send(message)
		r.await(t, what, 1)
	}
	s.dial(t) // of no subprotocol
	r.await(t, "refused bad-request", 2)
	r.await(t, "code 4406", 1)
	busy := s.socket(t, "busy")
	for i := range 101 {
		busy.send(ask(fmt.Sprint(i), watch))
	}
	r.await(t, "refused operations", 1)
	r.await(t, "failed RATE_LIMITED", 1)
	s.do(s.request(http.MethodPost, s.url, "{}", "Content-Type: text/plain"))
	r.await(t, "refused bad-request", 3)
	s.do(s.request(http.MethodGet, s.url, "", "Origin: https://other.example"))
	r.await(t, "refused origin", 1)
	if s.post(`{`, nil); r.get("asked invalid") != 1 || r.get("failed GRAPHQL_PARSE_FAILED") != 1 {
		t.Errorf("of what can't be parsed: %v", r.counts)
	}
}

func TestASocketThatDoesNotSignInIsTold(t *testing.T) {
	t.Parallel()
	s, r := measured(t)
	s.dial(t, modern).closed(4408, "timeout")
	r.await(t, "refused init-timeout", 1)
}

func TestClientsThatAreCutOffAreTold(t *testing.T) {
	t.Parallel()
	short := func(s *settings) {
		s.PingInterval = 300 * time.Millisecond
		s.sendBuffer = 4 << 10
	}
	t.Run("silent", func(t *testing.T) {
		s, r := measured(t, short)
		s.socket(t, "bob") // and reads nothing, so that it answers no ping
		r.await(t, "cut off silent", 1)
		r.await(t, "closed websocket", 1)
	})
	t.Run("asking for more than it reads", func(t *testing.T) {
		s, r := measured(t, short)
		s.as("alice", setText(numbered(0)))
		bob := s.cramped(t, "bob")
		stop := make(chan struct{})
		defer close(stop)
		big, asked := `{userStatus(userIDList:["alice"]){successUserList{`+texts(800)+`}}}`, 0
		go every(stop, time.Millisecond, func() {
			asked++
			_ = bob.WriteMessage(websocket.TextMessage, []byte(ask(fmt.Sprint(asked), big)))
		})
		r.await(t, "closed websocket", 1)
		if r.get("cut off backlog")+r.get("cut off slow")+r.get("cut off silent") != 1 {
			t.Errorf("told %v", r.counts)
		}
	})
	t.Run("a stream that takes nothing", func(t *testing.T) {
		s, r := measured(t, short)
		s.as("alice", setText(""))
		s.as("bob", subscribeTo("alice"))
		s.stuckStream(t, "bob")
		for i := 0; r.get("cut off slow") == 0; i++ {
			s.as("alice", setText(numbered(i)))
		}
		r.await(t, "closed sse", 1)
	})
}

// stuckStream opens a stream of large events whose client reads none.
func (s *server) stuckStream(t *testing.T, user string) {
	t.Helper()
	response, err := http.DefaultClient.Do(s.request(http.MethodPost, s.url, operation(t, fat, nil),
		"Content-Type: application/json", "Accept: text/event-stream", "Authorization: Bearer "+user))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
}

func TestPayloadsAreTold(t *testing.T) {
	s, r := measured(t)
	bob := s.socket(t, "bob")
	s.as("alice", setText("before"))
	bob.answer("1", subscribeTo("alice"))
	bob.send(ask("s", watchAll))
	bob.reading()
	r.await(t, "told alice", 1)
	s.as("alice", setText("a change"))
	r.await(t, "told alice", 2)
	r.await(t, "delivered alice", 1)
	kinds := []string{"asked mutation", "asked subscription"}
	if slices.ContainsFunc(kinds, func(kind string) bool { return r.get(kind) == 0 }) {
		t.Errorf("asked were %v", r.counts)
	}
}
