package broadcast

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"userstatus/presence"
)

const (
	// watchPatience is how long Watch waits at most for the bus to follow.
	watchPatience = 500 * time.Millisecond
	// lastWords is how long Close waits at most for what is on its way out.
	lastWords = time.Second
	// attendants is how many notices from elsewhere are attended to at a time.
	attendants = 4
	// inboxSize is how many messages wait to be read.
	inboxSize = 65_536
)

// NATS is the broadcaster of one of several nodes, which are connected by NATS.
// A node hears of the users its own streams watch, and of nobody else: its
// traffic grows with its own clients, and not with the cluster.
//
// Nothing a caller does waits for the bus, but for Watch, which waits for a
// moment. Whatever happens to the bus costs news, which the nodes make up for
// by comparing; it never blocks, and never falsifies, since versions order all
// that comes, in whatever order it comes.
//
// A subscription at the bus costs about 0.4 KB here for each user that is
// watched (BenchmarkNATSMemory), besides what the server needs for it.
type NATS struct {
	*hub
	subjects subjects
	options  NATSOptions
	link     *link
	interest *interest
	outbox   *letters
	notices  *letters
	listener atomic.Pointer[func(presence.Notice)]

	// conn is replaced by write alone; have is write's own.
	conn  atomic.Pointer[nats.Conn]
	have  map[string]*nats.Subscription
	inbox chan *nats.Msg
	// returned has room for one: the bus was away and is back.
	returned       chan struct{}
	sent, received atomic.Uint64
	subscriptions  atomic.Int64

	dialer  *dialer
	ended   context.Context
	end     context.CancelFunc
	closing chan struct{}
	written chan struct{}
	once    sync.Once
	running sync.WaitGroup
}

var _ presence.Broadcaster = (*NATS)(nil)

// ConnectNATS starts a broadcaster on a bus that answers. Its error is one line
// that names the server, and has nothing secret in it. Close ends it.
func ConnectNATS(ctx context.Context, options NATSOptions) (*NATS, error) {
	if options.Server == nil {
		if err := options.check(); err != nil {
			return nil, err
		}
	}
	n := newNATS(options)
	if err := n.connect(ctx); err != nil {
		n.end()
		n.wakers.close()
		return nil, err
	}
	n.link.connected.Store(true)
	n.start()
	return n, nil
}

func newNATS(options NATSOptions) *NATS {
	n := &NATS{
		options: options, subjects: subjects(options.Prefix),
		interest: newInterest(), outbox: newLetters(), notices: newLetters(),
		have: map[string]*nats.Subscription{}, inbox: make(chan *nats.Msg, inboxSize),
		returned: make(chan struct{}, 1), closing: make(chan struct{}), written: make(chan struct{}),
	}
	n.hub = newHub(n.interest.changed)
	n.ended, n.end = context.WithCancel(context.Background())
	n.dialer = &dialer{ended: n.ended}
	if options.Server != nil {
		n.dialer.inProcess = options.Server.server
	}
	n.link = &link{
		log: options.Log, where: options.where(), onMissed: n.missed, onLost: n.interest.release,
		onBack:   func() { kick(n.returned); kick(n.interest.work) },
		onClosed: func() { kick(n.interest.work) },
	}
	return n
}

// start starts the goroutines that Close ends.
func (n *NATS) start() {
	n.running.Go(n.write)
	n.running.Go(n.confirm)
	n.running.Go(n.read)
	for range attendants {
		n.running.Go(n.attend)
	}
	if n.options.Server != nil {
		n.running.Go(n.followRoutes)
	}
}

// Watch has the bus's server know of new users before it returns, if that
// takes no more than a moment: what is committed after it was read, and
// published after that, then arrives. In a cluster of NATS servers the others
// hear of it a little later, and while the bus is away nobody does; what falls
// into that gap is found by comparing.
func (n *NATS) Watch(viewer string, userIDs []string) (added []string) {
	added = n.hub.Watch(viewer, userIDs)
	if len(added) == 0 || !n.link.connected.Load() {
		return added
	}
	known := n.interest.wait()
	if known == nil {
		return added
	}
	timeout := time.NewTimer(watchPatience)
	defer timeout.Stop()
	select {
	case <-known:
	case <-timeout.C:
	case <-n.ended.Done():
	}
	return added
}

// Publish tells everybody here who watches the user, and leaves it to others
// to tell the bus.
func (n *NATS) Publish(update *presence.Update) {
	n.spread(update)
	n.post(newsOf(update))
}

// spread tells everybody here. Finding out who sees the user is left to
// attendants.
func (n *NATS) spread(update *presence.Update) {
	unsure := n.publish(update)
	if len(unsure) > 0 && !n.notices.put(noticeOf(lookAt(update, unsure))) {
		n.missed()
	}
}

// Announce calls the listener before it returns, and leaves it to others to
// tell the bus. Another node hears of a LoggedOut without Nodes.
func (n *NATS) Announce(notice presence.Notice) {
	n.hear(notice)
	a := address{kind: notice.Kind, userID: notice.UserID}
	switch notice.Kind {
	case presence.NewsMissed:
	case presence.LoggedOut:
		for _, a.node = range notice.Nodes {
			if a.node != n.options.NodeName {
				n.post(letter{address: a})
			}
		}
	default:
		n.post(noticeOf(notice))
	}
}

// Listen sets who hears of notices.
func (n *NATS) Listen(listener func(presence.Notice)) { n.listener.Store(&listener) }

// Close gives what is on its way out a moment, ends the connection, and all
// goroutines; no wake and no listener runs when it returns. It must not be
// called from one.
func (n *NATS) Close() { n.once.Do(n.close) }

func (n *NATS) close() {
	n.link.closing.Store(true)
	close(n.closing)
	timeout := time.NewTimer(lastWords)
	defer timeout.Stop()
	select {
	case <-n.written:
	case <-timeout.C:
	}
	n.end()
	n.conn.Load().Close()
	n.notices.close()
	n.running.Wait()
	n.wakers.close()
}

// Traffic is what went over the bus since the start.
type Traffic struct {
	// Connected is whether the bus is there, Subscriptions to how many users this
	// node listens.
	Connected     bool
	Subscriptions int
	// Sent and Received count messages, Dropped those for which there was no room
	// since the bus was lost last, DroppedInAll since the start.
	Sent, Received, Dropped, DroppedInAll uint64
}

// Traffic is for statistics.
func (n *NATS) Traffic() Traffic {
	return Traffic{
		Connected: n.link.connected.Load(), Subscriptions: int(n.subscriptions.Load()),
		Sent: n.sent.Load(), Received: n.received.Load(), Dropped: n.link.dropped.Load(),
		DroppedInAll: n.link.droppedInAll.Load(),
	}
}

// post puts a letter into the outbox.
func (n *NATS) post(l letter) {
	if !n.outbox.put(l) {
		n.link.overflow()
	}
	kick(n.interest.work)
}

// missed has the listener hear that there may have been any news.
func (n *NATS) missed() { n.notices.put(letter{address: address{kind: presence.NewsMissed}}) }

func (n *NATS) hear(notice presence.Notice) {
	n.carry(notice)
	if listener := n.listener.Load(); listener != nil {
		(*listener)(notice)
	}
}
