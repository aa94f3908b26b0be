package db

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"userstatus/presence"
)

// hold keeps the writer in a transaction until release is called.
func hold(t *testing.T, s *Store) (release func()) {
	t.Helper()
	held, released := make(chan struct{}), make(chan struct{})
	done := start(t, s, newRequest(func(*transaction) error { close(held); <-released; return nil }))
	<-held
	return func() { close(released); <-done }
}

// start queues a request, and closes done when it is over.
func start(t *testing.T, s *Store, r *request) (done chan struct{}) {
	t.Helper()
	now, err := s.writer.enqueue(r)
	if err != nil {
		t.Fatal(err)
	}
	done = make(chan struct{})
	go func() {
		s.writer.finish(r, now)
		close(done)
	}()
	return done
}

func newRequest(do func(*transaction) error) *request {
	return &request{ctx: ctx, do: do, turn: make(chan bool, 1)}
}

func newUpdate(id string, change func(*presence.User) error) *request {
	return &request{ctx: ctx, update: &update{userIDs: []string{id}, change: change}, turn: make(chan bool, 1)}
}

// inOneBatch has the writer do the requests in one transaction.
func inOneBatch(t *testing.T, s *Store, requests ...*request) {
	t.Helper()
	release := hold(t, s)
	var all []chan struct{}
	for _, r := range requests {
		all = append(all, start(t, s, r))
	}
	release()
	for _, done := range all {
		<-done
	}
}

func insertNode(name string) func(*transaction) error {
	return func(tx *transaction) error {
		return tx.Exec("INSERT INTO nodes (id, name, beat_at, gone) VALUES (?, '', 0, FALSE)", name).Error
	}
}

// refuse has the database refuse to write a user, under a condition on NEW.
func refuse(t *testing.T, s *Store, event, condition string) {
	t.Helper()
	statements := []string{"CREATE TRIGGER refuse BEFORE " + event + " ON users WHEN " + condition + " BEGIN SELECT raise(FAIL, 'refused by the test'); END"}
	if _, ok := engineOf(s.write).(*postgresEngine); ok {
		statements = []string{
			"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused by the test'; END $$",
			"CREATE TRIGGER refuse BEFORE " + event + " ON users FOR EACH ROW WHEN (" + condition + ") EXECUTE FUNCTION refuse()",
		}
	}
	for _, statement := range statements {
		if err := s.write.Exec(statement).Error; err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFailingRequestFailsAlone(t *testing.T) { onEach(t, aFailingRequestFailsAlone) }

func aFailingRequestFailsAlone(t *testing.T, open opener) {
	s := open(t, Options{})
	h := harness{t, s}
	over, cancel := context.WithCancel(ctx)
	cancel()
	skipped := newUpdate("eve", makeUser)
	skipped.ctx = over

	good := []*request{newUpdate("alice", setText("one")), newRequest(insertNode("good")), newUpdate("alice", setText("two"))}
	bad := []*request{
		newRequest(func(tx *transaction) error {
			return errors.Join(insertNode("half")(tx), tx.Exec("no such statement").Error)
		}),
		newUpdate("alice", func(u *presence.User) error { u.CustomStatus = "bad"; return errRule }),
		newRequest(func(*transaction) error { return refusal{errRule} }),
		newRequest(func(*transaction) error { panic("a bug") }),
		newUpdate("alice", func(*presence.User) error { panic("a bug") }),
		skipped,
	}
	inOneBatch(t, s, bad[0], good[0], bad[1], good[1], bad[2], bad[3], good[2], bad[4], bad[5])
	for i, r := range good {
		if r.err != nil {
			t.Errorf("good request %d: %v", i, r.err)
		}
	}
	for i, r := range bad {
		if r.err == nil {
			t.Errorf("bad request %d came through", i)
		}
	}
	all, err := s.Nodes(ctx)
	h.ok(err)
	h.equal("nodes", len(all), 1)
	h.equal("alice", h.user("alice").CustomStatus, "two")
	h.equal("version", h.user("alice").Version, 2)
	h.equal("eve", h.user("eve").Exists, false)
}

func TestOutcomesAreThoseOfTheLastRun(t *testing.T) { onEach(t, outcomesAreThoseOfTheLastRun) }

func outcomesAreThoseOfTheLastRun(t *testing.T, open opener) {
	s := open(t, Options{})
	h := harness{t, s}
	h.make("alice")
	runs := 0
	count := newUpdate("alice", func(u *presence.User) error { runs++; u.CustomStatus = fmt.Sprint(runs); return nil })
	unfit := newUpdate("unfit", makeUser)
	refuse(t, s, "INSERT", "NEW.id = 'unfit' AND NEW.issued > 0")
	inOneBatch(t, s, count, unfit)
	h.equal("error of the other", unfit.err != nil, true)
	h.equal("runs", runs, 2)
	h.equal("returned", count.update.users[0].CustomStatus, "2")
	h.equal("kept", h.user("alice").CustomStatus, "2")
}

func TestUnchangedUsersAreNotWritten(t *testing.T) { onEach(t, unchangedUsersAreNotWritten) }

func unchangedUsersAreNotWritten(t *testing.T, open opener) {
	s := open(t, Options{})
	h := harness{t, s}
	h.make("alice")
	_, err := s.Update(ctx, "alice", func(u *presence.User) error {
		u.CustomStatusExpiresAt, u.HiddenFromFriends = &later, face("alice", 3, &later)
		return nil
	})
	h.ok(err)
	refuse(t, s, "UPDATE", "TRUE")
	_, err = s.Update(ctx, "alice", func(u *presence.User) error { return nil })
	h.ok(err)
	_, err = s.Update(ctx, "alice", setText("new"))
	h.equal("error", err != nil && strings.Contains(err.Error(), "refused by the test"), true)
}

func TestAFullQueueTellsToComeBack(t *testing.T) { onEach(t, aFullQueueTellsToComeBack) }

func aFullQueueTellsToComeBack(t *testing.T, open opener) {
	s := open(t, Options{Queue: 2})
	release := hold(t, s)
	one, two := start(t, s, newUpdate("alice", makeUser)), start(t, s, newUpdate("alice", makeUser))
	_, err := s.Update(ctx, "alice", makeUser)
	if shown, ok := presence.AsError(err); !ok || shown.Code != presence.RateLimited || shown.Message != "the server has 2 writes waiting, no more go: try again in a second" {
		t.Errorf("got %v", err)
	}
	release()
	<-one
	<-two
	harness{t, s}.equal("version", harness{t, s}.user("alice").Version, 2)
}

func TestCloseFinishesWhatWaits(t *testing.T) { onEach(t, closeFinishesWhatWaits) }

func closeFinishesWhatWaits(t *testing.T, open opener) {
	s := open(t, Options{})
	release := hold(t, s)
	waiting := newUpdate("alice", makeUser)
	done := start(t, s, waiting)
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	release()
	<-done
	if err := errors.Join(<-closed, s.Close(), waiting.err); err != nil {
		t.Error(err)
	}
	if _, err := s.Update(ctx, "alice", makeUser); !errors.Is(err, errClosed) {
		t.Errorf("Update after Close: %v", err)
	}
	if _, err := s.User(ctx, "alice"); err == nil {
		t.Error("User after Close came through")
	}
}

// crowd is an UpdateAll that needs many new pages.
func crowd(s *Store) error {
	_, err := s.UpdateAll(ctx, crowdIDs(), setText(strings.Repeat("x", 100)))
	return err
}

func crowdIDs() []string {
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = fmt.Sprintf("%0100d", i)
	}
	return ids
}

// refusesAndRecovers checks that a write that finds no room does nothing, and
// that the store goes on when there is room again.
func refusesAndRecovers(t *testing.T, s *Store, shrink, grow func()) {
	t.Helper()
	h := harness{t, s}
	h.make("alice")
	shrink()
	err := crowd(s)
	grow()
	if err == nil {
		t.Fatal("the write came through")
	}
	t.Log(err)
	h.equal("half done", h.user(fmt.Sprintf("%0100d", 0)).Exists, false)
	h.equal("kept", h.user("alice").Version, 1)
	h.ok(crowd(s))
	h.equal("done later", h.user(fmt.Sprintf("%0100d", 999)).Exists, true)
	h.ok(s.Ping(ctx))
}

func TestAFullDatabaseRefusesAndRecovers(t *testing.T) {
	s := openTemp(t, Options{})
	limit := func(pages int) func() {
		return func() {
			if err := s.write.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages)).Error; err != nil {
				t.Fatal(err)
			}
		}
	}
	refusesAndRecovers(t, s, limit(20), limit(1<<30))
}

func TestADiskThatTakesNoMoreRefusesAndRecovers(t *testing.T) {
	s := openTemp(t, Options{})
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	limit := func(bytes uint64) func() {
		return func() {
			if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: before.Max}); err != nil {
				t.Fatal(err)
			}
		}
	}
	refusesAndRecovers(t, s, limit(200_000), limit(before.Cur))
}

func TestALockedDatabaseFailsAllWhoWait(t *testing.T) {
	s := openTemp(t, Options{})
	if err := s.write.Exec("PRAGMA busy_timeout = 50").Error; err != nil {
		t.Fatal(err)
	}
	other := lockOut(t, s.path(t))
	errs := inParallel(3*maxBatch, func(int) error { _, err := s.Update(ctx, "alice", makeUser); return err })
	for _, err := range errs {
		if err == nil || !strings.Contains(err.Error(), "locked") {
			t.Fatalf("got %v", err)
		}
	}
	other()
	harness{t, s}.make("alice")
}

func (s *Store) path(t *testing.T) string {
	t.Helper()
	return strings.TrimSuffix(s.lock.Name(), ".lock")
}

func TestAWriteThatFindsNoRoomFailsAlone(t *testing.T) {
	s := openTemp(t, Options{})
	h := harness{t, s}
	h.make("alice")
	h.ok(s.write.Exec("PRAGMA max_page_count = 20").Error)
	large := newUpdate("large", nil)
	large.update.userIDs = crowdIDs()
	large.update.change = setText(strings.Repeat("x", 100))
	small := newUpdate("alice", setText("small"))
	node := newRequest(insertNode("one"))
	inOneBatch(t, s, large, small, node)
	h.equal("large came through", large.err == nil, false)
	h.ok(errors.Join(small.err, node.err))
	h.equal("alice", h.user("alice").CustomStatus, "small")
}
