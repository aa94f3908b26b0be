package broadcast

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// wakers call the streams' wake functions, so that publishers needn't. Each
// stream belongs to one waker: its wakes never run side by side.
type wakers struct {
	all  []*waker
	next atomic.Uint32
	done sync.WaitGroup
}

// startWakers starts a goroutine per processor; close ends them.
func startWakers() *wakers {
	ws := &wakers{all: make([]*waker, runtime.GOMAXPROCS(0))}
	for i := range ws.all {
		ws.all[i] = newWaker()
		ws.done.Go(ws.all[i].run)
	}
	return ws
}

// assign gives the next stream its waker.
func (ws *wakers) assign() *waker {
	return ws.all[ws.next.Add(1)%uint32(len(ws.all))]
}

func (ws *wakers) close() {
	for _, w := range ws.all {
		w.close()
	}
	ws.done.Wait()
}

// waker has a queue of streams, which is as long as there are streams at most.
type waker struct {
	mu     sync.Mutex
	filled sync.Cond
	queue  []*stream
	closed bool
}

func newWaker() *waker {
	w := &waker{}
	w.filled.L = &w.mu
	return w
}

func (w *waker) add(s *stream) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = append(w.queue, s)
	if len(w.queue) == 1 {
		w.filled.Signal()
	}
}

func (w *waker) run() {
	var due []*stream
	for due = w.gather(due); due != nil; due = w.gather(due) {
		for i, s := range due {
			due[i] = nil
			s.queued.Store(false) // before the wake: what is put from here on queues the stream anew
			s.wake()
		}
	}
}

// gather waits for streams and takes the whole queue, for which it leaves the
// room of the one before; nil is the end.
func (w *waker) gather(room []*stream) []*stream {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.queue) == 0 && !w.closed {
		w.filled.Wait()
	}
	if w.closed {
		return nil
	}
	due := w.queue
	w.queue = room[:0]
	return due
}

func (w *waker) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.filled.Broadcast()
}
