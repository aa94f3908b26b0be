package webhook

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"userstatus/presence"
)

// script is a receiver that answers with the same bytes, whatever it is asked.
type script struct {
	net.Conn // of which nothing is used
	answer   []byte
	// endless has it say its answer over and over.
	endless bool
	asked   chan struct{}
	once    sync.Once
	mu      sync.Mutex
	said    int
	closed  bool
}

func (s *script) Write(p []byte) (int, error) {
	s.once.Do(func() { close(s.asked) })
	return len(p), nil
}

func (s *script) Read(p []byte) (int, error) {
	<-s.asked
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.answer) == 0 || !s.endless && s.said >= len(s.answer) {
		return 0, io.EOF
	}
	n := copy(p, s.answer[s.said%len(s.answer):])
	s.said += n
	return n, nil
}

func (s *script) Close() error {
	s.once.Do(func() { close(s.asked) })
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

func (s *script) SetDeadline(time.Time) error      { return nil }
func (s *script) SetReadDeadline(time.Time) error  { return nil }
func (s *script) SetWriteDeadline(time.Time) error { return nil }

// maxHeard is how much of an answer is read at most, in bytes: a head, the body's
// beginning, and what buffers take beyond.
const maxHeard = maxHead + maxAnswer + 32<<10

var (
	success  = regexp.MustCompile(`(?i)HTTP/[0-9]\.[0-9] +2[0-9][0-9]`)
	answered = regexp.MustCompile(`^it was answered with ([^ ]+)`)
)

// FuzzAnswer has a receiver answer anything, once or for ever.
func FuzzAnswer(f *testing.F) {
	for _, answer := range []string{
		"HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.0 200\r\n\r\nuntil the end",
		"HTTP/1.1 429 Too Many\r\nRetry-After: 7200\r\n\r\n", "HTTP/1.1 503 x\r\nRetry-After: Tue, 24 Nov 2099 12:00:00 GMT\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 503 x\r\nRetry-After: -1\r\nRetry-After: 5\r\n\r\n", "HTTP/1.1 410 Gone\r\n\r\n", "HTTP/1.1 307 x\r\nLocation: http://127.0.0.1:1/\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nxyz",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nTrailer: 1\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff;a=b\r\n",
		"HTTP/1.1 500 hidden\xff\x1b[31m\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b", "HTTP/1.1 500 " + strings.Repeat("é", 300) + "\r\n\r\n",
		"HTTP/1.1 999 x\r\nContent-Length: 99999999999999999999\r\n\r\n", "HTTP/2 200\r\n", "SSH-2.0-x\r\n", "A: b\r\n", "\x16\x03\x01", "", "\r\n",
	} {
		f.Add([]byte(answer), false)
		f.Add([]byte(answer), true)
	}
	secret, err := ParseSecret(secretText)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, answer []byte, endless bool) {
		receiver := &script{answer: answer, endless: endless, asked: make(chan struct{})}
		transport := newTransport().(*http.Transport)
		transport.Proxy = nil
		transport.DialContext = func(context.Context, string, string) (net.Conn, error) { return receiver, nil }
		s := newSender(Options{
			URL:     &url.URL{Scheme: "http", Host: "app.example", Path: "/key-of-ours", User: url.UserPassword("user", "key-of-ours")},
			Secrets: []Secret{secret}, Log: slog.New(slog.DiscardHandler), Transport: transport, GiveUpAfter: DefaultGiveUpAfter,
		})
		defer s.cutOff()
		now := time.Now()
		event := presence.Event{ID: "evt_1", Change: presence.StatusChange{UserID: "alice"}, QueuedAt: now}
		got := s.attempt(event)
		s.client.CloseIdleConnections()
		receiver.mu.Lock()
		said := receiver.said
		receiver.mu.Unlock()
		if got.abandoned || got.event.ID != event.ID || said > maxHeard {
			t.Fatalf("%+v, after %d bytes", got, said)
		}
		if got.failure == nil {
			if !success.Match(bytes.Repeat(answer, 2)) {
				t.Fatalf("%q is taken for a success", answer)
			}
			return
		}
		checkFailure(t, got.failure, answer)
		checkSettled(t, got)
	})
}

// checkFailure looks at what the log and the database are told.
func checkFailure(t *testing.T, failed *failure, answer []byte) {
	t.Helper()
	reason := failed.reason
	if reason == "" || len(reason) > maxReason+len("it was answered with ") || !utf8.ValidString(reason) || strings.ContainsAny(reason, "\r\n") {
		t.Errorf("the reason is %q", reason)
	}
	if strings.Contains(reason, "key-of-ours") || strings.Contains(reason, "MDEy") {
		t.Errorf("a secret is in %q", reason)
	}
	code := answered.FindStringSubmatch(reason)
	switch {
	case code == nil && !failed.down:
		t.Errorf("nobody answered, and it is the event's fault: %q", reason)
	case code != nil && !bytes.Contains(bytes.Repeat(answer, 2), []byte(code[1])):
		t.Errorf("%q was answered with %s", answer, code[1])
	case failed.gone != (code != nil && code[1] == "410"), failed.retryAfter < 0, failed.retryAfter > time.Hour:
		t.Errorf("%q is %+v", answer, failed)
	case failed.retryAfter > 0 && code[1] != "429" && code[1] != "503":
		t.Errorf("a %s is waited for", code[1])
	}
}

// checkSettled has the desk take note of it: the event is sent again within
// bounds, or given up at its end, and the gate opens again.
func checkSettled(t *testing.T, r result) {
	t.Helper()
	now := time.Now()
	for _, attempts := range []int{0, 3, 100} {
		r.event.Attempts = attempts
		for _, jitter := range []float64{0, 1} {
			at := again(r.event, now, r.failure.retryAfter, DefaultGiveUpAfter, jitter)
			if at == nil || !at.After(now) || at.Sub(now) > max(time.Hour, 5*time.Hour) || at.After(r.event.QueuedAt.Add(DefaultGiveUpAfter)) {
				t.Errorf("%+v is sent again at %v, it is %v", r.failure, at, now)
			}
		}
	}
	if at := again(r.event, r.event.QueuedAt.Add(DefaultGiveUpAfter), r.failure.retryAfter, DefaultGiveUpAfter, 0); at != nil {
		t.Errorf("it is never given up, but sent at %v", at)
	}
	g := newGate()
	for i := range 2 * maxFailing {
		g.failed(now, fmt.Sprint("user", i), r.failure)
	}
	if !g.shut || g.probeAt.After(now.Add(max(maxProbe, maxRetryAfter))) || g.room(g.probeAt, 0) != 1 {
		t.Errorf("%+v leaves the gate as %+v", r.failure, g)
	}
}
