package main

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const (
	stormSize  = 15000
	stormGrace = "30s"
	// stormEnd bounds the storm: who is not back by then is lost.
	stormEnd = 90 * time.Second
)

// storm has all clients lose their sockets and come back at once, while one
// looks on who watches them all, and new users sign in.
func (l *lab) storm() error {
	var flaps, lost, back, signIn, set, cpu = samples{}, samples{}, samples{}, samples{}, samples{}, samples{}
	for range l.rounds {
		got, err := l.stormOnce()
		if err != nil {
			return err
		}
		flaps.add(ours, float64(got.flaps))
		lost.add(ours, float64(got.lost))
		back.add(ours, got.back.Seconds())
		signIn.add(ours, milli(got.signIn))
		set.add(ours, milli(got.set))
		cpu.add(ours, micro(got.cpu)/stormSize)
	}
	title := fmt.Sprintf("%d reconnects at once, grace %s: ", stormSize, stormGrace)
	l.print(figure{title: title + "changes told of those who came back (goal 0)", samples: flaps})
	l.print(figure{title: title + "clients lost (goal 0)", samples: lost})
	l.print(figure{title: title + "until all are back and subscribed", unit: "s", samples: back})
	l.print(figure{title: title + "the server's CPU for each, the loss included", unit: "µs", samples: cpu})
	l.print(figure{title: title + "a new user's setSelfStatus meanwhile, slowest", unit: "ms", samples: set, most: 1000})
	l.print(figure{title: title + "the same user's dial and sign-in before it, slowest", unit: "ms", samples: signIn})
	return nil
}

// havoc is what a storm did.
type havoc struct {
	flaps, lost int64
	back, cpu   time.Duration
	signIn, set time.Duration
}

// fans are all clients: each is subscribed and watches the star.
type fans struct {
	server *server
	peers  []*peer
	// heard counts those who have been told the star's last word; all is closed
	// when they all have.
	heard atomic.Int64
	all   chan struct{}
}

const (
	star     = "star"
	lastWord = "the star's last word"
)

func (l *lab) stormOnce() (h havoc, err error) {
	s, err := l.start(ours, "--offline-grace="+stormGrace)
	if err != nil {
		return h, err
	}
	defer s.stop()
	if err := s.say(star, "hello"); err != nil {
		return h, err
	}
	f := &fans{server: s, peers: make([]*peer, stormSize), all: make(chan struct{})}
	defer func() { dropAll(f.peers) }()
	if err := together(stormSize, f.join); err != nil {
		return h, err
	}
	looker, err := s.lookOn()
	if err != nil {
		return h, err
	}
	defer looker.drop()
	newcomers := s.signInNewcomers()
	before := s.cpu()
	h.back = f.reconnect()
	h.cpu = s.cpu() - before
	if h.signIn, h.set, err = newcomers(); err != nil {
		return h, err
	}
	if h.lost, err = f.count(looker); err != nil {
		return h, err
	}
	h.flaps = looker.told.Load()
	return h, nil
}

// say has a user come, set their status, and go.
func (s *server) say(user, text string) error {
	p, err := s.connect(user)
	if err != nil {
		return err
	}
	defer p.drop()
	return p.set(text)
}

func (f *fans) join(i int) error {
	p, err := f.server.connect(watcherName(i))
	if err != nil {
		return err
	}
	f.peers[i] = p
	if err := errors.Join(p.subscribe(), p.list(watch, []string{star})); err != nil {
		return err
	}
	go p.listen(f.hear)
	return nil
}

func (f *fans) hear(text []byte) {
	if bytes.Contains(text, []byte(lastWord)) && f.heard.Add(1) == stormSize {
		close(f.all)
	}
}

// reconnect drops all sockets, has all dial at once, and returns when all are
// back or their time is up.
func (f *fans) reconnect() time.Duration {
	dropAll(f.peers)
	began := time.Now()
	var group sync.WaitGroup
	for i := range f.peers {
		group.Go(func() {
			for time.Since(began) < stormEnd && !f.comeBack(i) {
				time.Sleep(time.Second)
			}
		})
	}
	group.Wait()
	return time.Since(began)
}

func (f *fans) comeBack(i int) bool {
	p, err := f.server.connect(watcherName(i))
	if err != nil || errors.Join(p.subscribe(), p.settle()) != nil {
		return false
	}
	f.peers[i] = p
	go p.listen(f.hear)
	return true
}

// count has the star say a last word, and returns how many clients don't hear it.
func (f *fans) count(also *looker) (lost int64, err error) {
	p, err := f.server.connect(star)
	if err != nil {
		return 0, err
	}
	defer p.drop() // not before: to go OFFLINE would be another word
	if err := p.set(lastWord); err != nil {
		return 0, err
	}
	late := time.After(patience)
	select {
	case <-f.all:
	case <-late:
	}
	select {
	case <-also.last:
	case <-late:
		return 0, errors.New("who looked on was not told the star's last word")
	}
	return stormSize - f.heard.Load(), nil
}

// looker watches all the fans and the star.
type looker struct {
	*peer
	told atomic.Int64  // changes of fans
	last chan struct{} // is closed at the star's last word
}

func (s *server) lookOn() (*looker, error) {
	p, err := s.connect("looker")
	if err != nil {
		return nil, err
	}
	users := []string{star}
	for i := range stormSize {
		users = append(users, watcherName(i))
	}
	if err := errors.Join(p.subscribe(), p.list(watch, users)); err != nil {
		return nil, err
	}
	l := &looker{peer: p, last: make(chan struct{})}
	go p.listen(l.hear)
	return l, nil
}

func (l *looker) hear(text []byte) {
	l.told.Add(int64(bytes.Count(text, []byte(`"userID":"watcher-`))))
	if bytes.Contains(text, []byte(lastWord)) {
		close(l.last)
	}
}

// signInNewcomers has new users come and set their status, one after the other;
// what it returns ends that, with the slowest sign-in and the slowest answer.
func (s *server) signInNewcomers() func() (signIn, set time.Duration, err error) {
	var stop atomic.Bool
	var signIn, set time.Duration
	var failure error
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; !stop.Load() && failure == nil; i++ {
			var a, b time.Duration
			a, b, failure = s.newcomer(fmt.Sprintf("newcomer-%d", i))
			signIn, set = max(signIn, a), max(set, b)
		}
	}()
	return func() (time.Duration, time.Duration, error) {
		stop.Store(true)
		<-done
		return signIn, set, failure
	}
}

func (s *server) newcomer(user string) (signIn, set time.Duration, err error) {
	began := time.Now()
	p, err := s.connect(user)
	if err != nil {
		return 0, 0, err
	}
	defer p.drop()
	signedIn := time.Now()
	err = p.set(textOf(0, 0))
	return signedIn.Sub(began), time.Since(signedIn), err
}
