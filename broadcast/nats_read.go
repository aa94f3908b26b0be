package broadcast

import (
	"time"

	"github.com/nats-io/nats.go"
)

// routesEvery is how often an embedded server is asked for its routes.
const routesEvery = time.Second

// read reads what comes, until Close.
func (n *NATS) read() {
	for {
		select {
		case m := <-n.inbox:
			n.receive(m)
		case <-n.ended.Done():
			return
		}
	}
}

// receive tells the streams of a status at once; a notice waits for somebody
// to attend to it, since that takes reading the store.
func (n *NATS) receive(m *nats.Msg) {
	n.received.Add(1)
	l, err := decode(m.Data)
	if err != nil {
		n.options.Log.Debug("a message is passed over", "subject", m.Subject, "error", err)
		return
	}
	if l.status != nil {
		n.spread(l.update())
		return
	}
	if !n.notices.put(l) {
		n.missed()
	}
}

// attend has the listener hear of notices from elsewhere, until Close.
func (n *NATS) attend() {
	for l, ok := n.notices.await(); ok; l, ok = n.notices.await() {
		n.hear(l.notice())
	}
}

// confirm asks the server whether it knows of all whom this node watches, for
// those who wait for that, and after the bus was away. It ends with Close.
func (n *NATS) confirm() {
	for {
		select {
		case <-n.interest.asked:
			n.confirmDue()
		case <-n.returned:
			// What is missed before the server knows of all whom this node watches, it
			// doesn't send. If this fails, the bus is lost again, or was too slow.
			_ = n.conn.Load().FlushTimeout(connectTimeout)
			n.missed()
		case <-n.ended.Done():
			return
		}
	}
}

func (n *NATS) confirmDue() {
	for upTo, ok := n.interest.due(); ok; upTo, ok = n.interest.due() {
		if n.conn.Load().FlushTimeout(watchPatience) != nil {
			n.interest.release()
			return
		}
		n.interest.confirm(upTo)
	}
}

// followRoutes sees when an embedded server has a new route to another: while
// there was none, news were missed and no connection was lost.
func (n *NATS) followRoutes() {
	tick := time.NewTicker(routesEvery)
	defer tick.Stop()
	for known := n.options.Server.routes(); ; {
		select {
		case <-tick.C:
		case <-n.ended.Done():
			return
		}
		now := n.options.Server.routes()
		if !covers(known, now) {
			n.missed()
		}
		known = now
	}
}

func covers(known, now map[uint64]bool) bool {
	for id := range now {
		if !known[id] {
			return false
		}
	}
	return true
}
