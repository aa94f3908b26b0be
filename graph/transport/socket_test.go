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
	t.Cleanup(func() { conn.Close() })
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

func TestShutdownWithoutSockets(t *testing.T) {
	s := NewSocket(SocketOptions{PingInterval: time.Second})
	for range 3 {
		s.Shutdown(t.Context())
	}
}
