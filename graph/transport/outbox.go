package transport

import (
	"errors"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"userstatus/admission"
)

// maxBacklog is how many bytes of answers may wait for a socket that doesn't
// take them, before it counts as dead. Statuses never wait as bytes: a full
// socket is sent the newest once it takes some again.
const maxBacklog = 1 << 20

var errBacklog = errors.New("the client asks for more than it reads")

// outbox is the way out to one socket. Frames are written from whichever
// goroutine has them, without waiting. What a full socket doesn't take is
// written by a goroutine that lives for just as long as it takes.
type outbox struct {
	conn net.Conn
	raw  syscall.RawConn
	// patience is how long a full socket may take nothing.
	patience time.Duration
	// more appends frames that became due while the socket was full; nil when
	// there are none. It is called with the lock held.
	more func(to []byte) []byte
	// moved is told that a full socket has taken some.
	moved func()
	// fail is told, once, that the socket can't be written to any more.
	fail func(error)
	// memory is reserved for what waits.
	memory *admission.Reservation

	mu     sync.Mutex
	rest   []byte
	stuck  bool
	failed bool
}

// scratch is what a write needs for its duration.
type scratch struct {
	*trier
	frame []byte
}

// maxScratch is in bytes; larger buffers are not kept.
const maxScratch = 64 << 10

var scratchPool = sync.Pool{New: func() any { return &scratch{trier: newTrier()} }}

// put writes what fill appends, or has it wait where the socket is full. The
// caller holds the lock.
func (o *outbox) put(fill func(to []byte) []byte) {
	switch {
	case o.failed:
	case o.stuck:
		o.enqueue(fill)
	default:
		o.write(fill)
	}
}

func (o *outbox) enqueue(fill func(to []byte) []byte) {
	if len(o.rest) > maxBacklog {
		o.giveUp(errBacklog)
		return
	}
	o.rest = fill(o.rest)
	if !o.memory.Grow(len(o.rest)) {
		o.giveUp(errBacklog)
	}
}

// write is put for a socket that isn't stuck. The caller holds the lock.
func (o *outbox) write(fill func(to []byte) []byte) {
	s := scratchPool.Get().(*scratch)
	defer scratchPool.Put(s)
	frame := fill(s.frame[:0])
	if cap(frame) <= maxScratch {
		s.frame = frame
	}
	n, err := s.try(o.raw, frame)
	if err != nil {
		o.giveUp(err)
		return
	}
	if n < len(frame) {
		if !o.memory.Grow(len(frame) - n) {
			o.giveUp(errBacklog)
			return
		}
		o.rest = append([]byte(nil), frame[n:]...)
		o.stuck = true
		go o.drain()
	}
}

// drain writes until nothing waits. It ends by that, or by the socket taking
// nothing for as long as the outbox has patience, or by its being closed.
func (o *outbox) drain() {
	for chunk := o.next(); chunk != nil; chunk = o.next() {
		if err := o.flush(chunk); err != nil {
			o.mu.Lock()
			o.giveUp(err)
			o.mu.Unlock()
			return
		}
	}
}

// next is what waits, or nil when the socket has caught up.
func (o *outbox) next() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	chunk := o.rest
	o.rest = nil
	if len(chunk) == 0 {
		chunk = o.more(nil)
	}
	if len(chunk) == 0 {
		o.stuck = false
		o.memory.Free()
		_ = o.conn.SetWriteDeadline(time.Time{})
		return nil
	}
	return chunk
}

// flush writes all of chunk; each time the socket takes some, patience starts anew.
func (o *outbox) flush(chunk []byte) error {
	for len(chunk) > 0 {
		_ = o.conn.SetWriteDeadline(time.Now().Add(o.patience))
		n, err := o.conn.Write(chunk)
		if err != nil && (n == 0 || !errors.Is(err, os.ErrDeadlineExceeded)) {
			return err
		}
		o.moved()
		chunk = chunk[n:]
	}
	return nil
}

// giveUp is for a socket that can't be written to. The caller holds the lock.
func (o *outbox) giveUp(err error) {
	if o.failed {
		return
	}
	o.failed = true
	o.drop()
	o.fail(err)
}

// drop forgets what waits. The caller holds the lock.
func (o *outbox) drop() {
	o.rest = nil
	o.memory.Free()
}
