package transport

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// newTestSocket is a server of sockets to which nobody signs in, and its address.
func newTestSocket(t *testing.T, alter func(*Socket)) string {
	t.Helper()
	s := NewSocket(SocketOptions{Log: slog.New(slog.DiscardHandler), PingInterval: 30 * time.Second})
	alter(s)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.Do(w, r, nil) }))
	t.Cleanup(func() {
		s.Shutdown(context.Background())
		web.Close()
	})
	return "ws" + strings.TrimPrefix(web.URL, "http")
}

func dial(t *testing.T, url string, d *dialect) *websocket.Conn {
	t.Helper()
	conn, _, err := (&websocket.Dialer{Subprotocols: []string{d.subprotocol}}).Dial(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetReadDeadline(time.Now().Add(30 * time.Second))
	return conn
}

func TestASocketWithoutAConnectionInitClosesWith4408(t *testing.T) {
	url := newTestSocket(t, func(s *Socket) { s.initTimeout = 100 * time.Millisecond })
	for _, d := range []*dialect{modern, legacy} {
		t.Run(d.subprotocol, func(t *testing.T) {
			conn := dial(t, url, d)
			if err := conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"ping"}`)); err != nil {
				t.Fatal(err)
			}
			if _, text, err := conn.ReadMessage(); err != nil || string(text) != `{"type":"pong"}` {
				t.Fatal(string(text), err)
			}
			_, _, err := conn.ReadMessage()
			var closed *websocket.CloseError
			if !errors.As(err, &closed) || closed.Code != 4408 || closed.Text != "Connection initialisation timeout" {
				t.Error(err)
			}
		})
	}
}

// heard is what one of several sockets was told, or why it was not.
type heard struct {
	by   *websocket.Conn
	text string
	err  error
}

func listen(to chan<- heard, conns ...*websocket.Conn) {
	for _, conn := range conns {
		go func() {
			for h := (heard{by: conn}); h.err == nil; {
				var text []byte
				_, text, h.err = conn.ReadMessage()
				h.text = string(text)
				to <- h
			}
		}()
	}
}

func say(t *testing.T, conn *websocket.Conn, text string) {
	t.Helper()
	if err := conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func TestAStopClosesSocketsOneAfterAnother(t *testing.T) {
	var s *Socket
	url := newTestSocket(t, func(made *Socket) {
		s = made
		s.sockets.each, s.sockets.most = time.Hour, 1000*time.Hour
	})
	a, b, all := dial(t, url, modern), dial(t, url, modern), make(chan heard, 10)
	for _, conn := range []*websocket.Conn{a, b} {
		say(t, conn, `{"type":"ping"}`)
		if _, _, err := conn.ReadMessage(); err != nil {
			t.Fatal(err)
		}
	}
	goes := func(which string) *websocket.Conn {
		t.Helper()
		h := <-all
		if !websocket.IsCloseError(h.err, websocket.CloseGoingAway) {
			t.Fatalf("%s heard %q, %v", which, h.text, h.err)
		}
		return h.by
	}
	listen(all, a, b)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Shutdown(ctx)
	}()
	other := a
	if goes("the first") == a {
		other = b
	}
	say(t, other, `{"type":"ping"}`)
	if h := <-all; h.by != other || h.text != `{"type":"pong"}` {
		t.Errorf("who is not closed yet heard %q, %v", h.text, h.err)
	}
	listen(all, dial(t, url, modern))
	if goes("who came meanwhile") == other {
		t.Error("the second was closed early")
	}
	say(t, other, `{"type":"connection_init","payload":{"authorization":"Bearer x"}}`)
	if goes("who wanted to be let in") != other {
		t.Error("another one was closed")
	}
	<-done
}

func TestAtTheEndOfItsTimeAStopClosesTheRest(t *testing.T) {
	var s *Socket
	url := newTestSocket(t, func(made *Socket) {
		s = made
		s.sockets.each, s.sockets.most = time.Hour, 1000*time.Hour
	})
	all := make(chan heard, 10)
	for range 10 {
		conn := dial(t, url, modern)
		say(t, conn, `{"type":"ping"}`)
		if _, _, err := conn.ReadMessage(); err != nil {
			t.Fatal(err)
		}
		listen(all, conn)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Shutdown(ctx)
	}()
	for i := range 10 {
		if h := <-all; !websocket.IsCloseError(h.err, websocket.CloseGoingAway) {
			t.Errorf("number %d heard %q, %v", i, h.text, h.err)
		}
		cancel()
	}
	<-done
}

func TestShutdownWithoutSockets(t *testing.T) {
	s := NewSocket(SocketOptions{PingInterval: time.Second})
	for range 3 {
		s.Shutdown(t.Context())
	}
}
