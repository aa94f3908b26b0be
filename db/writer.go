package db

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"gorm.io/gorm"

	"userstatus/presence"
)

// maxBatch is how many users' changes share a transaction, about.
const maxBatch = 1024

// patience is how often in a row the writer yields though nobody comes.
const patience = 3

var errClosed = errors.New("the database is closed")

// writer has one caller at a time write. Whatever calls have gathered while a
// transaction was under way share the next one, and with it one wait for the
// disk: the first of them does it for all, on its own goroutine, so that a call
// that is alone wakes nobody.
type writer struct {
	db *gorm.DB
	// history says that changes are kept, webhooks that they are put into the
	// outbox; filled tells of those that were.
	history, webhooks bool
	filled            chan struct{}

	queue chan *request
	// turns are the channels of requests that are over, for the next ones.
	turns sync.Pool
	// after runs after each transaction, once the others in it are answered.
	after func()

	measure Measure

	// memory belongs to whoever has the turn.
	memory *memory

	mu sync.Mutex
	// writing is true while somebody has the turn; free tells of its end.
	writing bool
	free    *sync.Cond
	closed  bool
}

// request is a caller that waits for its commit.
type request struct {
	ctx context.Context
	// do is what to do, unless it is an update. It runs a second time where the
	// first time was rolled back, and returns a refusal before it writes.
	do func(*transaction) error
	// users are those whom do changes or goes by, as far as they exist.
	users  []string
	update *update
	err    error
	// turn, with room for one, tells a request that waits that it is done
	// (false), or that it is its turn to write (true).
	turn chan bool
}

// refusal is an error of the caller's own rule, not of the database.
type refusal struct{ error }

func newWriter(db *gorm.DB, o Options, memory *memory, after func()) *writer {
	if o.Queue <= 0 {
		o.Queue = DefaultQueue
	}
	w := &writer{
		db: db, history: o.History, webhooks: o.Webhooks, filled: make(chan struct{}, 1), measure: o.Measure,
		queue: make(chan *request, o.Queue), after: after, memory: memory,
	}
	w.turns.New = func() any { return make(chan bool, 1) }
	w.free = sync.NewCond(&w.mu)
	return w
}

// close waits until nobody writes or waits.
func (w *writer) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for w.writing {
		w.free.Wait()
	}
}

// wait returns when the request's outcome is on disk, or is that nothing was
// done. The caller's context can't end the wait between the two.
func (w *writer) wait(r *request) error {
	began, end := time.Now(), w.measure.span(r.ctx)
	r.turn = w.turns.Get().(chan bool)
	defer w.turns.Put(r.turn)
	now, err := w.enqueue(r)
	if err != nil {
		end(err)
		return err
	}
	w.finish(r, now)
	w.measure.waited(time.Since(began))
	end(r.err)
	return r.err
}

// enqueue is true where nobody writes: then it is the request's turn now.
func (w *writer) enqueue(r *request) (now bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false, errClosed
	}
	if !w.writing {
		w.writing = true
		return true, nil
	}
	select {
	case w.queue <- r:
		return false, nil
	default:
		w.measure.refused()
		return false, refusal{presence.Errorf(presence.RateLimited, "the server has %d writes waiting, no more go: try again in a second", cap(w.queue))}
	}
}

// finish sees to it that the request is done, by another's turn or by its own.
func (w *writer) finish(r *request, now bool) {
	if now || <-r.turn {
		w.write(r)
		w.pass()
	}
}

// write does the request, and with it those that wait.
func (w *writer) write(r *request) {
	w.linger()
	batch := w.commit(w.gather([]*request{r}, maxBatch))
	w.measure.shared(len(batch))
	for _, other := range batch[1:] {
		other.turn <- false
	}
	w.after()
}

// pass gives the turn to whoever has waited longest.
func (w *writer) pass() {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case next := <-w.queue:
		next.turn <- true
	default:
		w.writing = false
		w.free.Broadcast()
	}
}

// linger yields while others are coming, such as those who were just answered,
// so that they share the next transaction instead of waiting for the one after it.
func (w *writer) linger() {
	for still := 0; still < patience; still++ {
		before := len(w.queue)
		runtime.Gosched()
		if len(w.queue) > before {
			still = 0
		}
	}
}

// gather adds what waits in the queue, up to limit users.
func (w *writer) gather(batch []*request, limit int) []*request {
	for users := 0; users < limit; {
		select {
		case r := <-w.queue:
			batch = append(batch, r)
			users += r.weight()
		default:
			return batch
		}
	}
	return batch
}

func (r *request) weight() int {
	if r.update == nil {
		return 1
	}
	return len(r.update.userIDs)
}

// do has work done in a transaction, which nobody else changes the users in.
// deed names it in errors that are ours; a refusal is returned as the rule made it.
func (s *Store) do(ctx context.Context, deed string, users []string, work func(*transaction) error) error {
	return s.settled(deed, s.writer.wait(&request{ctx: ctx, do: work, users: users}))
}

func (s *Store) settled(deed string, err error) error {
	var no refusal
	if errors.As(err, &no) {
		return no.error
	}
	if err != nil {
		return fmt.Errorf("%s: %w", deed, err)
	}
	return nil
}
