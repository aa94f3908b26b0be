package transport

import (
	"sync"
	"sync/atomic"
)

// maxIdleWorkers is how many goroutines wait for the next burst.
const maxIdleWorkers = 256

// workers run sockets' operations in goroutines that have run others before:
// their stacks have grown already, and a socket's own goroutine, which only
// reads, keeps a small one. There are as many as have something to do, and up
// to maxIdleWorkers more, until stop.
type workers struct {
	next    chan *socketConn
	idle    atomic.Int32
	stopped chan struct{}
	// stop ends the goroutines that wait, and those that work after their work.
	stop func()
}

func newWorkers() *workers {
	stopped := make(chan struct{})
	return &workers{next: make(chan *socketConn), stopped: stopped, stop: sync.OnceFunc(func() { close(stopped) })}
}

// do has c.work called. It doesn't wait.
func (w *workers) do(c *socketConn) {
	select {
	case w.next <- c:
	default:
		go w.run(c)
	}
}

func (w *workers) run(c *socketConn) {
	for ; c != nil; c = w.await() {
		c.work()
	}
}

// await is the next socket with work, or nil when the goroutine is to end.
func (w *workers) await() *socketConn {
	defer w.idle.Add(-1)
	if w.idle.Add(1) > maxIdleWorkers {
		return nil
	}
	select {
	case c := <-w.next:
		return c
	case <-w.stopped:
		return nil
	}
}
