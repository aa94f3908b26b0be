package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// keepAlive is how long a client waits for a sign of life before it goes
	// elsewhere, as clients with keep-alives do.
	keepAlive = 5 * time.Second
	// connectLimit is how long it tries at one node.
	connectLimit = 2500 * time.Millisecond
	// Between two tries it waits from shortestWait on, each time twice as long.
	shortestWait = 50 * time.Millisecond
	longestWait  = time.Second
	// One of lingererIn takes its time to come back, and is within the grace still.
	lingererIn = 8
	lingering  = grace - 2*slack
	// writeEvery is how often a client sets its text, on average.
	writeEvery = 8 * time.Second
)

// The operations of a connection by their ids; writes are numbered beyond.
const streamID = "stream"

// errBusy is of a node that has too much to do, or is cut off from the database:
// one comes back later.
var errBusy = errors.New("the node is busy")

// writeID is of the same length for all.
func writeID(n int) string { return fmt.Sprintf("%05d", n) }

// client is somebody with one device, who comes back wherever there is a node.
type client struct {
	crowd *crowd
	token string
	at    int // index of the node
	leave context.CancelFunc
	gone  chan struct{}

	mu sync.Mutex
	*history
	stream int
	// pending is the number of the write that awaits its answer, from 1 on; or 0.
	pending int
}

// come has the client connect, and come back until it goes.
func (c *client) come() {
	var ctx context.Context
	ctx, c.leave = context.WithCancel(context.Background())
	c.gone = make(chan struct{})
	go func() {
		defer close(c.gone)
		c.live(ctx)
	}()
}

// goAway drops the connection without a word.
func (c *client) goAway() {
	c.leave()
	<-c.gone
}

func (c *client) live(ctx context.Context) {
	wait := shortestWait
	for ctx.Err() == nil {
		nodes := c.crowd.cluster.nodes
		w, err := connect(ctx, nodes[c.at].url(), c.token, "", connectLimit)
		if err == nil {
			c.use(ctx, w)
			wait = shortestWait
			if rand.IntN(lingererIn) == 0 {
				pause(ctx, rand.N(lingering))
			}
		}
		c.at = (c.at + 1) % len(nodes)
		pause(ctx, wait/2+rand.N(wait/2))
		wait = min(2*wait, longestWait)
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// use reads and writes a connection until it ends.
func (c *client) use(ctx context.Context, w *wire) {
	c.arrived()
	defer c.lost()
	ended := make(chan struct{})
	var writing sync.WaitGroup
	defer writing.Wait()
	defer close(ended)
	defer func() { _ = w.Close() }()
	defer context.AfterFunc(ctx, func() { _ = w.Close() })()
	if w.begin(streamID, news) != nil {
		return
	}
	writing.Go(func() { c.write(w, ended) })
	c.read(w)
}

func (c *client) arrived() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stream++
	c.stays = append(c.stays, stay{from: time.Now()})
}

// lost leaves a write that was not answered with an unknown outcome.
func (c *client) lost() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stays[len(c.stays)-1].until = time.Now()
	c.pending = 0
}

func (c *client) read(w *wire) {
	alive := func(string) error { return w.SetReadDeadline(time.Now().Add(keepAlive)) }
	w.SetPongHandler(alive)
	for {
		_ = alive("")
		var m message
		if err := w.ReadJSON(&m); err != nil {
			return
		}
		err := c.take(m)
		if errors.Is(err, errBusy) {
			return
		}
		if err != nil {
			c.crowd.complain(fmt.Errorf("%s read %+v: %w", c.user, m, err))
			return
		}
	}
}

func (c *client) take(m message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case m.ID == streamID && m.Type == "next":
		return c.hear(m.Payload)
	case m.Type == "error" && (bytes.Contains(m.Payload, []byte(`"RATE_LIMITED"`)) || m.ID == streamID && bytes.Contains(m.Payload, []byte(`"INTERNAL_SERVER_ERROR"`))):
		return errBusy
	case m.ID == streamID:
		return fmt.Errorf("the stream was ended: %s", m.Payload)
	case m.Type == "next" && m.ID == writeID(c.pending):
		return c.answered(m.Payload)
	case m.Type == "complete" || m.Type == "error":
		c.pending = 0
	}
	return nil
}

func (c *client) hear(payload json.RawMessage) error {
	told, err := newsIn(payload)
	for _, s := range told {
		c.tell(telling{time.Now(), c.stream, s.UserID, s.fact()})
	}
	return err
}

// answered notes an acknowledgement. After an error the outcome is unknown.
func (c *client) answered(payload json.RawMessage) error {
	var a answer
	if err := json.Unmarshal(payload, &a); err != nil {
		return err
	}
	if len(a.Errors) > 0 {
		return nil
	}
	var s status
	err := a.into(&s)
	w := &c.writes[c.pending-1]
	w.version, w.at = s.Version, time.Now()
	return err
}

// write sends what the client says by itself: signs of life, and texts.
func (c *client) write(w *wire, ended <-chan struct{}) {
	pulse := time.NewTicker(keepAlive / 2)
	defer pulse.Stop()
	next := time.NewTimer(rand.N(2 * writeEvery))
	defer next.Stop()
	for {
		var err error
		select {
		case <-ended:
			return
		case <-pulse.C:
			err = w.WriteControl(websocket.PingMessage, nil, time.Now().Add(keepAlive))
		case <-next.C:
			err = c.set(w)
			next.Reset(rand.N(2 * writeEvery))
		}
		if err != nil {
			_ = w.Close()
		}
	}
}

// set begins a write, unless one is under way or the crowd is to be quiet.
func (c *client) set(w *wire) error {
	c.mu.Lock()
	if c.pending > 0 || !c.crowd.writing.Load() {
		c.mu.Unlock()
		return nil
	}
	text := "text " + writeID(len(c.writes)+1)
	c.writes = append(c.writes, write{text: text})
	c.pending = len(c.writes)
	id := writeID(c.pending)
	c.mu.Unlock()
	return w.begin(id, setText(text))
}

func (c *client) awaits() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pending > 0
}

func (c *client) snapshot() *history {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.copy()
}
