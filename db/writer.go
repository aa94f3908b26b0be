package db

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"gorm.io/gorm"

	"userstatus/presence"
)

// maxBatch is how many users' changes share a transaction, about.
const maxBatch = 1024

var errClosed = errors.New("the database is closed")

// writer is the one goroutine that writes. Whatever calls have gathered while
// it committed share the next transaction, and with it one wait for the disk.
type writer struct {
	db    *gorm.DB
	queue chan *request
	ended chan struct{}
	// after runs after each transaction, once its callers are answered.
	after func()

	mu     sync.RWMutex
	closed bool
}

// request is a caller that waits for its commit.
type request struct {
	ctx context.Context
	// do is what to do, unless it is an update. It runs a second time where the
	// first time was rolled back, and returns a refusal before it writes.
	do     func(*gorm.DB) error
	update *update
	err    error
	done   chan struct{}
}

// refusal is an error of the caller's own rule, not of the database.
type refusal struct{ error }

func startWriter(db *gorm.DB, queue int, after func()) *writer {
	if queue <= 0 {
		queue = DefaultQueue
	}
	w := &writer{db: db, queue: make(chan *request, queue), ended: make(chan struct{}), after: after}
	go w.run()
	return w
}

// close ends the goroutine once the queue is empty.
func (w *writer) close() {
	w.mu.Lock()
	w.closed = true
	close(w.queue)
	w.mu.Unlock()
	<-w.ended
}

// wait queues a request and returns when its outcome is on disk, or is that
// nothing was done. The caller's context can't end the wait between the two.
func (w *writer) wait(r *request) error {
	if err := w.enqueue(r); err != nil {
		return err
	}
	<-r.done
	return r.err
}

func (w *writer) enqueue(r *request) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return errClosed
	}
	select {
	case w.queue <- r:
		return nil
	default:
		return refusal{presence.Errorf(presence.RateLimited, "the server has %d writes waiting, no more go: try again in a second", cap(w.queue))}
	}
}

func (w *writer) run() {
	defer close(w.ended)
	for first := range w.queue {
		w.linger()
		batch := w.commit(w.gather([]*request{first}, maxBatch))
		for _, r := range batch {
			close(r.done)
		}
		w.after()
	}
}

// linger yields while callers that were just answered are coming back, so that
// they share the next transaction instead of waiting for the one after it.
func (w *writer) linger() {
	for before := -1; len(w.queue) > before; {
		before = len(w.queue)
		runtime.Gosched()
	}
}

// gather adds what waits in the queue, up to limit users.
func (w *writer) gather(batch []*request, limit int) []*request {
	for users := 0; users < limit; {
		select {
		case r, open := <-w.queue:
			if !open {
				return batch
			}
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

// do has work done in a transaction. deed names it in errors that are ours; a
// refusal is returned as the rule made it.
func (s *Store) do(ctx context.Context, deed string, work func(*gorm.DB) error) error {
	return s.settled(deed, s.writer.wait(&request{ctx: ctx, do: work, done: make(chan struct{})}))
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
