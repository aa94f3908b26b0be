package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// walkers watch themselves alone, so that each of their conversations is as
	// long as the others, to the byte.
	walkers = 16
	// onlookers watch them, and each other.
	onlookers = 32
	// turns is how often a place is tried, where news came in another order and
	// made the conversation shorter.
	turns = 5
)

func TestConnectionsCutAtEveryByteCostNothing(t *testing.T) {
	t.Parallel()
	r := newRun(t, options{nodes: 1, file: true}, gathering{walkers + onlookers, walkers})
	r.walk()
}

func TestConnectionsCutAtEveryByteCostNothingOnThreeNodes(t *testing.T) {
	t.Parallel()
	r := newRun(t, options{nodes: 3}, gathering{walkers + onlookers, walkers})
	r.walk()
}

// place is where a conversation is cut: after so many bytes of a direction.
type place struct {
	up    bool
	after int
}

// walk cuts connections at every place of a conversation that has all that the
// protocol has, one after another, while others listen.
func (r *run) walk() {
	r.t.Helper()
	r.crowd.writing.Store(true)
	for _, c := range r.crowd.clients[:walkers] {
		c.goAway()
	}
	up, down, err := r.crowd.clients[0].whole(r.t.Context())
	must(r.t, err)
	places := placesOf(up, down, r.random)
	began := time.Now()
	must(r.t, together(walkers, func(i int) error {
		for at := i; at < len(places); at += walkers {
			if err := r.crowd.clients[i].walkTo(r.t.Context(), places[at]); err != nil {
				return err
			}
		}
		return nil
	}))
	r.t.Logf("cut at %d places of %d bytes up and %d down in %v", len(places), up, down, time.Since(began).Round(time.Millisecond))
	for _, c := range r.crowd.clients[:walkers] {
		c.come()
	}
	r.check("a walk", 0)
}

// placesOf are all places, in an order of chance: those before the sign-in leave
// no presence, and would one after another be an absence.
func placesOf(up, down int, random *rand.Rand) (places []place) {
	for after := range up {
		places = append(places, place{true, after})
	}
	for after := range down {
		places = append(places, place{false, after})
	}
	random.Shuffle(len(places), func(i, j int) { places[i], places[j] = places[j], places[i] })
	return places
}

// whole is how long a conversation is that nobody cuts, the second of two: the
// first one's answers still tell of an earlier absence.
func (c *client) whole(ctx context.Context) (up, down int, err error) {
	for range 2 {
		p, err := c.through(ctx, endless, endless)
		if err != nil {
			return 0, 0, err
		}
		up, down = p.up.passed, p.down.passed
	}
	return up, down, nil
}

// walkTo has a conversation that is cut there.
func (c *client) walkTo(ctx context.Context, there place) error {
	up, down := endless, there.after
	if there.up {
		up, down = there.after, endless
	}
	for range turns {
		p, err := c.through(ctx, up, down)
		if p.up.ended || p.down.ended {
			return nil
		}
		if err != nil && !errors.Is(err, errBusy) {
			return fmt.Errorf("%s, to be cut at %+v: %w", c.user, there, err)
		}
	}
	return fmt.Errorf("%s has no conversation that is long enough for %+v", c.user, there)
}

// through has a conversation by a proxy with ways of these lengths, which is
// closed then.
func (c *client) through(ctx context.Context, up, down int) (*proxy, error) {
	nodes := c.crowd.cluster.nodes
	c.at = (c.at + 1) % len(nodes)
	node, err := url.Parse(nodes[c.at].url())
	if err != nil {
		return nil, err
	}
	p, err := newProxyWith("tcp", node.Host, up, down)
	if err != nil {
		return nil, err
	}
	defer p.close()
	w, err := connect(ctx, "http://"+p.address(), c.token, "", patience)
	if err != nil {
		return p, err
	}
	defer func() { _ = w.Close() }()
	c.arrived()
	defer c.lost()
	return p, c.converse(w)
}

// converse says and hears, in an order that is always the same, all that the
// protocol has for a client.
func (c *client) converse(w *wire) error {
	var ponged bool
	w.SetPongHandler(func(string) error { ponged = true; return nil })
	steps := []struct {
		say func() error
		end func(m message) bool
	}{
		{func() error { return w.begin(streamID, news) }, func(m message) bool { return m.ID == streamID }},
		{func() error { return c.set(w) }, c.bothWays()},
		{func() error { return w.WriteJSON(message{Type: "ping"}) }, func(m message) bool { return m.Type == "pong" }},
		{func() error { return w.WriteControl(websocket.PingMessage, []byte("ping"), time.Now().Add(patience)) }, nil},
		{func() error { return w.WriteJSON(message{ID: streamID, Type: "complete"}) }, nil},
		{func() error { return w.WriteJSON(message{Type: "ping"}) }, func(m message) bool { return m.Type == "pong" && ponged }},
	}
	for _, step := range steps {
		if err := step.say(); err != nil {
			return err
		}
		if err := c.hearUntil(w, step.end); err != nil {
			return err
		}
	}
	return c.part(w)
}

// bothWays is true once a write has its answer, that answer's end, and its news.
func (c *client) bothWays() func(message) bool {
	var heard int
	return func(message) bool {
		heard++
		return heard == 3
	}
}

// hearUntil takes what comes, up to a message; nil is for nothing to come.
func (c *client) hearUntil(w *wire, last func(message) bool) error {
	for last != nil {
		_ = w.SetReadDeadline(time.Now().Add(patience))
		var m message
		if err := w.ReadJSON(&m); err != nil {
			return err
		}
		if err := c.take(m); err != nil {
			return err
		}
		if last(m) {
			return nil
		}
	}
	return nil
}

// part closes in order, and waits for the other side's word.
func (c *client) part(w *wire) error {
	err := w.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(patience))
	if err != nil {
		return err
	}
	var m json.RawMessage
	if err := w.ReadJSON(&m); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		return fmt.Errorf("parting was answered with %s, %w", m, err)
	}
	return nil
}
