package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"

	"userstatus/admission"
	"userstatus/presence"
)

// socketConn is one socket. Its own goroutine reads; what is written is
// written by whoever has it, through out. What the client asks for is done in
// the order in which it came, by a worker that is there while there is any.
type socketConn struct {
	socket  *Socket
	exec    graphql.GraphExecutor
	ws      *websocket.Conn
	dialect *dialect
	// heard is when the client last gave a sign of life, as since(start): a
	// message, a frame, or that it took some of what had filled its buffers.
	heard atomic.Int64

	pulse  *alarm
	cancel context.CancelFunc
	// release gives back what the socket holds of its client's connections.
	release func()
	// The next two are the reader's: whether the client has sent its
	// connection_init, and what is reserved for the message that comes.
	greeted  bool
	incoming *admission.Reservation

	out outbox
	// The rest is guarded by out.mu.

	// ctx has the viewer once the client is let in, and ends with the socket.
	ctx        context.Context
	presence   *presence.Connection
	expiresAt  time.Time
	expiry     *alarm // or nil, as pulse is there too
	openedAt   time.Time
	pingAt     time.Time
	operations []*operation
	queue      []*operation
	working    bool
	// closeCode is why the socket closes, 0 while it doesn't; closing is true
	// once the client has been told.
	closeCode   int
	closeReason string
	closing     bool
	gone        bool
	// silent is true once the client gave no sign of life for too long, or took
	// nothing any more.
	silent bool
}

// start is what signs of life are counted from.
var start = time.Now()

// newSocketConn makes a socket of a request's, which it outlives. It reads from
// ws and writes to conn.
func newSocketConn(request context.Context, s *Socket, exec graphql.GraphExecutor, ws *websocket.Conn, conn net.Conn) *socketConn {
	now := time.Now()
	c := &socketConn{socket: s, exec: exec, ws: ws, dialect: dialectOf(ws.Subprotocol()), openedAt: now, pingAt: now.Add(s.PingInterval)}
	client, release := admission.Keep(request)
	c.release = release
	c.ctx, c.cancel = context.WithCancel(client)
	c.out = outbox{conn: conn, raw: rawConn(conn), patience: s.PingInterval, more: c.appendNews, moved: c.sawLife, fail: c.unwritable, memory: s.Admission.Reserve(c.ctx)}
	c.incoming = s.Admission.Reserve(c.ctx)
	c.sawLife()
	ws.SetReadLimit(maxMessage)
	ws.SetPingHandler(c.answerPing)
	ws.SetPongHandler(func(string) error { c.sawLife(); return nil })
	ws.SetCloseHandler(c.answerClose)
	return c
}

func (c *socketConn) sawLife() { c.heard.Store(int64(time.Since(start))) }

func (c *socketConn) answerPing(payload string) error {
	c.sawLife()
	c.send(func(to []byte) []byte { return appendFrame(to, websocket.PongMessage, []byte(payload)) })
	return nil
}

// answerClose echoes the client's close, unless it is the echo of ours.
func (c *socketConn) answerClose(code int, _ string) error {
	if code == websocket.CloseNoStatusReceived {
		code = websocket.CloseNormalClosure
	}
	c.closeWith(code, "")
	return nil
}

// unwritable ends a socket that can't be written to: its reader notices.
func (c *socketConn) unwritable(err error) {
	c.socket.Log.Debug("socket cut", "reason", err)
	c.silent = errors.Is(err, errSilent) || errors.Is(err, errBacklog) || errors.Is(err, os.ErrDeadlineExceeded)
	c.socket.Measure.cutOff(err)
	_ = c.ws.NetConn().Close()
}

// serve reads until the socket ends, and leaves nothing of it behind.
func (c *socketConn) serve() {
	defer c.cleanUp()
	for {
		if err := c.readMessage(); err != nil {
			c.linger(err)
			return
		}
	}
}

var readPool = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// readMessage reads one message and acts on it; once the socket is closing, it
// only reads. The buffer is lent for as long as a message takes.
func (c *socketConn) readMessage() error {
	kind, r, err := c.ws.NextReader()
	if err != nil {
		return err
	}
	buffer := readPool.Get().(*bytes.Buffer)
	defer func() {
		if buffer.Cap() <= maxScratch {
			buffer.Reset()
			readPool.Put(buffer)
		}
	}()
	defer c.incoming.Free()
	kept, err := readWithin(buffer, r, maxMessage, c.incoming)
	if err != nil {
		return err
	}
	c.sawLife()
	if !kept {
		c.closeWith(websocket.CloseTryAgainLater, "no memory for the message: send fewer at a time")
		return nil
	}
	if c.isClosing() {
		return nil
	}
	if kind == websocket.TextMessage && !utf8.Valid(buffer.Bytes()) {
		c.closeWith(websocket.CloseInvalidFramePayloadData, "a text message is UTF-8")
		return nil
	}
	c.receive(buffer.Bytes())
	return nil
}

// linger gives a client that broke the protocol the time to read why it is
// closed on: closing with unread data would throw that away.
func (c *socketConn) linger(err error) {
	var closed *websocket.CloseError
	var network net.Error
	if errors.As(err, &closed) || errors.As(err, &network) || errors.Is(err, io.EOF) {
		return
	}
	if errors.Is(err, websocket.ErrReadLimit) {
		c.closeWith(websocket.CloseMessageTooBig, "a message is too large: at most 262144 bytes (256 KiB) go")
	} else {
		c.closeWith(websocket.CloseProtocolError, strings.TrimPrefix(err.Error(), "websocket: "))
	}
	conn := c.ws.NetConn()
	_ = conn.SetReadDeadline(time.Now().Add(closeWait))
	_, _ = io.CopyN(io.Discard, conn, 4*maxMessage)
}

// cleanUp runs once, when nothing more is read.
func (c *socketConn) cleanUp() {
	c.out.mu.Lock()
	c.gone, c.out.failed = true, true
	c.out.drop()
	for _, op := range c.operations {
		op.end()
	}
	c.operations, c.queue = nil, nil
	connection, silent := c.presence, c.silent
	code := c.closeCode
	c.expiry.cancel()
	c.out.mu.Unlock()
	c.pulse.cancel()
	c.cancel()
	_ = c.ws.Close()
	if connection != nil {
		lose(connection, silent)
	}
	c.socket.Measure.ended(c.dialect.transport(), connection != nil, code)
	c.socket.sockets.remove(c)
	c.release()
}

func (c *socketConn) isClosing() bool {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	return c.closeCode != 0
}

// closeWith tells the client at once why the socket closes. It has closeWait to
// answer.
func (c *socketConn) closeWith(code int, reason string) {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	c.resolveClose(code, reason)
	c.tellClose()
}

// closeAnswered is closeWith after the call that is under way, if one is.
func (c *socketConn) closeAnswered(code int, reason string) {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	c.resolveClose(code, reason)
	if !c.working {
		c.tellClose()
	}
}

// resolveClose sets why the socket closes; the first reason stands.
func (c *socketConn) resolveClose(code int, reason string) {
	if c.closeCode == 0 {
		c.closeCode, c.closeReason = code, reason
	}
}

func (c *socketConn) tellClose() {
	if c.closing || c.out.failed {
		return
	}
	c.closing = true
	_ = c.ws.SetReadDeadline(time.Now().Add(closeWait))
	c.out.put(func(to []byte) []byte { return appendClose(to, c.closeCode, c.closeReason) })
}

// end is called by the service, at a logout and when the user is removed.
func (c *socketConn) end(reason string) { c.closeAnswered(closeUnauthorized, reason) }

// send sends what fill appends, unless the socket is closing.
func (c *socketConn) send(fill func(to []byte) []byte) {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	if !c.closing {
		c.out.put(fill)
	}
}

func (c *socketConn) say(r reply) {
	c.send(func(to []byte) []byte { return appendReply(to, r) })
}

// appendNews appends what became due for the subscriptions while the socket
// was full. The outbox calls it, with the lock held.
func (c *socketConn) appendNews(to []byte) []byte {
	if c.closeCode != 0 {
		return to
	}
	for _, op := range c.operations {
		to = c.appendPayload(to, op)
	}
	return to
}

func (c *socketConn) appendPayload(to []byte, op *operation) []byte {
	if op.subscription == nil {
		return to
	}
	return c.dialect.appendData(to, op.idJSON, op.subscription.AppendPayload)
}

// deliver sends what waits for a subscription. A full socket is sent it later,
// and then only what is newest.
func (c *socketConn) deliver(op *operation) {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	if c.closeCode != 0 || c.out.stuck || c.out.failed {
		return
	}
	c.out.write(func(to []byte) []byte { return c.appendPayload(to, op) })
}
