package transport

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"

	"userstatus/admission"
	"userstatus/presence"
)

const (
	// initTimeout is how long a socket may wait with its connection_init.
	initTimeout = 10 * time.Second
	// maxMessage is in bytes, for what a client sends.
	maxMessage = 256 << 10
	// maxOperations is how many operations a socket may have open.
	maxOperations = 100
	// closeWait is how long a client has to answer a close.
	closeWait = 2 * time.Second
	// lostAfter is in ping intervals: a client not heard of for so long is gone.
	lostAfter = 2
	// readBuffer is in bytes; it is held for as long as the socket is open.
	readBuffer = 512
)

// SocketOptions are what sockets need from outside.
type SocketOptions struct {
	Service       *presence.Service
	Subscriptions *Subscriptions
	// Authenticate gives the bearer of a token. An error that isn't a
	// presence.Error is not the client's fault, and is logged.
	Authenticate func(ctx context.Context, token string) (presence.Viewer, error)
	Origins      Origins
	Log          *slog.Logger
	PingInterval time.Duration
	Measure      Measure
	Admission    *admission.Control
}

// Socket is GraphQL over WebSocket: graphql-transport-ws, and the legacy
// graphql-ws. A socket costs one goroutine while nothing is read or written.
type Socket struct {
	SocketOptions
	upgrader    websocket.Upgrader
	wheel       *wheel
	workers     *workers
	initTimeout time.Duration
	faults      *faults
	sockets     *crowd[*socketConn]
}

var _ graphql.Transport = (*Socket)(nil)

const goingAway = "the server is going away"

// NewSocket makes the transport. Shutdown ends it.
func NewSocket(o SocketOptions) *Socket {
	return &Socket{
		SocketOptions: o,
		initTimeout:   initTimeout,
		wheel:         newWheel(o.PingInterval),
		workers:       newWorkers(),
		faults:        newFaults(),
		sockets:       newCrowd[*socketConn](),
		upgrader: websocket.Upgrader{
			Subprotocols:    []string{modern.subprotocol, legacy.subprotocol},
			ReadBufferSize:  readBuffer,
			WriteBufferPool: &sync.Pool{},
			CheckOrigin:     o.Origins.Allow,
		},
	}
}

// Supports is true for the request that opens a socket.
func (s *Socket) Supports(r *http.Request) bool { return websocket.IsWebSocketUpgrade(r) }

// Do opens a socket and returns: what net/http holds for a request is free
// again while the socket lives.
func (s *Socket) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	lent := &lentConn{}
	ws, err := s.upgrader.Upgrade(&lender{w, lent}, r, nil)
	if err != nil {
		s.Log.Debug("socket refused", "error", err)
		return
	}
	lent.readOnly = true
	c := newSocketConn(r.Context(), s, exec, ws, lent.Conn)
	switch {
	case !s.sockets.add(c):
		c.closeWith(websocket.CloseGoingAway, goingAway)
	case ws.Subprotocol() == "":
		c.closeWith(closeUnacceptable, "Subprotocol not acceptable")
	}
	c.pulse = s.wheel.add(pulse{c}, time.Now().Add(min(s.initTimeout, s.PingInterval)))
	go c.serve()
}

// Shutdown closes all sockets with 1001, spread over up to three seconds, each
// once the call that is under way is answered; until then it is served. New
// ones are closed at once. It returns when all are closed, at the latest when
// ctx ends: then the rest is cut. Their operations get no complete: a client
// that comes back goes on. A second call only waits.
func (s *Socket) Shutdown(ctx context.Context) {
	goAway := func(c *socketConn) {
		c.closeAnswered(websocket.CloseGoingAway, goingAway)
		s.Log.Debug("socket told to go away")
	}
	if !s.sockets.leave(ctx, goAway) {
		s.cut()
	}
	s.wheel.stop()
	s.workers.stop()
}

// cut ends the sockets that did not end by themselves, and waits for them.
func (s *Socket) cut() {
	for _, c := range s.sockets.all() {
		c.cancel()
		_ = c.ws.Close()
	}
	<-s.sockets.empty
}
