package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"go.uber.org/goleak"

	"userstatus/db"
	"userstatus/presence"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secretText = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"

// stage is a sender with the real outbox and a receiver, in a time of its own.
type stage struct {
	t        *testing.T
	store    *db.Store
	receiver *receiver
	options  Options
	log      *safeBuffer
	sender   *Sender
}

// onStage runs a test in a bubble whose clock jumps when all wait.
func onStage(t *testing.T, test func(t *testing.T, s *stage)) {
	path := filepath.Join(t.TempDir(), "test.db")
	synctest.Test(t, func(t *testing.T) {
		store, err := db.Open(t.Context(), path, db.Options{Webhooks: true})
		if err != nil {
			t.Fatal(err)
		}
		s := &stage{t: t, store: store, receiver: newReceiver(t), log: &safeBuffer{}}
		s.options = Options{
			URL:    &url.URL{Scheme: "http", Host: "app.example", Path: "/hooks", RawQuery: "key=hidden", User: url.UserPassword("user", "hidden")},
			Outbox: store, Lead: func(context.Context) (bool, error) { return true, nil },
			Log: slog.New(slog.NewTextHandler(s.log, nil)), Version: "1.2.3", Transport: s.receiver.transport(),
		}
		secret, err := ParseSecret(secretText)
		if err != nil {
			t.Fatal(err)
		}
		s.options.Secrets = []Secret{secret}
		test(t, s)
		if s.sender != nil {
			s.sender.Close(t.Context())
		}
		s.receiver.close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
		if text := s.log.String(); strings.Contains(text, "hidden") || strings.Contains(text, "MDEy") {
			t.Errorf("a secret is in the log:\n%s", text)
		}
	})
}

func (s *stage) start() { s.sender = Start(s.options) }

// change has each of the users change once.
func (s *stage) change(users ...string) {
	s.t.Helper()
	_, err := s.store.UpdateAll(s.t.Context(), users, func(u *presence.User) error {
		u.Exists, u.StatusType, u.Chosen, u.Visibility = true, presence.Online, presence.Available, presence.Everyone
		u.Issued++
		u.Version = u.Issued
		u.Changes = append(u.Changes, presence.StatusChange{
			UserID: u.ID, Version: u.Version, At: time.Now().UTC().Truncate(time.Millisecond), Reason: presence.ReasonLogin,
			OldStatusType: presence.Offline, StatusType: presence.Online, CustomStatus: "<“hi”>", Availability: presence.Busy,
		})
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) backlog() presence.Backlog {
	s.t.Helper()
	b, err := s.store.Backlog(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

// after lets a time pass, and all that happens in it.
func (s *stage) after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// arrival is a request as the receiver has it.
type arrival struct {
	at     time.Time
	header http.Header
	body   []byte
	data   data
	event  string
}

// receiver is an HTTP server over pipes.
type receiver struct {
	t       *testing.T
	conns   chan net.Conn
	server  *http.Server
	served  sync.WaitGroup // and its handlers
	mu      sync.Mutex
	down    bool
	all     []arrival
	flying  int
	highest int
	answer  func(w http.ResponseWriter, a arrival)
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{t: t, conns: make(chan net.Conn), answer: func(http.ResponseWriter, arrival) {}}
	r.server = &http.Server{Handler: r}
	r.served.Go(func() { _ = r.server.Serve(&pipes{r.conns, make(chan struct{}), sync.Once{}}) })
	return r
}

func (r *receiver) close() {
	_ = r.server.Close()
	r.served.Wait()
	synctest.Wait()
}

func (r *receiver) transport() http.RoundTripper {
	t := newTransport().(*http.Transport)
	t.Proxy = nil
	t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		if r.isDown() {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: io.ErrClosedPipe}
		}
		near, far := net.Pipe()
		select {
		case r.conns <- far:
			return near, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return t
}

func (r *receiver) isDown() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.down
}

func (r *receiver) set(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	r.served.Add(1)
	defer r.served.Done()
	body, _ := io.ReadAll(q.Body)
	a := arrival{at: time.Now(), header: q.Header, body: body, event: q.Header.Get("webhook-id")}
	var p payload
	if err := json.Unmarshal(body, &p); err != nil {
		r.t.Error(err)
	}
	a.data = p.Data
	r.mu.Lock()
	r.all = append(r.all, a)
	r.flying++
	r.highest = max(r.highest, r.flying)
	answer, down := r.answer, r.down
	r.mu.Unlock()
	if down {
		panic(http.ErrAbortHandler)
	}
	answer(w, a)
	r.set(func() { r.flying-- })
}

func (r *receiver) arrivals() []arrival {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.all)
}

// of is the versions that have come of a user.
func (r *receiver) of(user string) (versions []int) {
	for _, a := range r.arrivals() {
		if a.data.UserID == user {
			versions = append(versions, a.data.Version)
		}
	}
	return versions
}

func answering(code int) func(http.ResponseWriter, arrival) {
	return func(w http.ResponseWriter, _ arrival) { w.WriteHeader(code) }
}

func verify(t *testing.T, secret string, a arrival) {
	t.Helper()
	wh, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := wh.VerifyIgnoringTimestamp(a.body, a.header); err != nil {
		t.Error(err)
	}
}

// pipes is a listener for them.
type pipes struct {
	conns chan net.Conn
	ended chan struct{}
	once  sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.ended:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.ended) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
