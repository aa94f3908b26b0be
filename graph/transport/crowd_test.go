package transport

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// crowdOf is a crowd of the numbers below n.
func crowdOf(n int) *crowd[int] {
	c := newCrowd[int]()
	for i := range n {
		c.add(i)
	}
	return c
}

// leavings is when each of n left, since the stop began, on a fake clock.
func leavings(t *testing.T, n int) (after []time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c, began := crowdOf(n), time.Now()
		gone := c.leave(t.Context(), func(one int) {
			after = append(after, time.Since(began))
			c.remove(one)
		})
		if !gone || len(c.all()) > 0 {
			t.Errorf("%d of %d are left", len(c.all()), n)
		}
	})
	return after
}

func TestACrowdLeavesOneAfterAnother(t *testing.T) {
	for n, last := range map[int]time.Duration{
		0: 0, 1: 0, 5: 4 * time.Millisecond, 1_000: 999 * time.Millisecond, 3_000: 2_999 * time.Millisecond, 20_000: 2_999_850 * time.Microsecond,
	} {
		after := leavings(t, n)
		if len(after) != n || n > 0 && after[n-1] != last {
			t.Errorf("%d of %d left, the last after %v, want %v", len(after), n, slices.Max(after), last)
		}
		for i, at := range after {
			if want := last * time.Duration(i) / time.Duration(max(n-1, 1)); at != want {
				t.Fatalf("number %d of %d left after %v, want %v", i, n, at, want)
			}
		}
	}
}

func TestWhoeverLeavesByThemselvesIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, began := crowdOf(1_000), time.Now()
		c.leave(t.Context(), func(int) {
			for _, one := range c.all() {
				c.remove(one)
			}
		})
		if took := time.Since(began); took > 0 {
			t.Errorf("it took %v", took)
		}
	})
}

func TestAtTheEndOfItsTimeACrowdLeavesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, began := crowdOf(1_000), time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		told := map[int]bool{}
		gone := c.leave(ctx, func(one int) { told[one] = true })
		if took := time.Since(began); gone || took != 500*time.Millisecond || len(told) != 1_000 {
			t.Errorf("%d were told in %v; all gone: %v", len(told), took, gone)
		}
	})
}

func TestWhoComesWhileOthersLeaveIsTurnedAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := crowdOf(2)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			c.leave(ctx, func(int) {})
		}()
		synctest.Wait()
		if !c.isLeaving() || c.add(2) {
			t.Error("there was room")
		}
		cancel()
		<-done
		for one := range 3 {
			c.remove(one)
		}
		if !c.leave(t.Context(), func(int) { t.Error("it begins anew") }) {
			t.Error("somebody is left")
		}
	})
}
