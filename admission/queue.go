package admission

import (
	"container/heap"
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"
)

// Why a call is not let in. Both end by themselves.
var (
	ErrQueueFull = errors.New("too many calls wait")
	ErrTooLong   = errors.New("the call waited too long")
)

// Queue lets calls in as long as what they cost together is within a capacity.
// The others wait, and are let in by weighted fair queueing (Demers, Keshav and
// Shenker, 1989), by start times (Goyal, Vin and Cheng, 1996): next is whose client
// has had least since it came. So a client with a single call does not wait for
// the thousand of another.
type Queue struct {
	capacity int64
	patience time.Duration
	// places are those to wait in.
	places *Share

	mu   sync.Mutex
	used int64
	// virtual is what a client has had that always waited: each call that is let in
	// adds what it costs, divided by how many clients wait. A newcomer starts there.
	// finish is where each client's next call starts at the earliest.
	virtual float64
	finish  map[netip.Addr]float64
	// sweep is the number of entries of finish at which those go that mean nothing
	// any more.
	sweep   int
	waiting waiters
	came    uint64
}

const minSweep = 1024

// NewQueue makes a queue with that many places to wait in, each for at most patience.
func NewQueue(capacity, places int64, patience time.Duration) *Queue {
	return &Queue{capacity: capacity, patience: patience, places: NewShare(places), finish: map[netip.Addr]float64{}, sweep: minSweep}
}

// Enter returns when the call may run; Leave with the same cost ends it. With an
// error it may not: ErrQueueFull, ErrTooLong, or that of ctx.
func (q *Queue) Enter(ctx context.Context, client netip.Addr, cost int64) error {
	cost = min(cost, q.capacity)
	q.mu.Lock()
	if len(q.waiting) == 0 && q.used+cost <= q.capacity {
		q.used += cost
		q.mu.Unlock()
		return nil
	}
	w, err := q.line(client, cost)
	q.mu.Unlock()
	if err != nil {
		return err
	}
	late := time.NewTimer(q.patience)
	defer late.Stop()
	select {
	case <-w.turn:
		return nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-late.C:
		err = ErrTooLong
	}
	q.abandon(w)
	return err
}

// Leave ends a call that was let in.
func (q *Queue) Leave(cost int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.used -= min(cost, q.capacity)
	q.letIn()
}

// Waiting is how many calls wait.
func (q *Queue) Waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}

// line has a call wait for its turn. The caller holds the lock.
func (q *Queue) line(client netip.Addr, cost int64) (*waiter, error) {
	if q.places.Take(client, 1) != Taken {
		return nil, ErrQueueFull
	}
	q.came++
	w := &waiter{client: client, cost: cost, start: max(q.virtual, q.finish[client]), came: q.came, turn: make(chan struct{})}
	q.forget()
	q.finish[client] = w.start + float64(cost)
	heap.Push(&q.waiting, w)
	return w, nil
}

// forget drops, each time their number has doubled, the clients whose next call
// would start as a newcomer's does: a crowd of addresses that changes all the
// time fills no memory. The caller holds the lock.
func (q *Queue) forget() {
	if len(q.finish) < q.sweep {
		return
	}
	for client, finish := range q.finish {
		if finish <= q.virtual {
			delete(q.finish, client)
		}
	}
	q.sweep = max(minSweep, 2*len(q.finish))
}

// letIn lets in those whose turn it is. The caller holds the lock.
func (q *Queue) letIn() {
	for len(q.waiting) > 0 && q.used+q.waiting[0].cost <= q.capacity {
		w := heap.Pop(&q.waiting).(*waiter)
		q.virtual = max(q.virtual, w.start) + float64(w.cost)/float64(max(1, q.places.Clients()))
		q.places.Give(w.client, 1)
		q.used += w.cost
		close(w.turn)
	}
	if len(q.waiting) == 0 { // nobody has to wait: nothing is owed to anybody
		q.virtual = 0
		clear(q.finish)
	}
}

// abandon is for a call that waits no longer, whether it was let in meanwhile or not.
func (q *Queue) abandon(w *waiter) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if w.index < 0 {
		q.used -= w.cost
	} else {
		heap.Remove(&q.waiting, w.index)
		q.places.Give(w.client, 1)
	}
	q.letIn()
}

// waiter is a call that waits.
type waiter struct {
	client netip.Addr
	cost   int64
	start  float64
	came   uint64
	turn   chan struct{}
	index  int // in the heap; -1 once it is not there
}

// waiters is a heap by start, and of the same start by who came first.
type waiters []*waiter

func (h waiters) Len() int { return len(h) }

func (h waiters) Less(i, j int) bool {
	if h[i].start != h[j].start {
		return h[i].start < h[j].start
	}
	return h[i].came < h[j].came
}

func (h waiters) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *waiters) Push(x any) {
	w := x.(*waiter)
	w.index = len(*h)
	*h = append(*h, w)
}

func (h *waiters) Pop() any {
	last := len(*h) - 1
	w := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	w.index = -1
	return w
}
