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

// waker has a queue of streams, linked by their next: it costs nothing beside
// them, and is as long as there are streams at most.
type waker struct {
	mu         sync.Mutex
	filled     sync.Cond
	head, tail *stream
	closed     bool
}

func newWaker() *waker {
	w := &waker{}
	w.filled.L = &w.mu
	return w
}

func (w *waker) add(s *stream) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.head == nil {
		w.head, w.tail = s, s
		w.filled.Signal()
		return
	}
	w.tail.next, w.tail = s, s
}

func (w *waker) run() {
	for s := w.gather(); s != nil; s = w.gather() {
		flushAll(s)
	}
}

// gather waits for streams and takes the whole queue; nil is the end.
func (w *waker) gather() *stream {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.head == nil && !w.closed {
		w.filled.Wait()
	}
	if w.closed {
		return nil
	}
	s := w.head
	w.head, w.tail = nil, nil
	return s
}

func flushAll(s *stream) {
	for s != nil {
		next := s.next
		s.next = nil // before flush, from where on the stream may be queued anew
		s.flush()
		s = next
	}
}

func (w *waker) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.filled.Broadcast()
}
