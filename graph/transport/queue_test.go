package transport_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"

	"userstatus/graph/transport"
	"userstatus/presence"
)

// TestStoppedOperationsAreNotKept has a client start and stop operations as
// fast as it can while an earlier one takes its time.
func TestStoppedOperationsAreNotKept(t *testing.T) {
	h := newHouse(t)
	entered, open := make(chan struct{}), make(chan struct{})
	h.exec.AroundOperations(func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		close(entered)
		<-open
		return next(ctx)
	})
	sockets := transport.NewSocket(transport.SocketOptions{
		Service:       h.Service,
		Subscriptions: h.streams,
		Authenticate: func(context.Context, string) (presence.Viewer, error) {
			return presence.Viewer{UserID: "alice", ExpiresAt: time.Now().Add(time.Hour)}, nil
		},
		Log:          slog.New(slog.DiscardHandler),
		PingInterval: 30 * time.Second,
	})
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { sockets.Do(w, r, h.exec) }))
	defer web.Close()
	defer sockets.Shutdown(context.Background())
	defer close(open)
	conn, _, err := (&websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}}).Dial("ws"+strings.TrimPrefix(web.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	send := func(text string) {
		t.Helper()
		if err := conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(want string) {
		t.Helper()
		if _, got, err := conn.ReadMessage(); err != nil || string(got) != want {
			t.Fatalf("got %s (%v), want %s", got, err, want)
		}
	}
	send(`{"type":"connection_init","payload":{"authorization":"Bearer x"}}`)
	expect(`{"type":"connection_ack"}`)
	send(`{"type":"subscribe","id":"slow","payload":{"query":"{__typename}"}}`)
	<-entered
	for range 500 {
		send(`{"type":"subscribe","id":"1","payload":{"query":"{__typename}"}}`)
		send(`{"type":"complete","id":"1"}`)
	}
	send(`{"type":"ping"}`)
	expect(`{"type":"pong"}`)
	if waiting := sockets.Queued(); waiting != 0 {
		t.Errorf("%d operations wait", waiting)
	}
}
