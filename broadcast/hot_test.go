package broadcast

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"userstatus/presence"
)

// TestDoors has viewers and topics come and go all the time: whoever is in,
// is watching.
func TestDoors(t *testing.T) {
	c := openChannel(t)
	var all sync.WaitGroup
	for i := range 6 {
		viewer := fmt.Sprint("viewer", i%3)
		all.Go(func() {
			for range 3_000 {
				s := c.Open(viewer, false, func() {})
				c.Watch(viewer, []string{"bob"})
				if !slices.Contains(c.Watchers("bob"), viewer) || !slices.Contains(c.Viewers(), viewer) {
					t.Errorf("%s has a stream and does not watch", viewer)
				}
				s.Close()
			}
		})
	}
	all.Wait()
	wantEmpty(t, c)
}

// TestFinalAmongMany has users removed and made anew under their watchers.
func TestFinalAmongMany(t *testing.T) {
	c := openChannel(t)
	users := []*stressUser{{id: "bob"}, {id: "carol"}}
	var all sync.WaitGroup
	for _, u := range users {
		for range 2 {
			all.Go(func() { publishFinals(c, u) })
		}
	}
	for i := range 8 {
		viewer, list := fmt.Sprint("viewer", i%4), []string{users[i%2].id, "dave", users[1-i%2].id}[:1+i%3]
		all.Go(func() {
			for range 300 {
				s := c.Open(viewer, false, func() {})
				c.Watch(viewer, list)
				s.Start(nil)
				s.Take(nil)
				s.Close()
			}
		})
	}
	all.Wait()
	wantEmpty(t, c)
}

func publishFinals(c *Channel, u *stressUser) {
	for i := range 2_000 {
		update := at(u.id, int(u.issued.Add(1)))
		update.Final = i%3 == 0
		c.Publish(update)
	}
}

func wantEmpty(t *testing.T, c *Channel) {
	t.Helper()
	if err := c.broken(); err != nil || len(c.viewers.ids())+len(c.topics.ids()) > 0 {
		t.Fatalf("%v; viewers %q, topics %q are left", err, c.viewers.ids(), c.topics.ids())
	}
}

// TestHotUser ends at once, or by the test's timeout if leaving a topic were
// a search through its watchers.
func TestHotUser(t *testing.T) {
	c := openChannel(t)
	const many = 100_000
	streams := make([]presence.Stream, many)
	for i := range streams {
		streams[i] = c.Open(fmt.Sprint("viewer", i), false, func() {})
	}
	for _, leave := range []func(i int){
		func(i int) { c.Watch(fmt.Sprint("viewer", i), nil) },
		func(i int) { c.Watch(fmt.Sprint("viewer", many-1-i), nil) },
		func(i int) { streams[i].Close() },
	} {
		for i := range streams {
			c.Watch(fmt.Sprint("viewer", i), []string{"star"})
		}
		if got := len(c.Watchers("star")); got != many {
			t.Fatalf("%d watch the star", got)
		}
		for i := range streams {
			leave(i)
		}
		wantIDs(t, c.Watchers("star"))
	}
	wantIDs(t, c.Viewers())
}

// TestWakesAreFew has a waker gather what comes while it is busy.
func TestWakesAreFew(t *testing.T) {
	c := openChannel(t)
	busy, release := make(chan struct{}), make(chan struct{})
	var running, wakes atomic.Int32
	s := c.Open("alice", false, func() {
		if running.Add(1) != 1 {
			t.Error("wakes of a stream run side by side")
		}
		if wakes.Add(1) == 1 {
			close(busy)
			<-release
		}
		running.Add(-1)
	})
	defer s.Close()
	c.Watch("alice", []string{"bob"})
	s.Start(nil)
	c.Publish(at("bob", 1))
	<-busy
	for version := 2; version <= 1000; version++ {
		s.Take(nil)
		c.Publish(at("bob", version))
	}
	close(release)
	c.Close()
	if got := wakes.Load(); got > 2 {
		t.Fatalf("%d wakes for a mailbox that filled while the first ran", got)
	}
	want(t, heardOf(s.Take(nil)), heard{"bob", 1000})
}
