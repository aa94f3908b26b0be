package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// socket is a client's acknowledged WebSocket.
type socket struct {
	*websocket.Conn
	t    *testing.T
	last int // number of the last operation
}

func (p *program) socket(t *testing.T, user string) *socket {
	t.Helper()
	return p.socketBy(t, user, net.Dial)
}

func (p *program) socketBy(t *testing.T, user string, dial func(network, address string) (net.Conn, error)) *socket {
	t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}, HandshakeTimeout: patience, NetDial: dial}
	conn, _, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(p.url, "http")+"/graphql", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	s := &socket{Conn: conn, t: t}
	s.send(message{Type: "connection_init", Payload: map[string]string{"authorization": "Bearer " + mint(user)}})
	if m := s.next(); m.Type != "connection_ack" {
		t.Fatalf("%s was answered with %+v", user, m)
	}
	return s
}

// message is one of graphql-transport-ws.
type message struct {
	ID      string `json:"id,omitempty"`
	Type    string `json:"type"`
	Payload any    `json:"payload,omitempty"`
}

type incoming struct {
	ID, Type string
	Payload  json.RawMessage
}

func (s *socket) send(m message) {
	s.t.Helper()
	if err := s.WriteJSON(m); err != nil {
		s.t.Fatal(err)
	}
}

func (s *socket) read() (m incoming, err error) {
	_ = s.SetReadDeadline(time.Now().Add(patience))
	err = s.ReadJSON(&m)
	return m, err
}

func (s *socket) next() incoming {
	s.t.Helper()
	m, err := s.read()
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}

// begin starts an operation and returns its id.
func (s *socket) begin(query string) (id string, err error) {
	s.last++
	id = fmt.Sprint(s.last)
	return id, s.WriteJSON(message{ID: id, Type: "subscribe", Payload: map[string]string{"query": query}})
}

// call runs an operation to its end. Its errors are those of the socket.
func (s *socket) call(query string) (*answer, error) {
	id, err := s.begin(query)
	if err != nil {
		return nil, err
	}
	return s.answerTo(id)
}

func (s *socket) answerTo(id string) (*answer, error) {
	a := &answer{}
	for {
		switch m, err := s.read(); {
		case err != nil:
			return nil, err
		case m.ID != id:
			return nil, fmt.Errorf("%+v came before the answer to %s", m, id)
		case m.Type == "complete":
			return a, nil
		default:
			if err := json.Unmarshal(m.Payload, a); err != nil {
				return nil, fmt.Errorf("%s: %w", m.Payload, err)
			}
		}
	}
}

// do is call, which must go well.
func (s *socket) do(query string) *answer {
	s.t.Helper()
	a, err := s.call(query)
	if err == nil {
		err = a.err()
	}
	if err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	return a
}

// watch makes the socket a stream of news, from the state of everybody on.
func (s *socket) watch() {
	s.t.Helper()
	if _, err := s.begin(`subscription{userStatusUpdated(snapshot:true)` + fields + `}`); err != nil {
		s.t.Fatal(err)
	}
}

// news is the next payload of a stream.
func (s *socket) news() []status {
	s.t.Helper()
	m := s.next()
	var payload struct {
		Data struct{ UserStatusUpdated []status }
	}
	if err := json.Unmarshal(m.Payload, &payload); err != nil || m.Type != "next" {
		s.t.Fatalf("%v in %+v", err, m)
	}
	return payload.Data.UserStatusUpdated
}

// until reads the news up to a wanted status, and returns all it read.
func (s *socket) until(wanted func(status) bool) (read []status) {
	s.t.Helper()
	for {
		for _, one := range s.news() {
			if read = append(read, one); wanted(one) {
				return read
			}
		}
	}
}

// untilClosed reads all there is, and checks why there is no more.
func (s *socket) untilClosed(code int) (read []incoming) {
	s.t.Helper()
	for {
		m, err := s.read()
		if err == nil {
			read = append(read, m)
			continue
		}
		if !websocket.IsCloseError(err, code) {
			s.t.Fatalf("ended by %v, want %d", err, code)
		}
		return read
	}
}

// answers checks that the socket lives: nothing comes before the answer.
func (s *socket) answers() {
	s.t.Helper()
	s.send(message{Type: "ping"})
	if m := s.next(); m.Type != "pong" {
		s.t.Fatalf("%+v came before the pong", m)
	}
}

// events is an open stream of server-sent events.
type events struct {
	t    *testing.T
	body *bufio.Reader
}

func (p *program) events(t *testing.T, user, query string) *events {
	t.Helper()
	response, err := httpClient.Do(p.request(http.MethodPost, "/graphql", operation(query),
		"Content-Type: application/json", "Accept: text/event-stream", "Authorization: Bearer "+mint(user)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	if response.StatusCode != http.StatusOK {
		t.Fatalf("the stream was answered with %s", response.Status)
	}
	return &events{t, bufio.NewReader(response.Body)}
}

// until reads up to a line with these words.
func (e *events) until(words string) {
	e.t.Helper()
	for {
		line, err := e.body.ReadString('\n')
		if err != nil {
			e.t.Fatalf("%v before %s", err, words)
		}
		if strings.Contains(line, words) {
			return
		}
	}
}

// rest is what comes until the stream ends, in whatever way.
func (e *events) rest() string {
	text, err := io.ReadAll(e.body)
	var late net.Error
	if errors.As(err, &late) && late.Timeout() {
		e.t.Errorf("the stream does not end: %v", err)
	}
	return string(text)
}
