package admission

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

func enter(t *testing.T, q *Queue, client netip.Addr, cost int64) {
	t.Helper()
	if err := q.Enter(t.Context(), client, cost); err != nil {
		t.Fatal(err)
	}
}

// queued has a call wait, and notes in order when it is let in; it leaves at once.
func queued(t *testing.T, q *Queue, client netip.Addr, cost int64, name string, order *[]string) {
	t.Helper()
	before := q.Waiting()
	go func() {
		if err := q.Enter(t.Context(), client, cost); err != nil {
			t.Error(err)
			return
		}
		*order = append(*order, name) // one at a time is in
		q.Leave(cost)
	}()
	synctest.Wait()
	if q.Waiting() != before+1 {
		t.Fatalf("%s does not wait", name)
	}
}

func TestAClientDoesNotWaitForAllOfAnothersCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(10, 1000, time.Minute)
		enter(t, q, alice, 10)
		var order []string
		for range 100 {
			queued(t, q, alice, 10, "alice", &order)
		}
		queued(t, q, bob, 10, "bob", &order)
		q.Leave(10)
		synctest.Wait()
		if len(order) != 101 || order[0] != "bob" && order[1] != "bob" {
			t.Errorf("%d were let in, bob not among the first two", len(order))
		}
	})
}

func TestWhoAsksForMoreWaitsForMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(100, 1000, time.Minute)
		enter(t, q, alice, 100)
		var order []string
		for range 10 {
			queued(t, q, alice, 100, "dear", &order)
		}
		for range 20 { // of which no two fit in together
			queued(t, q, bob, 51, "cheap", &order)
		}
		q.Leave(100)
		synctest.Wait()
		dear, cheap := 0, 0
		for _, name := range order {
			if name == "dear" {
				dear++
			} else if cheap++; cheap == 10 {
				break
			}
		}
		if dear < 4 || dear > 6 {
			t.Errorf("%d of 100 each came in while 10 of 51 each did: 5 are as much", dear)
		}
	})
}

func TestNoPlaceToWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(1, 4, time.Minute)
		enter(t, q, alice, 1)
		var order []string
		queued(t, q, alice, 1, "first", &order)
		queued(t, q, alice, 1, "second", &order)
		if err := q.Enter(t.Context(), alice, 1); !errors.Is(err, ErrQueueFull) {
			t.Errorf("the third of alice: %v", err)
		}
		queued(t, q, bob, 1, "bob", &order)
		q.Leave(1)
		synctest.Wait()
		if len(order) != 3 {
			t.Errorf("let in: %q", order)
		}
	})
}

func TestNobodyWaitsForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(1, 10, 10*time.Second)
		enter(t, q, alice, 1)
		began := time.Now()
		if err := q.Enter(t.Context(), bob, 1); !errors.Is(err, ErrTooLong) || time.Since(began) != 10*time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := q.Enter(ctx, bob, 1); !errors.Is(err, context.Canceled) {
			t.Errorf("of a call whose client has gone: %v", err)
		}
		q.Leave(1)
		enter(t, q, bob, 1) // nothing of those who gave up is left
		q.Leave(1)
	})
}

func TestACallThatCostsMoreThanAllRunsAlone(t *testing.T) {
	q := NewQueue(10, 10, time.Minute)
	enter(t, q, alice, 1000)
	q.Leave(1000)
	enter(t, q, bob, 10)
	q.Leave(10)
}

// What is in is never more than the capacity, nobody is left behind, and
// nothing is left once all have gone.
func TestTheQueueKeepsItsCapacity(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		capacity := rapid.Int64Range(1, 50).Draw(rt, "capacity")
		q := NewQueue(capacity, 10_000, patience)
		var mu sync.Mutex
		var in, most int64
		var all sync.WaitGroup
		for range rapid.IntRange(1, 60).Draw(rt, "calls") {
			client := rapid.SampledFrom([]netip.Addr{alice, bob, nobody}).Draw(rt, "client")
			cost := rapid.Int64Range(1, 60).Draw(rt, "cost")
			gone := rapid.IntRange(0, 4).Draw(rt, "gone") == 0
			all.Go(func() {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				if gone {
					go cancel()
				}
				if q.Enter(ctx, client, cost) != nil {
					return
				}
				mu.Lock()
				in += min(cost, capacity)
				most = max(most, in)
				mu.Unlock()
				mu.Lock()
				in -= min(cost, capacity)
				mu.Unlock()
				q.Leave(cost)
			})
		}
		all.Wait()
		if most > capacity {
			rt.Errorf("%d were in, %d go", most, capacity)
		}
		if q.used != 0 || len(q.waiting) != 0 || len(q.finish) != 0 || q.places.used != 0 {
			rt.Errorf("left: used %d, %d waiting, %v, %d places", q.used, len(q.waiting), q.finish, q.places.used)
		}
	})
}

// While somebody always waits, thousands come and are served: they are forgotten.
func TestWhoWasServedIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(1, 100, time.Minute)
		come := func(i int) {
			go func() {
				if err := q.Enter(t.Context(), netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 1); err != nil {
					t.Error(err)
				}
			}()
			synctest.Wait()
		}
		come(0)
		come(1)
		for i := 2; i < 5*minSweep; i++ {
			come(i)
			q.Leave(1) // whoever is in
			if synctest.Wait(); q.Waiting() != 1 {
				t.Fatalf("%d wait", q.Waiting())
			}
		}
		if n := len(q.finish); n > 2*minSweep {
			t.Errorf("%d clients are remembered", n)
		}
		q.Leave(1)
		q.Leave(1)
	})
}

// Addresses that are new each time don't overtake for ever whoever waits.
func TestNewcomersDoNotStarveWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(1, 1000, time.Minute)
		enter(t, q, bob, 1)
		served := 0
		call := func(client netip.Addr, after func()) {
			go func() {
				if err := q.Enter(t.Context(), client, 1); err != nil {
					t.Error(err)
					return
				}
				after()
			}()
			synctest.Wait()
		}
		for range 3 {
			call(alice, func() { served++ })
		}
		passed := 0
		for ; served < 3 && passed < 100; passed++ {
			call(netip.AddrFrom4([4]byte{10, 0, 0, byte(passed)}), func() {})
			q.Leave(1) // whoever is in
			synctest.Wait()
		}
		if served < 3 {
			t.Errorf("%d of 3 calls were let in while %d newcomers came", served, passed)
		}
		for q.Waiting() > 0 {
			q.Leave(1)
			synctest.Wait()
		}
		q.Leave(1)
	})
}
