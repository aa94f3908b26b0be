package presence_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"userstatus/broadcast"
	"userstatus/db"
	"userstatus/presence"
)

// link is the broadcaster of one of two nodes whose bus loses everything but
// what is of nodes.
type link struct {
	*broadcast.Channel
	peer     *link
	listener atomic.Pointer[func(presence.Notice)]
	// silent is set while nothing of the node reaches its peer.
	silent atomic.Bool
}

func (l *link) Listen(listener func(presence.Notice)) {
	l.listener.Store(&listener)
	l.Channel.Listen(listener)
}

func (l *link) Announce(n presence.Notice) {
	l.Channel.Announce(n)
	hear := l.peer.listener.Load()
	if hear == nil || l.silent.Load() || n.Kind != presence.LoggedOut && n.Kind != presence.NodeLives {
		return
	}
	(*hear)(presence.Notice{Kind: n.Kind, UserID: n.UserID})
}

// unsteady is a store that a node can lose for a while. It may fail, or leave
// the node without an answer as if all of it stood still.
type unsteady struct {
	presence.Store
	away   atomic.Pointer[error]
	frozen atomic.Pointer[chan struct{}]
	// unheard is how many of the next calls of Update end as if the store had broken
	// off after their commit.
	unheard atomic.Int32
	// unlisted is how many of the next calls of Nodes fail.
	unlisted atomic.Int32
}

func (s *unsteady) reach() error {
	if frozen := s.frozen.Load(); frozen != nil {
		<-*frozen
	}
	if err := s.away.Load(); err != nil {
		return *err
	}
	return nil
}

// freeze has the node's heart stand still until thaw is called.
func (s *unsteady) freeze() (thaw func()) {
	frozen := make(chan struct{})
	s.frozen.Store(&frozen)
	return func() {
		s.frozen.Store(nil)
		close(frozen)
	}
}

func (s *unsteady) Beat(ctx context.Context, node string, now time.Time, figures presence.Figures) (bool, error) {
	if err := s.reach(); err != nil {
		return false, err
	}
	return s.Store.Beat(ctx, node, now, figures)
}

func (s *unsteady) Nodes(ctx context.Context) ([]presence.Node, error) {
	if err := s.reach(); err != nil {
		return nil, err
	}
	if s.unlisted.Add(-1) >= 0 {
		return nil, errors.New("the store breaks off")
	}
	return s.Store.Nodes(ctx)
}

func (s *unsteady) Update(ctx context.Context, userID string, change func(*presence.User) error) (*presence.User, error) {
	if err := s.reach(); err != nil {
		return nil, err
	}
	u, err := s.Store.Update(ctx, userID, change)
	if s.unheard.Add(-1) >= 0 {
		return nil, errors.Join(err, presence.ErrInDoubt)
	}
	return u, err
}

// node is one of two that share a store.
type node struct {
	link    *link
	store   *unsteady
	service *presence.Service
}

// freeze has all of the node stand still but for its connections.
func (n *node) freeze() (thaw func()) {
	n.link.silent.Store(true)
	beat := n.store.freeze()
	return func() {
		n.link.silent.Store(false)
		beat()
	}
}

// newPair is a fixture of two nodes, first and second.
func newPair(t testing.TB, o presence.Options) *fixture {
	t.Helper()
	f := &fixture{TB: t, ctx: context.Background(), path: filepath.Join(t.TempDir(), "test.db"), options: o}
	store, err := db.Open(f.ctx, f.path, db.Options{History: true})
	f.must(err)
	f.store = store
	first, second := f.newNode(), f.newNode()
	first.link.peer, second.link.peer = second.link, first.link
	f.must(f.run(first, "first"))
	f.must(f.run(second, "second"))
	f.broadcaster, f.service, f.second = first.link.Channel, first.service, second
	return f
}

func (f *fixture) newNode() *node {
	return &node{link: &link{Channel: broadcast.NewChannel()}, store: &unsteady{Store: f.store}}
}

func (f *fixture) run(n *node, name string) (err error) {
	o := f.options
	o.Store, o.Outbox, o.Broadcaster, o.NodeName, o.Log = n.store, f.store, n.link, name, slog.New(slog.DiscardHandler)
	n.service, err = presence.Start(f.ctx, o)
	return err
}
