package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// onlooker is one who sees, or doesn't, what the subjects do.
type onlooker struct {
	s  *stage
	id string
	// ears are the onlooker's open streams; a stranger has none.
	ears []*ear
	// socket is for asking.
	socket *socket
}

// ear is an open stream of whatever kind.
type ear struct {
	name     string
	snapshot bool
	frames   chan frame
	close    func()
}

// frame is what a stream brought at once, as it came.
type frame struct {
	raw string
	at  time.Time
}

// hears is whether the onlooker is told of the subject.
func (o *onlooker) hears(x *subject) bool {
	return o.id == subscriber || o.id == newcomer || o.id == friend && x.way != hidFromStrangers
}

// listen opens a stream of each kind, and a socket to ask by.
func (o *onlooker) listen() {
	o.socket = o.s.socket(o.s.t, o.id)
	if o.id == stranger {
		return
	}
	for _, snapshot := range o.snapshots() {
		query := fmt.Sprintf("subscription{userStatusUpdated(snapshot:%t)%s}", snapshot, allFields)
		for kind, open := range map[string]func(user, query string) *ear{"WebSocket": o.s.overSocket, "SSE": o.s.overEvents} {
			e := open(o.id, query)
			e.name, e.snapshot = fmt.Sprintf("%s by %s, snapshot %t", o.id, kind, snapshot), snapshot
			o.ears = append(o.ears, e)
		}
	}
	slices.SortFunc(o.ears, func(a, b *ear) int { return strings.Compare(a.name, b.name) })
}

// snapshots is with which arguments the onlooker subscribes.
func (o *onlooker) snapshots() []bool {
	if o.id == newcomer {
		return []bool{false}
	}
	return []bool{true, false}
}

// leave closes all that listen opened.
func (o *onlooker) leave() {
	_ = o.socket.Close()
	for _, e := range o.ears {
		e.close()
	}
	o.ears = nil
}

// newEar reads frames until there are no more, or the test ends.
func newEar(t *testing.T, read func() (string, error), end func()) *ear {
	e := &ear{frames: make(chan frame, 64), close: end}
	done := t.Context().Done()
	go func() {
		defer close(e.frames)
		for {
			raw, err := read()
			if err != nil {
				return
			}
			select {
			case e.frames <- frame{raw, time.Now()}:
			case <-done:
				return
			}
		}
	}()
	t.Cleanup(end)
	return e
}

func (s *stage) overSocket(user, query string) *ear {
	conn := s.socket(s.t, user)
	if _, err := conn.begin(query); err != nil {
		s.t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Time{})
	return newEar(s.t, func() (string, error) {
		_, raw, err := conn.ReadMessage()
		return string(raw), err
	}, func() { _ = conn.Close() })
}

func (s *stage) overEvents(user, query string) *ear {
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.t.Context()))
	r := s.request(http.MethodPost, "/graphql", operation(query),
		"Content-Type: application/json", "Accept: text/event-stream", "Authorization: Bearer "+mint(user))
	response, err := httpClient.Transport.RoundTrip(r.WithContext(ctx))
	if err != nil {
		s.t.Fatal(err)
	}
	body := bufio.NewReader(response.Body)
	return newEar(s.t, func() (string, error) { return nextEvent(body) }, func() {
		cancel()
		_ = response.Body.Close()
	})
}

// nextEvent reads one, without the comments that keep the stream alive.
func nextEvent(body *bufio.Reader) (string, error) {
	var lines []string
	for {
		line, err := body.ReadString('\n')
		if err != nil {
			return "", err
		}
		switch line = strings.TrimRight(line, "\r\n"); {
		case line == "" && len(lines) > 0:
			return strings.Join(lines, "\n"), nil
		case line != "" && line[0] != ':':
			lines = append(lines, line)
		}
	}
}

// next is what the stream brings next.
func (e *ear) next(t *testing.T) frame {
	t.Helper()
	select {
	case f, open := <-e.frames:
		if !open {
			t.Fatalf("%s was closed", e.name)
		}
		return f
	case <-time.After(patience):
		t.Fatalf("%s hears nothing", e.name)
	}
	return frame{}
}

// said is an answer, by what it was asked by.
type said struct{ by, raw string }

// ask has the onlooker ask in each way there is.
func (o *onlooker) ask(query string) []said {
	o.s.t.Helper()
	get := "/graphql?query=" + url.QueryEscape(query)
	return []said{
		{"POST", o.s.whole(o.id, http.MethodPost, "/graphql", operation(query))},
		{"GET", o.s.whole(o.id, http.MethodGet, get, "")},
		{"WebSocket", o.askBySocket(query)},
	}
}

// whole is all of a response, but for the date and what its length says again.
func (s *stage) whole(user, method, path, body string) string {
	s.t.Helper()
	r := s.request(method, path, body, "Content-Type: application/json", "Authorization: Bearer "+mint(user))
	response, err := httpClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil || response.ContentLength >= 0 && response.ContentLength != int64(len(content)) {
		s.t.Fatalf("%v: %s", err, content)
	}
	response.Header.Del("Date")
	response.Header.Del("Content-Length")
	text := response.Status
	for _, name := range slices.Sorted(maps.Keys(response.Header)) {
		text += fmt.Sprintf(" %s=%q", name, response.Header[name])
	}
	return text + " " + string(content)
}

func (o *onlooker) askBySocket(query string) (frames string) {
	o.s.t.Helper()
	o.socket.send(message{ID: "asked", Type: "subscribe", Payload: map[string]string{"query": query}})
	for !strings.Contains(frames, `"complete"`) {
		_ = o.socket.SetReadDeadline(time.Now().Add(patience))
		kind, raw, err := o.socket.ReadMessage()
		if err != nil || kind != websocket.TextMessage {
			o.s.t.Fatalf("%v, a message of kind %d", err, kind)
		}
		frames += string(raw)
	}
	return frames
}

func statusesOf(users ...string) string {
	return `{userStatus(userIDList:` + quoted(users) + `){successUserList` + allFields + ` failureUserList{userID code message}}}`
}
