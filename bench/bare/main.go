// Bare is the floor that the benchmarks compare with: a server that can do
// nothing but upgrade, keep the connections, and write the bytes of a change,
// framed once, to each socket that is to have them. It knows the messages of the
// load program and no others: no GraphQL, no tokens, no database.
package main

import (
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"

	"github.com/gorilla/websocket"

	_ "userstatus/bench/hook"
)

func main() {
	lean := flag.Bool("lean", false, "read with 512 bytes a socket instead of net/http's buffers of 4 KiB")
	flag.Parse()
	if err := serve(*lean); err != nil {
		fmt.Fprintln(os.Stderr, "bare:", err)
		os.Exit(1)
	}
}

func serve(lean bool) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "{\"msg\":\"listening\",\"url\":\"http://%s\"}\n", listener.Addr())
	return http.Serve(listener, newServer(lean))
}

// server has one goroutine that writes changes, and one per socket that reads.
type server struct {
	upgrader websocket.Upgrader
	changes  chan change

	mu       sync.Mutex
	watchers map[string][]*peer
}

// peer is one socket.
type peer struct {
	ws   *websocket.Conn
	conn net.Conn
	user string
}

// change is a frame that goes to whoever watches a user.
type change struct {
	user  string
	frame []byte
}

func newServer(lean bool) *server {
	s := &server{
		upgrader: websocket.Upgrader{Subprotocols: []string{"graphql-transport-ws"}},
		changes:  make(chan change, 4096),
		watchers: map[string][]*peer{},
	}
	if lean {
		s.upgrader.ReadBufferSize = 512
		s.upgrader.WriteBufferPool = &sync.Pool{}
	}
	go s.write()
	return s
}

// ServeHTTP returns while the socket lives: net/http's memory is free again.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ws, err := s.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	p := &peer{ws: ws, conn: ws.NetConn()}
	go s.read(p)
}

func (s *server) read(p *peer) {
	defer func() { _ = p.ws.Close() }()
	for {
		_, text, err := p.ws.ReadMessage()
		if err != nil {
			return
		}
		s.receive(p, text)
	}
}

// write is where all changes leave: the frame is the same for all, and each
// socket costs a plain write.
func (s *server) write() {
	for c := range s.changes {
		s.mu.Lock()
		watchers := s.watchers[c.user]
		s.mu.Unlock()
		for _, p := range watchers {
			_, _ = p.conn.Write(c.frame)
		}
	}
}

func (s *server) watch(p *peer, users []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, user := range users {
		s.watchers[user] = append(s.watchers[user], p)
	}
}
