package broadcast

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	// sendAtOnce is how many letters go out before the interest is looked at again.
	sendAtOnce = 256
	// reopenWait is between two attempts at a new connection.
	reopenWait = time.Second
)

// connect makes the connection and hears what is for this node, or for all. The
// end of ctx ends the attempt.
func (n *NATS) connect(ctx context.Context) error {
	stop := context.AfterFunc(ctx, n.end)
	defer stop()
	opts, err := n.options.options(n.dialer, n.link)
	if err != nil {
		return err
	}
	conn, err := opts.Connect()
	if err == nil {
		err = n.greet(conn)
	}
	if ctx.Err() != nil {
		err = fmt.Errorf("connect: %w", ctx.Err())
	}
	if err != nil {
		return n.options.describe(err, n.dialer)
	}
	n.conn.Store(conn)
	return nil
}

// greet subscribes to what every node hears, and sees whether it may.
func (n *NATS) greet(conn *nats.Conn) error {
	var err error
	for _, subject := range []string{n.subjects.all(), n.subjects.node(n.options.NodeName)} {
		_, subscribed := conn.ChanSubscribe(subject, n.inbox)
		err = errors.Join(err, subscribed)
	}
	if err == nil {
		err = conn.FlushTimeout(connectTimeout)
	}
	if last := conn.LastError(); err == nil && errors.Is(last, nats.ErrPermissionViolation) {
		err = last
	}
	if err != nil {
		conn.SetDisconnectErrHandler(nil) // this one was never the bus
		conn.SetClosedHandler(nil)
		conn.Close()
	}
	return err
}

// write is the one that writes to the connection, until Close: a server that
// doesn't read holds it up, and nobody else.
func (n *NATS) write() {
	defer close(n.written)
	for {
		for n.reopen() && (n.reconcile() || n.send()) {
		}
		select {
		case <-n.interest.work:
		case <-n.closing:
			n.finish()
			return
		}
	}
}

// finish sends what is left, for as long as Close waits for it.
func (n *NATS) finish() {
	for n.ended.Err() == nil && n.send() {
	}
	if n.link.connected.Load() {
		_ = n.conn.Load().FlushTimeout(lastWords) // there is nobody left to tell
	}
}

// reconcile has the bus know whom the hub watches; false if it did. Since
// whoever is looked at was marked after the hub had changed, and is looked at
// after the marks were taken, the last word is the hub's.
func (n *NATS) reconcile() bool {
	dirty, upTo := n.interest.take()
	if len(dirty) == 0 {
		return false
	}
	for userID := range dirty {
		n.align(userID)
	}
	n.subscriptions.Store(int64(len(n.have)))
	n.interest.wrote(upTo)
	return true
}

// align subscribes to a user or lets go of them. Its errors are of a connection
// that has ended for good: the next one begins anew.
func (n *NATS) align(userID string) {
	sub, have := n.have[userID]
	switch wanted := n.topics.get(userID) != nil; {
	case wanted && !have:
		if sub, err := n.conn.Load().ChanSubscribe(n.subjects.user(userID), n.inbox); err == nil {
			n.have[userID] = sub
		}
	case !wanted && have:
		delete(n.have, userID)
		_ = sub.Unsubscribe()
	}
	if len(n.have) == 0 {
		n.have = map[string]*nats.Subscription{} // a map does not shrink by itself
	}
}

// send sends some of what waits; false if there is no more, or no bus.
func (n *NATS) send() bool {
	for range sendAtOnce {
		if !n.link.connected.Load() {
			return false
		}
		l, ok := n.outbox.take()
		if !ok {
			return false
		}
		if err := n.sendOne(l); err != nil {
			n.post(l)
			return false
		}
	}
	return true
}

// sendOne fails where the letter may be sent later.
func (n *NATS) sendOne(l letter) error {
	data, err := l.encode()
	if err != nil {
		n.link.failed(nil, nil, fmt.Errorf("write a message: %w", err))
		return nil
	}
	err = n.conn.Load().Publish(n.subjects.of(l.address), data)
	if errors.Is(err, nats.ErrReconnectBufExceeded) || errors.Is(err, nats.ErrConnectionClosed) {
		return err
	}
	if err != nil {
		n.link.failed(nil, nil, err)
		return nil
	}
	n.sent.Add(1)
	return nil
}

// reopen makes a new connection where the library has given one up for good,
// as it does at errors that it doesn't know. It is false at the end.
func (n *NATS) reopen() bool {
	for n.conn.Load().IsClosed() {
		select {
		case <-time.After(reopenWait):
		case <-n.closing:
			return false
		}
		if err := n.connect(n.ended); err != nil {
			n.link.failed(nil, nil, err)
			continue
		}
		n.have = map[string]*nats.Subscription{}
		for _, userID := range n.topics.ids() {
			n.interest.changed(userID)
		}
		n.reconcile()
		n.link.back(nil)
	}
	return true
}
