package graph_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"userstatus/presence"
)

const (
	watch    = `subscription{userStatusUpdated{userID statusType customStatus}}`
	watchAll = `subscription{userStatusUpdated(snapshot:true){userID statusType customStatus}}`
	events   = "Accept: text/event-stream"
	parts    = "Accept: multipart/mixed;boundary=graphql;subscriptionSpec=1.0, application/graphql-response+json,application/json;q=0.9"
)

// open starts a stream; what it yields is read from the response's body.
func (s *server) open(ctx context.Context, user, query, accept string, headers ...string) *http.Response {
	s.t.Helper()
	headers = append(headers, accept, "Content-Type: application/json", "Authorization: Bearer "+user)
	response, err := http.DefaultClient.Do(s.request(http.MethodPost, s.url, operation(s.t, query, nil), headers...).WithContext(ctx))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

// event is one server-sent event.
type event struct{ name, data string }

// eventReader reads events; comments are passed over.
type eventReader struct{ *bufio.Scanner }

func readEvents(r io.Reader) eventReader { return eventReader{bufio.NewScanner(r)} }

// next is the next event; the zero event where the stream ended.
func (r eventReader) next() event {
	var e event
	for r.Scan() {
		field, value, _ := strings.Cut(r.Text(), ":")
		switch field {
		case "event":
			e.name = strings.TrimPrefix(value, " ")
		case "data":
			e.data = strings.TrimPrefix(value, " ")
		}
		if r.Text() == "" && e.name != "" {
			return e
		}
	}
	return event{}
}

func (r eventReader) until(t *testing.T, words string) {
	t.Helper()
	for {
		switch e := r.next(); {
		case e == event{}:
			t.Fatalf("the stream ended without %s", words)
		case strings.Contains(e.data, words):
			return
		}
	}
}

func TestServerSentEvents(t *testing.T) {
	s := start(t)
	response := s.open(t.Context(), "alice", watchAll, events)
	if got := response.Header.Get("Content-Type"); response.StatusCode != 200 || got != "text/event-stream; charset=utf-8" {
		t.Fatal(response.StatusCode, got)
	}
	r := readEvents(response.Body)
	t.Run("tells a snapshot, and then changes", func(t *testing.T) {
		if e := r.next(); e != (event{"next", `{"data":{"userStatusUpdated":[{"userID":"alice","statusType":"ONLINE","customStatus":""}]}}`}) {
			t.Error(e)
		}
		s.as("alice", `mutation{setSelfStatus(customStatus:"a\\nb \"c\""){version}}`)
		if e := r.next(); e != (event{"next", `{"data":{"userStatusUpdated":[{"userID":"alice","statusType":"ONLINE","customStatus":"a\\nb \"c\""}]}}`}) {
			t.Error(e)
		}
	})
	t.Run("ends with complete at logout, after the last word", func(t *testing.T) {
		s.as("alice", `mutation{logout{statusType}}`)
		r.until(t, "UNLOGINED")
		if e := r.next(); e != (event{name: "complete"}) {
			t.Error(e)
		}
		if e := r.next(); e != (event{}) {
			t.Error(e)
		}
	})
	t.Run("answers queries and mutations once", func(t *testing.T) {
		r := readEvents(s.open(t.Context(), "alice", `{__typename}`, events).Body)
		if a, b, c := r.next(), r.next(), r.next(); a != (event{"next", `{"data":{"__typename":"Query"}}`}) || b.name != "complete" || c != (event{}) {
			t.Error(a, b, c)
		}
	})
	t.Run("tells what is wrong as an event", func(t *testing.T) {
		r := readEvents(s.open(t.Context(), "alice", `subscription{nope}`, events).Body)
		if a, b := r.next(), r.next(); !strings.Contains(a.data, "GRAPHQL_VALIDATION_FAILED") || strings.Contains(a.data, `"data"`) || b.name != "complete" {
			t.Error(a, b)
		}
	})
	t.Run("needs somebody signed in", func(t *testing.T) {
		got := s.post(watch, nil, events)
		if got.status != 200 || !strings.Contains(got.body, "UNAUTHENTICATED") {
			t.Error(got.status, got.body)
		}
	})
	t.Run("goes by GET", func(t *testing.T) {
		r := s.request(http.MethodGet, s.url+"?query="+url.QueryEscape(watchAll), "", events, "Authorization: Bearer bob")
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		readEvents(response.Body).until(t, `"userID":"bob","statusType":"ONLINE"`)
	})
	t.Run("comes first where a client takes JSON too", func(t *testing.T) {
		accept := "Accept: application/graphql-response+json, application/json, text/event-stream, multipart/mixed"
		readEvents(s.open(t.Context(), "carol", watchAll, accept).Body).until(t, "carol")
	})
}

func TestMultipart(t *testing.T) {
	s := start(t)
	response := s.open(t.Context(), "alice", watchAll, parts)
	if got := response.Header.Get("Content-Type"); response.StatusCode != 200 || got != `multipart/mixed;boundary="graphql";subscriptionSpec=1.0` {
		t.Fatal(response.StatusCode, got)
	}
	r := bufio.NewReader(response.Body)
	// frame reads as Apollo Client does: a part is there once its boundary is.
	frame := func() string {
		var b strings.Builder
		for !strings.HasSuffix(b.String(), "\r\n--graphql") {
			c, err := r.ReadByte()
			if err != nil {
				return b.String() + "<end>"
			}
			b.WriteByte(c)
		}
		return strings.TrimSuffix(b.String(), "\r\n--graphql")
	}
	const head = "\r\nContent-Type: application/json\r\n\r\n"
	expect := func(want string) {
		t.Helper()
		if got := frame(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	expect("")
	expect(head + "{}")
	expect(head + `{"payload":{"data":{"userStatusUpdated":[{"userID":"alice","statusType":"ONLINE","customStatus":""}]}}}`)
	s.as("alice", `mutation{setSelfStatus(customStatus:"hi"){version}}`)
	expect(head + `{"payload":{"data":{"userStatusUpdated":[{"userID":"alice","statusType":"ONLINE","customStatus":"hi"}]}}}`)
	s.as("alice", `mutation{logout{statusType}}`)
	expect(head + `{"payload":{"data":{"userStatusUpdated":[{"userID":"alice","statusType":"UNLOGINED","customStatus":"hi"}]}}}`)
	expect("--\r\n<end>")

	t.Run("tells what is wrong as a part", func(t *testing.T) {
		body, err := io.ReadAll(s.open(t.Context(), "alice", `subscription{nope}`, parts).Body)
		if err != nil {
			t.Fatal(err)
		}
		r := multipart.NewReader(strings.NewReader(string(body)), "graphql")
		var all []string
		for {
			part, err := r.NextPart()
			if err != nil {
				break
			}
			text, _ := io.ReadAll(part)
			all = append(all, string(text))
		}
		if len(all) != 2 || all[0] != "{}" || !strings.HasPrefix(all[1], `{"payload":{"errors":[`) || !strings.HasSuffix(string(body), "\r\n--graphql--\r\n") {
			t.Errorf("%q", body)
		}
	})
}

func TestStreamsShowThatTheyAreAlive(t *testing.T) {
	s := start(t, func(s *settings) { s.PingInterval = 20 * time.Millisecond })
	for accept, beat := range map[string]string{events: ":\n\n", parts: "{}\r\n--graphql"} {
		t.Run(accept, func(t *testing.T) {
			body := s.open(t.Context(), "alice", watch, accept).Body
			read := ""
			for buf := make([]byte, 1); strings.Count(read, beat) < 4; read += string(buf) {
				if _, err := body.Read(buf); err != nil {
					t.Fatalf("%s after %q", err, read)
				}
			}
		})
	}
}

func TestStreamsEndWithoutALastEvent(t *testing.T) {
	last := map[string]string{events: "complete", parts: "--graphql--"}
	read := func(t *testing.T, response *http.Response) string {
		t.Helper()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	for accept, complete := range last {
		t.Run("when the token does "+accept, func(t *testing.T) {
			s := start(t)
			if got := read(t, s.open(t.Context(), "brief", watchAll, accept)); !strings.Contains(got, "ONLINE") || strings.Contains(got, complete) {
				t.Errorf("%q", got)
			}
		})
		t.Run("when the server stops "+accept, func(t *testing.T) {
			s := start(t)
			response := s.open(t.Context(), "alice", watch, accept)
			s.endpoint.Shutdown(t.Context())
			if got := read(t, response); strings.Contains(got, complete) {
				t.Errorf("%q", got)
			}
		})
	}
}

// wentBy checks why a user is there no more, whatever they set since.
func (s *server) wentBy(t *testing.T, userID string, reason presence.ChangeReason) {
	t.Helper()
	changes, err := s.store.History(t.Context(), userID, 0, 100_000)
	i := slices.IndexFunc(changes, func(c presence.StatusChange) bool { return c.OldStatusType != c.StatusType })
	if err != nil || i < 0 || changes[i].Reason != reason {
		t.Errorf("%s's last changes are %+v, %v, and not by %s", userID, changes[:min(i+1, len(changes))], err, reason)
	}
}

func TestPresenceFollowsStreams(t *testing.T) {
	s := start(t, func(s *settings) {
		s.PingInterval = 200 * time.Millisecond
		s.sendBuffer = 4 << 10
		s.presence.MaxConnectionsPerUser = 1
	})
	for _, user := range []string{"alice", "bob"} {
		s.as(user, `{__typename}`)
	}
	s.as("bob", `mutation{subscribeUserStatus(userIDList:["alice"]){failureUserList{code}}}`)
	bob := readEvents(s.open(t.Context(), "bob", watch, events).Body)
	t.Run("a client that goes", func(t *testing.T) {
		ctx, leave := context.WithCancel(t.Context())
		response := s.open(ctx, "alice", watch, parts, "X-Platform: web")
		bob.until(t, `"alice","statusType":"ONLINE"`)
		if got := s.as("bob", `{userStatus(userIDList:["alice"]){successUserList{platforms}}}`); !strings.Contains(got.body, `["web"]`) {
			t.Error(got.body)
		}
		leave()
		_, _ = io.Copy(io.Discard, response.Body)
		bob.until(t, `"alice","statusType":"OFFLINE"`)
		s.wentBy(t, "alice", presence.ReasonConnectionLost)
	})
	t.Run("a client that does not read", func(t *testing.T) {
		u, _ := url.Parse(s.url)
		conn, err := net.Dial("tcp", u.Host)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
		body := operation(t, watch, nil)
		_, _ = fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: %s\r\n%s\r\nAuthorization: Bearer alice\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", u.Host, events, len(body), body)
		bob.until(t, `"alice","statusType":"ONLINE"`)
		stop, done := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(done)
			for {
				select {
				case <-stop:
					return
				default:
					s.post(`mutation{setSelfStatus(customStatus:"`+strings.Repeat("x", 100)+`"){version}}`, nil, "Authorization: Bearer alice")
				}
			}
		}()
		bob.until(t, `"alice","statusType":"OFFLINE"`)
		s.wentBy(t, "alice", presence.ReasonTimeout)
		close(stop)
		<-done
	})
	t.Run("one connection too many is 429", func(t *testing.T) {
		got := s.post(watch, nil, events, "Authorization: Bearer bob")
		got.refused(t, http.StatusTooManyRequests, "RATE_LIMITED", 7008, "connections")
	})
}
