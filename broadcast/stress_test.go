package broadcast

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"userstatus/presence"
)

const (
	stressUsers   = 20
	stressViewers = 16
	stressRounds  = 60
)

// TestManyAtOnce has publishers publish out of order while viewers watch, open
// and close at random and their readers read when they like: all the time no
// version falls and nobody is told whom they don't watch, and at the end every
// stream's last word is the newest.
func TestManyAtOnce(t *testing.T) {
	c := openChannel(t)
	var users []*stressUser
	for i := range stressUsers {
		users = append(users, &stressUser{id: fmt.Sprint("user", i)})
	}
	var settled, published, told sync.WaitGroup
	settled.Add(stressViewers)
	for i := range stressViewers {
		told.Go(func() {
			v := &stressViewer{TB: t, c: c, id: fmt.Sprint("viewer", i), users: users, allowed: map[string]bool{}}
			v.churn()
			settled.Done()
			published.Wait()
			v.finish()
		})
	}
	churning := make(chan struct{})
	for range 4 {
		published.Go(func() { publishUntil(c, users, churning) })
	}
	settled.Wait()
	close(churning)
	told.Wait()
	wantEmpty(t, c)
}

type stressUser struct {
	id     string
	issued atomic.Int64
}

// publishUntil ends with news of everybody after done.
func publishUntil(c *Channel, users []*stressUser, done chan struct{}) {
	for last := false; !last; {
		select {
		case <-done:
			last = true
		default:
		}
		for _, u := range users {
			first := int(u.issued.Add(5)) - 4
			for _, i := range rand.Perm(5) {
				c.Publish(at(u.id, first+i))
			}
		}
		runtime.Gosched()
	}
}

type stressViewer struct {
	testing.TB
	c       *Channel
	id      string
	users   []*stressUser
	streams []*stressStream

	mu      sync.Mutex
	allowed map[string]bool
}

func (v *stressViewer) churn() {
	for range stressRounds {
		switch n := rand.IntN(10); {
		case n < 3 && len(v.streams) < 4 || len(v.streams) == 0:
			v.open()
		case n < 5:
			i := rand.IntN(len(v.streams))
			v.streams[i].end()
			v.streams = slices.Delete(v.streams, i, i+1)
		case n < 6:
			v.c.Tell(v.id, v.snapshot(), presence.Telling(rand.IntN(3)))
		default:
			v.watch()
		}
		runtime.Gosched()
	}
	if len(v.streams) == 0 {
		v.open()
	}
	v.watch()
}

func (v *stressViewer) watch() {
	next := map[string]bool{}
	for _, i := range rand.Perm(len(v.users))[:rand.IntN(len(v.users))] {
		next[v.users[i].id] = true
	}
	v.mu.Lock()
	maps.Copy(v.allowed, next)
	v.mu.Unlock()
	v.c.Watch(v.id, slices.Collect(maps.Keys(next)))
	v.mu.Lock()
	v.allowed = next
	v.mu.Unlock()
}

// snapshot is of everybody, no older than what is published by now.
func (v *stressViewer) snapshot() []*presence.Update {
	var list []*presence.Update
	for _, u := range v.users {
		if version := int(u.issued.Load()); version > 0 {
			list = append(list, at(u.id, version))
		}
	}
	return list
}

// finish waits until every stream's last word on everybody watched is the newest.
func (v *stressViewer) finish() {
	for _, s := range v.streams {
		for _, u := range v.users {
			if v.allowed[u.id] {
				s.await(u.id, int(u.issued.Load()))
			}
		}
		s.end()
	}
}

type stressStream struct {
	presence.Stream
	viewer   *stressViewer
	snapshot bool
	woken    chan struct{}
	stop     chan struct{}
	stopped  sync.WaitGroup

	mu   sync.Mutex
	news sync.Cond
	last map[string]int
}

func (v *stressViewer) open() {
	s := &stressStream{viewer: v, snapshot: rand.IntN(2) == 0, woken: make(chan struct{}, 1), stop: make(chan struct{}), last: map[string]int{}}
	s.news.L = &s.mu
	s.Stream = v.c.Open(v.id, s.snapshot, func() {
		select {
		case s.woken <- struct{}{}:
		default:
		}
	})
	v.streams = append(v.streams, s)
	if len(v.streams) == 1 {
		v.watch()
	}
	s.stopped.Go(s.read)
	if s.snapshot {
		s.Start(v.snapshot())
		return
	}
	s.Start(nil)
}

func (s *stressStream) end() {
	s.Close()
	close(s.stop)
	s.stopped.Wait()
}

func (s *stressStream) read() {
	for {
		select {
		case <-s.woken:
		case <-s.stop:
			return
		}
		for range rand.IntN(20) {
			runtime.Gosched()
		}
		s.take()
	}
}

// take holds what is allowed still while it looks into the mailbox.
func (s *stressStream) take() {
	s.viewer.mu.Lock()
	defer s.viewer.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range heardOf(s.Take(nil)) {
		last := s.last[h.userID]
		if h.version < last || h.version == last && !s.snapshot {
			s.viewer.Errorf("%v came after version %d", h, last)
		}
		if !s.viewer.allowed[h.userID] {
			s.viewer.Errorf("%v came, who is not watched", h)
		}
		s.last[h.userID] = h.version
	}
	s.news.Broadcast()
}

func (s *stressStream) await(userID string, version int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.last[userID] < version {
		s.news.Wait()
	}
}
