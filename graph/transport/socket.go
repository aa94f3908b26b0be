package transport

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"

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
}

// Socket is GraphQL over WebSocket: graphql-transport-ws, and the legacy
// graphql-ws. A socket costs one goroutine while nothing is read or written.
type Socket struct {
	SocketOptions
	upgrader    websocket.Upgrader
	wheel       *wheel
	workers     *workers
	initTimeout time.Duration

	mu       sync.Mutex
	open     map[*socketConn]struct{}
	draining bool
	// empty is closed when, draining, the last socket has gone.
	empty chan struct{}
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
		open:          map[*socketConn]struct{}{},
		empty:         make(chan struct{}),
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
	ws, err := s.upgrader.Upgrade(w, r, nil)
	if err != nil {
		s.Log.Debug("socket refused", "error", err)
		return
	}
	c := newSocketConn(s, exec, ws)
	switch {
	case !s.add(c):
		c.closeWith(websocket.CloseGoingAway, goingAway)
	case ws.Subprotocol() == "":
		c.closeWith(closeUnacceptable, "Subprotocol not acceptable")
	}
	go c.serve()
	s.wheel.add(pulse{c}, time.Now().Add(min(s.initTimeout, s.PingInterval)))
}

// add counts a socket in, and is false when the transport is draining.
func (s *Socket) add(c *socketConn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open[c] = struct{}{}
	return !s.draining
}

func (s *Socket) remove(c *socketConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
	if s.draining && len(s.open) == 0 {
		s.signalEmpty()
	}
}

// Shutdown closes all sockets with 1001 once the calls that are under way are
// answered, and returns when they are closed, at the latest when ctx ends.
// Their operations get no complete: a client that comes back goes on. A second
// call only waits.
func (s *Socket) Shutdown(ctx context.Context) {
	for _, c := range s.drain() {
		c.closeAnswered(websocket.CloseGoingAway, goingAway)
	}
	select {
	case <-s.empty:
	case <-ctx.Done():
		s.cut()
	}
	s.wheel.stop()
	s.workers.stop()
}

func (s *Socket) drain() []*socketConn {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draining = true
	if len(s.open) == 0 {
		s.signalEmpty()
	}
	return s.conns()
}

func (s *Socket) conns() []*socketConn {
	conns := make([]*socketConn, 0, len(s.open))
	for c := range s.open {
		conns = append(conns, c)
	}
	return conns
}

// cut ends the sockets that did not end by themselves, and waits for them.
func (s *Socket) cut() {
	s.mu.Lock()
	conns := s.conns()
	s.mu.Unlock()
	for _, c := range conns {
		c.cancel()
		c.ws.Close()
	}
	<-s.empty
}

// signalEmpty closes empty once. The caller holds the lock.
func (s *Socket) signalEmpty() {
	select {
	case <-s.empty:
	default:
		close(s.empty)
	}
}
