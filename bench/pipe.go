package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// pipe is a connection in memory: the server's end is this net.Conn, and its
// other end is a client that answers from within the server's own Write, so
// that it costs no goroutine and no buffer. A Read that waits has no timer
// unless it has a deadline; a Write never waits.
type pipe struct {
	crowd  *pipeCrowd
	number int
	// opened hears once whether the client got in, and is nil after that.
	opened chan error

	mu sync.Mutex
	// changed wakes whoever reads.
	changed sync.Cond
	// incoming is what the server has still to read. It is never written into.
	incoming        []byte
	readBy, writeBy time.Time
	upgraded        bool
	told            bool
	closed          bool
}

var _ net.Conn = (*pipe)(nil)

// upgradeRequest is what all clients say first.
var upgradeRequest = []byte("GET /graphql HTTP/1.1\r\nHost: pipe\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n")

func newPipe(of *pipeCrowd, number int) *pipe {
	p := &pipe{crowd: of, number: number, opened: make(chan error, 1), incoming: upgradeRequest}
	p.changed.L = &p.mu
	return p
}

func (p *pipe) Read(into []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		switch {
		case p.closed:
			return 0, net.ErrClosed
		case passed(p.readBy):
			return 0, os.ErrDeadlineExceeded
		case len(p.incoming) > 0 || len(into) == 0:
			return p.take(into), nil
		}
		p.wait()
	}
}

// take gives what the client has said, and keeps nothing once that is read.
func (p *pipe) take(into []byte) int {
	n := copy(into, p.incoming)
	p.incoming = p.incoming[n:]
	if len(p.incoming) == 0 {
		p.incoming = nil
	}
	return n
}

// wait returns when something has changed or the deadline has passed.
func (p *pipe) wait() {
	if !p.readBy.IsZero() {
		timer := time.AfterFunc(time.Until(p.readBy), p.wake)
		defer timer.Stop()
	}
	p.changed.Wait()
}

func (p *pipe) wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changed.Broadcast()
}

func passed(deadline time.Time) bool {
	return !deadline.IsZero() && !time.Now().Before(deadline)
}

// Write takes whole frames, as all of the servers write them.
func (p *pipe) Write(from []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return 0, net.ErrClosed
	case passed(p.writeBy):
		return 0, os.ErrDeadlineExceeded
	}
	if err := p.hear(from); err != nil {
		p.fail(err)
		return 0, err
	}
	return len(from), nil
}

// hear is the client. The caller holds the lock, here and in what follows.
func (p *pipe) hear(from []byte) error {
	if !p.upgraded {
		return p.signIn(from)
	}
	for len(from) > 0 {
		op, payload, rest, err := cutFrame(from)
		if err != nil {
			return err
		}
		if err := p.act(op, payload); err != nil {
			return err
		}
		from = rest
	}
	return nil
}

func (p *pipe) signIn(answer []byte) error {
	if !bytes.HasPrefix(answer, []byte("HTTP/1.1 101 ")) || !bytes.HasSuffix(answer, []byte("\r\n\r\n")) {
		return fmt.Errorf("the upgrade was answered %.100q", answer)
	}
	p.upgraded = true
	token, err := tokenOf(watcherName(p.number))
	if err != nil {
		return err
	}
	p.say(appendClientFrame(nil, opText, []byte(`{"type":"connection_init","payload":{"authorization":"Bearer `+token+`"}}`)))
	return nil
}

var (
	// subscribing is what a client says once it is in. The answer to the query
	// means that the subscription before it is open.
	subscribing = appendClientFrame(appendClientFrame(nil, opText, []byte(subscription)), opText, []byte(settling))
	pong        = appendClientFrame(nil, opPong, nil)
)

const settling = `{"id":"q","type":"subscribe","payload":{"query":"{__typename}"}}`

func (p *pipe) act(op byte, payload []byte) error {
	switch {
	case op == opPing:
		p.crowd.pongs.Add(1)
		p.say(pong)
	case op == opClose:
		return fmt.Errorf("the server closed: %q", payload)
	case bytes.Contains(payload, []byte(`"errors"`)) || bytes.Contains(payload, []byte(`"type":"error"`)):
		return fmt.Errorf("the server answered %s", payload)
	case bytes.Contains(payload, []byte(`"connection_ack"`)):
		p.say(subscribing)
	case bytes.Contains(payload, []byte(complete)):
		p.open(nil)
	case bytes.Contains(payload, []byte(starText)):
		return p.noteStar()
	}
	return nil
}

func (p *pipe) noteStar() error {
	if p.told {
		return errors.New("the star's change was told twice")
	}
	p.told = true
	p.crowd.hearStar()
	return nil
}

// say has the server read a message, which is not copied unless another waits.
func (p *pipe) say(message []byte) {
	if len(p.incoming) > 0 {
		message = bytes.Join([][]byte{p.incoming, message}, nil)
	}
	p.incoming = message
	p.changed.Broadcast()
}

func (p *pipe) open(outcome error) {
	if p.opened != nil {
		p.opened <- outcome
		p.opened = nil
	}
}

// fail ends the connection, and the run with it.
func (p *pipe) fail(err error) {
	err = fmt.Errorf("%s: %w", watcherName(p.number), err)
	p.open(err)
	p.crowd.fail(err)
	p.closed = true
	p.changed.Broadcast()
}

// Close is called by the server: in a run nobody ends.
func (p *pipe) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.fail(errors.New("the server cut the connection"))
	}
	return nil
}

func (p *pipe) SetReadDeadline(at time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.readBy = at
	p.changed.Broadcast()
	return nil
}

func (p *pipe) SetWriteDeadline(at time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writeBy = at
	return nil
}

func (p *pipe) SetDeadline(at time.Time) error {
	return errors.Join(p.SetReadDeadline(at), p.SetWriteDeadline(at))
}

func (p *pipe) LocalAddr() net.Addr  { return pipeAddr{} }
func (p *pipe) RemoteAddr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }

var errParts = errors.New("a frame was written in parts")

// cutFrame takes the first frame, of less than 64 KiB, off from.
func cutFrame(from []byte) (op byte, payload, rest []byte, err error) {
	if len(from) < 2 {
		return 0, nil, nil, errParts
	}
	head, size := 2, int(from[1])
	if size == 126 && len(from) >= 4 {
		head, size = 4, int(binary.BigEndian.Uint16(from[2:]))
	}
	if size == 127 && head == 2 || len(from) < head+size {
		return 0, nil, nil, errParts
	}
	return from[0] & 0xf, from[head : head+size], from[head+size:], nil
}

// pipeListener accepts what is sent to it.
type pipeListener chan *pipe

var _ net.Listener = pipeListener(nil)

func (l pipeListener) Accept() (net.Conn, error) {
	p, ok := <-l
	if !ok {
		return nil, net.ErrClosed
	}
	return p, nil
}

// Close is for a listener to which nothing more is sent.
func (l pipeListener) Close() error {
	close(l)
	return nil
}

func (l pipeListener) Addr() net.Addr { return pipeAddr{} }
