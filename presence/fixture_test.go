package presence_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"userstatus/broadcast"
	"userstatus/db"
	"userstatus/presence"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fixture is a service on a real store and broadcaster.
type fixture struct {
	testing.TB
	ctx         context.Context
	path        string
	options     presence.Options
	store       *db.Store
	broadcaster *broadcast.Channel
	service     *presence.Service
	// second is another node on the same store, if there is one.
	second *node
	// viewsOf counts how often what others see of a user was read.
	viewsOf atomic.Int32
}

// counting is a store that counts.
type counting struct {
	presence.Store
	viewsOf *atomic.Int32
}

func (s counting) ViewsOf(ctx context.Context, userID string, viewers []string) (map[string]*presence.View, error) {
	s.viewsOf.Add(1)
	return s.Store.ViewsOf(ctx, userID, viewers)
}

func newFixture(t testing.TB, o presence.Options) *fixture {
	t.Helper()
	f := &fixture{TB: t, ctx: context.Background(), path: filepath.Join(t.TempDir(), "test.db"), options: o}
	f.start("first")
	return f
}

// start starts the service as a node of that name, on the same file.
func (f *fixture) start(node string) {
	f.Helper()
	store, err := db.Open(f.ctx, f.path, db.Options{History: true})
	f.must(err)
	f.store, f.broadcaster = store, broadcast.NewChannel()
	o := f.options
	o.Store, o.Broadcaster, o.NodeName, o.Alone, o.Log = counting{f.store, &f.viewsOf}, f.broadcaster, node, true, slog.New(slog.DiscardHandler)
	f.service, err = presence.Start(f.ctx, o)
	f.must(err)
}

func (f *fixture) close() {
	f.Helper()
	if f.second != nil {
		f.second.service.Close()
		f.second.link.Close()
	}
	f.service.Close()
	f.broadcaster.Close()
	f.must(f.store.Close())
}

func (f *fixture) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f *fixture) as(userID string) context.Context {
	return presence.WithViewer(f.ctx, presence.Viewer{UserID: userID, ExpiresAt: time.Now().Add(time.Hour)})
}

// look is one user's status as another may know it.
func (f *fixture) look(viewer, userID string) *presence.UserStatus {
	f.Helper()
	result, err := f.service.UserStatus(f.as(viewer), []string{userID})
	f.must(err)
	if len(result.SuccessUserList) != 1 {
		f.Fatalf("%s asks for %s and gets %+v", viewer, userID, result.FailureUserList)
	}
	return result.SuccessUserList[0]
}
