package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"userstatus/broadcast"
	"userstatus/db"
	"userstatus/graph"
	"userstatus/presence"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is the endpoint over a real service, store and broadcaster.
type server struct {
	t        testing.TB
	url      string
	endpoint *graph.Endpoint
	log      *logBuffer
	store    *db.Store
}

// settings are what tests alter of a server.
type settings struct {
	graph.Options
	presence   presence.Options
	sendBuffer int
	// listener takes the place of one on TCP.
	listener net.Listener
}

func start(t testing.TB, alter ...func(*settings)) *server {
	t.Helper()
	s := settings{presence: presence.Options{NodeName: "here", Alone: true, OfflineGrace: time.Millisecond}}
	s.Origins.Allowed = []string{"https://app.example"}
	s.PingInterval = 5 * time.Second
	for _, a := range alter {
		a(&s)
	}
	log := &logBuffer{}
	s.Log = slog.New(slog.NewTextHandler(log, nil))
	store := openStore(t)
	s.Presence = startService(t, store, s.presence, s.Log)
	if s.Authenticate == nil {
		s.Authenticate = authenticate
	}
	endpoint := graph.New(s.Options)
	web := httptest.NewUnstartedServer(endpoint)
	if s.listener != nil {
		_ = web.Listener.Close()
		web.Listener = s.listener
	}
	web.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		if s.sendBuffer > 0 {
			_ = c.(*net.TCPConn).SetWriteBuffer(s.sendBuffer)
		}
		return ctx
	}
	web.Start()
	t.Cleanup(func() {
		endpoint.Shutdown(context.Background())
		web.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return &server{t: t, url: web.URL + "/graphql", endpoint: endpoint, log: log, store: store}
}

func openStore(t testing.TB) *db.Store {
	t.Helper()
	store, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), db.Options{History: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

func startService(t testing.TB, store *db.Store, o presence.Options, log *slog.Logger) *presence.Service {
	t.Helper()
	channel := broadcast.NewChannel()
	o.Store, o.Broadcaster, o.Log = store, channel, log
	service, err := presence.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		service.Close()
		channel.Close()
	})
	return service
}

// authenticate takes a user's name for their token. One called brief has a
// token that ends soon.
func authenticate(_ context.Context, token string) (presence.Viewer, error) {
	expiresAt := time.Now().Add(time.Hour)
	switch token {
	case "bad":
		return presence.Viewer{}, presence.Errorf(presence.Unauthenticated, "the token is not valid")
	case "broken":
		return presence.Viewer{}, errors.New("the keys are out of reach")
	case "brief":
		expiresAt = time.Now().Add(300 * time.Millisecond)
	}
	return presence.Viewer{UserID: token, Admin: token == "admin", ExpiresAt: expiresAt}, nil
}

// logBuffer is a log that tests can read while it is written.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
	// grown is closed at the next write.
	grown chan struct{}
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.grown != nil {
		close(b.grown)
		b.grown = nil
	}
	return b.text.Write(p)
}

// await returns once the log has some words a number of times.
func (b *logBuffer) await(t *testing.T, words string, times int) {
	t.Helper()
	for deadline := time.After(10 * time.Second); ; {
		b.mu.Lock()
		found := bytes.Count(b.text.Bytes(), []byte(words))
		if b.grown == nil {
			b.grown = make(chan struct{})
		}
		grown := b.grown
		b.mu.Unlock()
		if found >= times {
			return
		}
		select {
		case <-grown:
		case <-deadline:
			t.Fatalf("the log has %q %d times, not %d", words, found, times)
		}
	}
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// reply is an answer, read to its end.
type reply struct {
	status int
	header http.Header
	body   string
	Data   json.RawMessage
	Errors []replyError
}

type replyError struct {
	Message    string
	Path       []any
	Extensions struct {
		Code      string
		ErrorCode int
	}
}

// request makes one with headers given as "Name: value".
func (s *server) request(method, url, body string, headers ...string) *http.Request {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	return r
}

func (s *server) do(r *http.Request) *reply {
	s.t.Helper()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	got := &reply{status: response.StatusCode, header: response.Header, body: string(body)}
	if strings.Contains(response.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(body, got); err != nil {
			s.t.Fatalf("%s in %s", err, body)
		}
	}
	return got
}

// post sends an operation as JSON.
func (s *server) post(query string, variables map[string]any, headers ...string) *reply {
	s.t.Helper()
	return s.do(s.request(http.MethodPost, s.url, operation(s.t, query, variables), append(headers, "Content-Type: application/json")...))
}

// as is post by a user, which must go well.
func (s *server) as(user, query string) *reply {
	s.t.Helper()
	got := s.post(query, nil, "Authorization: Bearer "+user)
	if len(got.Errors) > 0 || got.status != http.StatusOK {
		s.t.Fatalf("%s: %d %s", query, got.status, got.body)
	}
	return got
}

func operation(t testing.TB, query string, variables map[string]any) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// refused checks that an answer is one plain error.
func (r *reply) refused(t *testing.T, status int, code string, number int, words string) {
	t.Helper()
	if r.status != status || len(r.Errors) == 0 {
		t.Fatalf("status %d, want %d with errors: %.300s", r.status, status, r.body)
	}
	e := r.Errors[0]
	if e.Extensions.Code != code || e.Extensions.ErrorCode != number || !strings.Contains(e.Message, words) {
		t.Errorf("got %s %d %q, want %s %d with %q", e.Extensions.Code, e.Extensions.ErrorCode, e.Message, code, number, words)
	}
}
