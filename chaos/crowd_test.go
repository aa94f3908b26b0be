package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	// watchedEach is how many others each client watches.
	watchedEach = 10
	// settleLimit is how long after a fault all has to be right again.
	settleLimit = 15 * time.Second
	// countsAsDead is how long a node is silent until the others take it for dead,
	// with the time between two looks.
	countsAsDead = 12 * time.Second
	// allowance is what the race detector adds, with all on one small machine.
	allowance = 15 * time.Second
	// answerLimit is how long a write may be under way.
	answerLimit = 15 * time.Second
)

// gathering is how many clients there are, and how many of them watch themselves
// alone.
type gathering struct{ all, alone int }

// crowd is many clients of one cluster, each of whom watches some others.
type crowd struct {
	cluster *cluster
	clients []*client
	writing atomic.Bool

	mu         sync.Mutex
	complaints []error
}

// gather makes clients known, lets them subscribe, and has them all connect.
func gather(t *testing.T, c *cluster, size gathering, random *rand.Rand) *crowd {
	t.Helper()
	w := &crowd{cluster: c}
	for i := range size.all {
		w.clients = append(w.clients, w.newClient(i, size, random))
	}
	must(t, w.register(t.Context()))
	must(t, together(size.all, func(i int) error { return w.clients[i].subscribe(t.Context()) }))
	for _, client := range w.clients {
		client.come()
	}
	t.Cleanup(w.close)
	return w
}

func clientName(i int) string { return fmt.Sprintf("client-%04d", i) }

// newClient watches others at random, unless it is one of those who don't, and
// itself.
func (w *crowd) newClient(i int, size gathering, random *rand.Rand) *client {
	h := &history{user: clientName(i), watched: map[string]bool{clientName(i): true}, latest: map[string]fact{}}
	for i >= size.alone && len(h.watched) <= min(watchedEach, size.all-1) {
		h.watched[clientName(random.IntN(size.all))] = true
	}
	return &client{crowd: w, token: mint(h.user, false), at: i % len(w.cluster.nodes), history: h}
}

func (w *crowd) register(ctx context.Context) error {
	admin := mint("backend", true)
	for part := range slices.Chunk(w.users(), 100) {
		if _, err := post(ctx, w.cluster.nodes[0].url(), admin, register(part...)); err != nil {
			return fmt.Errorf("register the clients: %w", err)
		}
	}
	return nil
}

func (c *client) subscribe(ctx context.Context) error {
	var others []string
	for user := range c.watched {
		if user != c.user {
			others = append(others, user)
		}
	}
	if len(others) == 0 {
		return nil
	}
	_, err := post(ctx, c.crowd.cluster.nodes[c.at].url(), c.token, subscribeTo(others...))
	return err
}

func (w *crowd) users() (ids []string) {
	for _, c := range w.clients {
		ids = append(ids, c.user)
	}
	return ids
}

func (w *crowd) close() {
	for _, c := range w.clients {
		c.leave()
	}
	for _, c := range w.clients {
		<-c.gone
	}
}

// complain notes what a client can't make sense of.
func (w *crowd) complain(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.complaints = append(w.complaints, err)
}

func (w *crowd) complained() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return errors.Join(tail(w.complaints)...)
}

// histories are as they are now.
func (w *crowd) histories() (all []*history) {
	for _, c := range w.clients {
		all = append(all, c.snapshot())
	}
	return all
}

// quiet ends the writes, and waits until none is under way.
func (w *crowd) quiet() error {
	w.writing.Store(false)
	idle := func() bool { return !slices.ContainsFunc(w.clients, (*client).awaits) }
	if !within(answerLimit, idle) {
		return errors.New("a write is not answered")
	}
	return nil
}
