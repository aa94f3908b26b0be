package db

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"userstatus/presence"
)

// holdRow has another program hold a user's row until it commits or rolls back.
func holdRow(t *testing.T, address, id string) *sql.Tx {
	t.Helper()
	tx, err := another(t, address).Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec("SELECT FROM users WHERE id = $1 FOR UPDATE", id); err != nil {
		t.Fatal(err)
	}
	return tx
}

// awaitBlocked returns once a store waits for a lock.
func awaitBlocked(t *testing.T, address string) {
	t.Helper()
	other := another(t, address)
	for waiting := 0; waiting == 0; {
		err := other.QueryRow("SELECT count(*) FROM pg_stat_activity, pg_sleep(0.01) WHERE wait_event_type = 'Lock' AND application_name = 'userstatus'").Scan(&waiting)
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestAUserLockedByAnotherProgramFailsAloneAndInTime(t *testing.T) {
	address := newSchema(t)
	s := openShared(t, address+"&lock_timeout=100", Options{})
	h := harness{t, s}
	h.make("alice", "bob")
	other := holdRow(t, address, "alice")
	var locked []*request
	for range 20 {
		locked = append(locked, newUpdate("alice", makeUser))
	}
	free := newUpdate("bob", makeUser)
	began := time.Now()
	inOneBatch(t, s, append(locked, free)...)
	h.ok(free.err)
	for _, r := range locked {
		if r.err == nil || !strings.Contains(r.err.Error(), "lock timeout") {
			t.Errorf("got %v", r.err)
		}
	}
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("it took %v", took)
	}
	h.ok(other.Rollback())
	h.make("alice")
	h.equal("alice", h.user("alice").Version, 2)
}

func TestWhoIsLockedOutAmongManyWaitsAlone(t *testing.T) {
	address := newSchema(t)
	s := openShared(t, address+"&lock_timeout=3000", Options{})
	h := harness{t, s}
	h.make("alice", "bob")
	other := holdRow(t, address, "alice")
	locked, free := newUpdate("alice", makeUser), newUpdate("bob", makeUser)
	go func() {
		awaitTransaction(t, address, 3) // not all together, nor one after the other
		_ = other.Rollback()
	}()
	inOneBatch(t, s, locked, free)
	h.ok(locked.err)
	h.ok(free.err)
	h.equal("alice", h.user("alice").Version, 2)
	h.equal("bob", h.user("bob").Version, 2)
}

// awaitTransaction returns once that many transactions of a store have waited
// for a lock.
func awaitTransaction(t *testing.T, address string, many int) {
	other := another(t, address)
	for seen := map[string]bool{}; len(seen) < many; {
		var began sql.Null[string]
		err := other.QueryRow(`SELECT max(xact_start)::text FROM pg_stat_activity, pg_sleep(0.01)
			WHERE wait_event_type = 'Lock' AND application_name = 'userstatus' AND query LIKE 'INSERT INTO users%'`).Scan(&began)
		if err != nil {
			t.Error(err)
			return
		}
		if began.Valid {
			seen[began.V] = true
		}
	}
}

func TestACommitThatBreaksOffIsInDoubtAndOneThatIsRefusedIsNot(t *testing.T) {
	for name, c := range map[string]struct {
		deed    string
		inDoubt bool
	}{
		"the connection ends in it": {"PERFORM pg_terminate_backend(pg_backend_pid()), pg_sleep(10)", true},
		"a constraint refuses it":   {"RAISE 'refused'", false},
	} {
		t.Run(name, func(t *testing.T) {
			address := newSchema(t)
			s := openShared(t, address, Options{})
			_, err := another(t, address).Exec(`
				CREATE FUNCTION deed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ` + c.deed + `; RETURN NULL; END $$;
				CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION deed()`)
			h := harness{t, s}
			h.ok(err)
			_, err = s.Update(ctx, "alice", makeUser)
			if err == nil || errors.Is(err, presence.ErrInDoubt) != c.inDoubt {
				t.Errorf("the change is answered %v", err)
			}
			h.equal("exists", h.user("alice").Exists, false)
		})
	}
}

func TestWhoIsEntangledWithAnotherBeginsAnew(t *testing.T) {
	address := newSchema(t)
	s := openShared(t, address, Options{})
	h := harness{t, s}
	h.make("alice", "bob")
	other := holdRow(t, address, "bob")
	changed := make(chan error)
	go func() {
		_, err := s.UpdateAll(ctx, []string{"alice", "bob"}, makeUser)
		changed <- err
	}()
	awaitBlocked(t, address) // the store has alice, and waits for bob
	_, err := other.Exec("UPDATE users SET issued = 10 WHERE id = 'alice'")
	h.ok(err)
	h.ok(other.Commit())
	h.ok(<-changed)
	h.equal("alice", h.user("alice").Version, 11)
	h.equal("bob", h.user("bob").Version, 2)
}

func TestANodeThatIsStoppedMidwayKeepsNobodyWaiting(t *testing.T) {
	address := newSchema(t)
	h := harness{t, openShared(t, address, Options{})} // makes the tables, which may take longer than the other one may idle
	stopped := openShared(t, address+"&idle_in_transaction_session_timeout=500", Options{})
	h.make("alice")
	held, goOn := make(chan struct{}), make(chan struct{})
	request := newUpdate("alice", func(u *presence.User) error {
		select {
		case <-held:
		default:
			close(held)
			<-goOn
		}
		return setText("late")(u)
	})
	done := start(t, stopped, request)
	<-held
	h.make("alice")
	close(goOn)
	<-done
	h.ok(request.err) // nothing of it was kept, and so it was done anew
	h.equal("version", h.user("alice").Version, 3)
	h.equal("text", h.user("alice").CustomStatus, "late")
}

// TestARestartOfPostgresLosesNothing has writers on two nodes go on all the time.
func TestARestartOfPostgresLosesNothing(t *testing.T) {
	_, stores := openTwo(t)
	h := harness{t, stores[0]}
	w := &writing{acknowledged: map[string]int{}, came: make(chan struct{}, 1)}
	for i := range 8 {
		w.all.Go(func() { w.write(stores[i%2], fmt.Sprint("user-", i%4)) })
	}
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL} {
		w.await(100)
		h.ok(postgresHere(t).Halt(signal))
		if err := stores[0].Ping(ctx); err == nil {
			t.Error("Ping without Postgres came through")
		}
		h.ok(postgresHere(t).Resume())
		w.await(100)
	}
	w.stop.Store(true)
	w.all.Wait()
	for id, version := range w.acknowledged {
		if u := h.user(id); u.Version < version || u.CustomStatus != fmt.Sprint("status ", u.Version) {
			t.Errorf("%s: acknowledged version %d, kept %d with %q", id, version, u.Version, u.CustomStatus)
		}
	}
	h.equal("errors were met", w.failed.Load() > 0, true)
	for _, s := range stores {
		h.ok(s.Ping(ctx))
	}
}

// writing is what writers were told that it is kept.
type writing struct {
	all    sync.WaitGroup
	stop   atomic.Bool
	failed atomic.Int64
	came   chan struct{}

	mu           sync.Mutex
	acknowledged map[string]int
}

func (w *writing) write(s *Store, id string) {
	for !w.stop.Load() {
		u, err := s.Update(ctx, id, func(u *presence.User) error {
			u.CustomStatus = fmt.Sprint("status ", u.Issued+1)
			return makeUser(u)
		})
		if err != nil {
			w.failed.Add(1)
			continue
		}
		w.mu.Lock()
		w.acknowledged[id] = max(w.acknowledged[id], u.Version)
		w.mu.Unlock()
		select {
		case w.came <- struct{}{}:
		default:
		}
	}
}

// await returns after that many more writes have come through.
func (w *writing) await(n int) {
	for range n {
		<-w.came
	}
}

func TestReadsFailWithoutPostgresAndWorkAgainWithIt(t *testing.T) {
	s := openSchema(t, Options{})
	h := harness{t, s}
	h.make("alice")
	h.ok(postgresHere(t).Halt(syscall.SIGINT))
	_, userErr := s.User(ctx, "alice")
	_, viewsErr := s.ViewsOf(ctx, "alice", []string{"bob"})
	if userErr == nil || viewsErr == nil {
		t.Errorf("got %v", errors.Join(userErr, viewsErr))
	}
	h.ok(postgresHere(t).Resume())
	h.equal("alice", h.user("alice").Exists, true)
}
