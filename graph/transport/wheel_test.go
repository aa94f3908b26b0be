package transport

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// bell notes when it is rung, and wants to be rung again after each of again.
type bell struct {
	rung  []time.Time
	again []time.Duration
}

func (b *bell) fire(now time.Time) time.Time {
	b.rung = append(b.rung, now)
	if len(b.again) == 0 {
		return time.Time{}
	}
	next := b.again[0]
	b.again = b.again[1:]
	return now.Add(next)
}

func TestWheel(t *testing.T) {
	t.Run("wakes at the time or up to a step later", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWheel(20 * time.Second)
			defer w.stop()
			for _, after := range []time.Duration{0, time.Nanosecond, 249 * time.Millisecond, 250 * time.Millisecond, 10 * time.Second, 20*time.Second + 1} {
				b, at := &bell{}, time.Now().Add(after)
				w.add(b, at)
				time.Sleep(after + 2*wheelStep)
				synctest.Wait()
				if len(b.rung) != 1 || b.rung[0].Before(at) || b.rung[0].After(at.Add(wheelStep)) {
					t.Errorf("%v: rung at %v", after, b.rung)
				}
			}
		})
	})
	t.Run("wakes at once for a time that has passed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWheel(20 * time.Second)
			defer w.stop()
			time.Sleep(time.Minute)
			b := &bell{}
			w.add(b, time.Now().Add(-time.Hour))
			time.Sleep(wheelStep)
			synctest.Wait()
			if len(b.rung) != 1 {
				t.Error(b.rung)
			}
		})
	})
	t.Run("wakes again when it is asked to", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWheel(20 * time.Second)
			defer w.stop()
			b := &bell{again: []time.Duration{time.Second, 2 * time.Second, 0}}
			begun := time.Now()
			w.add(b, begun.Add(time.Second))
			time.Sleep(time.Minute)
			synctest.Wait()
			var after []time.Duration
			for _, at := range b.rung {
				after = append(after, at.Sub(begun))
			}
			if want := []time.Duration{1250 * time.Millisecond, 2500 * time.Millisecond, 4750 * time.Millisecond, 5 * time.Second}; !slices.Equal(after, want) {
				t.Errorf("%v, want %v", after, want)
			}
		})
	})
	t.Run("is as exact as short intervals need it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWheel(80 * time.Millisecond)
			defer w.stop()
			b, at := &bell{}, time.Now().Add(100*time.Millisecond)
			w.add(b, at)
			time.Sleep(time.Second)
			synctest.Wait()
			if len(b.rung) != 1 || b.rung[0].Sub(at) > 10*time.Millisecond {
				t.Error(b.rung)
			}
		})
	})
	t.Run("keeps nothing of what is done, and stops twice", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWheel(20 * time.Second)
			for i := range 1000 {
				w.add(&bell{}, time.Now().Add(time.Duration(i)*10*time.Millisecond))
			}
			time.Sleep(time.Minute)
			w.stop()
			w.stop()
			if len(w.slots) > 0 {
				t.Error(len(w.slots))
			}
		})
	})
}
