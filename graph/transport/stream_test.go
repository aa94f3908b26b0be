package transport_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"userstatus/graph/transport"
	"userstatus/presence"
)

// flow is a stream that a client reads to its end.
type flow struct{ read, end chan string }

// follow opens a stream as alice, and returns once its snapshot is there.
func follow(t *testing.T, url, accept string) flow {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(`{"query":"subscription{userStatusUpdated(snapshot:true){userID customStatus}}"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", accept)
	r.Header.Set("Authorization", "Bearer alice")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	f := flow{make(chan string, 100), make(chan string, 1)}
	go func() {
		defer func() { _ = response.Body.Close() }()
		f.readAll(response.Body)
	}()
	return f
}

func (f flow) readAll(body io.Reader) {
	all, buf := "", make([]byte, 4<<10)
	for {
		n, err := body.Read(buf)
		all += string(buf[:n])
		if err != nil {
			f.end <- all
			return
		}
		f.read <- string(buf[:n])
	}
}

// until reads up to a payload with the words.
func (f flow) until(t *testing.T, words string) {
	t.Helper()
	for {
		select {
		case text := <-f.read:
			if strings.Contains(text, words) {
				return
			}
		case all := <-f.end:
			t.Fatalf("it ended without %s: %q", words, all)
		}
	}
}

func TestAStopEndsStreamsOneAfterAnother(t *testing.T) {
	for accept, last := range map[string]string{"text/event-stream": "complete", "multipart/mixed;subscriptionSpec=1.0": "--graphql--"} {
		t.Run(accept, func(t *testing.T) {
			h := newHouse(t, "alice")
			streams := transport.NewHTTP(transport.HTTPOptions{
				Presence: h.Service, Subscriptions: h.streams, Log: slog.New(slog.DiscardHandler),
				Authenticate: func(_ context.Context, token string) (presence.Viewer, error) {
					return presence.Viewer{UserID: token, ExpiresAt: time.Now().Add(time.Hour)}, nil
				},
				Heartbeat: time.Minute, WriteTimeout: time.Minute,
			})
			streams.Apart(time.Hour)
			web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { streams.Do(w, r, h.exec) }))
			defer web.Close()
			defer http.DefaultClient.CloseIdleConnections()
			ended := func(all string) {
				t.Helper()
				if strings.Contains(all, last) || !strings.Contains(all, "alice") {
					t.Errorf("it ended as %q", all)
				}
			}
			a, b := follow(t, web.URL, accept), follow(t, web.URL, accept)
			a.until(t, "alice")
			b.until(t, "alice")
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			done := make(chan struct{})
			go func() {
				defer close(done)
				streams.Shutdown(ctx)
			}()
			other := a
			select {
			case all := <-a.end:
				ended(all)
				other = b
			case all := <-b.end:
				ended(all)
			}
			if _, err := h.SetSelfStatus(as(t, "alice"), "still here", nil); err != nil {
				t.Fatal(err)
			}
			other.until(t, "still here")
			if all := <-follow(t, web.URL, accept).end; strings.Contains(all, last) {
				t.Errorf("who came meanwhile was told %q", all)
			}
			cancel()
			ended(<-other.end)
			<-done
			streams.Shutdown(context.Background())
		})
	}
}
