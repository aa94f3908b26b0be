package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"userstatus/auth"
	"userstatus/broadcast"
	"userstatus/db"
	"userstatus/graph"
	"userstatus/presence"
)

// overPipes is a process that serves, connects to itself and measures. All that
// it starts ends with it.
func overPipes(args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("%s is for the program itself", pipesArgument)
	}
	connections, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	c := &pipeCrowd{self: server{pid: os.Getpid()}, accept: make(pipeListener), failed: make(chan error, 1), all: make(chan struct{})}
	if err := c.serve(kind(args[0]), args[2]); err != nil {
		return err
	}
	got, err := c.measure(connections)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(got)
}

// pipeCrowd is the server and all of its clients.
type pipeCrowd struct {
	self   server
	accept pipeListener
	// service is nil where bare is what serves.
	service *presence.Service
	pipes   []*pipe
	pongs   atomic.Int64
	told    atomic.Int64
	// all is closed when everybody has been told of the star's change.
	all    chan struct{}
	failed chan error
}

// fail keeps the first reason why the run is void.
func (c *pipeCrowd) fail(err error) {
	select {
	case c.failed <- err:
	default:
	}
}

func (c *pipeCrowd) hearStar() {
	if c.told.Add(1) == int64(len(c.pipes)) {
		close(c.all)
	}
}

func (c *pipeCrowd) serve(k kind, dir string) error {
	handler := barePipes(k == lean)
	if k == ours {
		endpoint, err := c.start(dir)
		if err != nil {
			return err
		}
		handler = endpoint
	}
	mux := http.NewServeMux()
	mux.Handle("/graphql", handler)
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	go func() { c.fail(s.Serve(c.accept)) }()
	return nil
}

// start wires the service as the program does, without limits and with
// everything else at its default.
func (c *pipeCrowd) start(dir string) (http.Handler, error) {
	ctx := context.Background()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	store, err := db.Open(ctx, filepath.Join(dir, "status.db"), db.Options{})
	if err != nil {
		return nil, err
	}
	c.service, err = presence.Start(ctx, presence.Options{
		Store: store, Broadcaster: broadcast.NewChannel(), Log: log, NodeName: rand.Text(), Alone: true, OfflineGrace: 10 * time.Second,
	})
	if err != nil {
		return nil, err
	}
	return graph.New(graph.Options{
		Presence: c.service, Authenticate: auth.NewSecret([]byte(secret), auth.Checks{}).Verify, Log: log, PingInterval: 20 * time.Second,
	}), nil
}

func (c *pipeCrowd) measure(connections int) (got parked, err error) {
	got.Connections = connections
	if got.Empty, err = c.leastRSS(); err != nil {
		return got, err
	}
	began := time.Now()
	if err := c.park(connections); err != nil {
		return got, err
	}
	got.Parking = time.Since(began)
	if got.Settled, err = c.self.settledRSS(); err != nil {
		return got, err
	}
	if got.Freed, err = c.leastRSS(); err != nil {
		return got, err
	}
	if c.service != nil {
		if err := c.prove(&got); err != nil {
			return got, err
		}
	}
	got.Pongs = c.pongs.Load()
	return got, c.void()
}

// void is why the run does not count, or nil.
func (c *pipeCrowd) void() error {
	select {
	case err := <-c.failed:
		return err
	default:
		return nil
	}
}

func (c *pipeCrowd) leastRSS() (int, error) {
	debug.FreeOSMemory()
	return c.self.rss()
}

// park has all clients connect, sign in and subscribe, 64 at a time.
func (c *pipeCrowd) park(connections int) error {
	c.pipes = make([]*pipe, connections)
	return together(connections, func(i int) error {
		p := newPipe(c, i)
		c.pipes[i] = p
		opened := p.opened
		select {
		case c.accept <- p:
		case <-time.After(patience):
			return errors.New("nobody accepts")
		}
		select {
		case err := <-opened:
			return err
		case <-time.After(patience):
			return fmt.Errorf("%s was not let in", watcherName(i))
		}
	})
}

// prove sees to it that everybody is ONLINE and is told of a change.
func (c *pipeCrowd) prove(got *parked) (err error) {
	if got.Online, err = c.online(); err != nil {
		return err
	}
	if got.Online != len(c.pipes) {
		return fmt.Errorf("%d of %d are ONLINE", got.Online, len(c.pipes))
	}
	if err := c.watchStar(); err != nil {
		return err
	}
	began := time.Now()
	if _, err := c.service.SetUserStatus(asAdmin(), star, starText, nil); err != nil {
		return err
	}
	select {
	case <-c.all:
	case err := <-c.failed:
		return err
	case <-time.After(patience):
		return fmt.Errorf("%d of %d were told of the star's change", c.told.Load(), len(c.pipes))
	}
	got.Told, got.Telling = int(c.told.Load()), time.Since(began)
	return nil
}

// starText is what the star sets once everybody watches.
var starText = textOf(0, 1)

func asAdmin() context.Context {
	return presence.WithViewer(context.Background(), presence.Viewer{UserID: admin, Admin: true})
}

// online counts who is, as the service says.
func (c *pipeCrowd) online() (n int, err error) {
	for start := 0; start < len(c.pipes); start += presence.MaxQueried {
		var ids []string
		for i := start; i < min(start+presence.MaxQueried, len(c.pipes)); i++ {
			ids = append(ids, watcherName(i))
		}
		found, err := c.service.UserStatus(asAdmin(), ids)
		if err != nil {
			return 0, err
		}
		for _, status := range found.SuccessUserList {
			if status.StatusType == presence.Online {
				n++
			}
		}
	}
	return n, nil
}

// watchStar has every client watch the star, by calls that go past the pipes.
func (c *pipeCrowd) watchStar() error {
	if _, err := c.service.RegisterUsers(asAdmin(), []string{star}); err != nil {
		return err
	}
	return inParallel(256, len(c.pipes), func(i int) error {
		viewer := presence.WithViewer(context.Background(), presence.Viewer{UserID: watcherName(i)})
		result, err := c.service.SubscribeUserStatus(viewer, []string{star})
		if err == nil && len(result.FailureUserList) > 0 {
			err = errors.New(result.FailureUserList[0].Message)
		}
		return err
	})
}

// barePipes is bench/bare for clients that do nothing: the same handshake and
// the same goroutine that reads, with an answer for each message.
func barePipes(isLean bool) http.Handler {
	upgrader := websocket.Upgrader{Subprotocols: []string{"graphql-transport-ws"}}
	if isLean {
		upgrader.ReadBufferSize = 512
		upgrader.WriteBufferPool = &sync.Pool{}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		go readBare(ws)
	})
}

// readBare ends with the connection.
func readBare(ws *websocket.Conn) {
	defer func() { _ = ws.Close() }()
	for {
		_, text, err := ws.ReadMessage()
		if err != nil {
			return
		}
		var m struct{ ID, Type string }
		if json.Unmarshal(text, &m) != nil {
			return
		}
		answer := `{"id":"` + m.ID + `","type":"complete"}`
		switch {
		case m.Type == "connection_init":
			answer = `{"type":"connection_ack"}`
		case m.ID != "q":
			continue
		}
		frame := append([]byte{0x80 | opText, byte(len(answer))}, answer...)
		if _, err := ws.NetConn().Write(frame); err != nil {
			return
		}
	}
}
