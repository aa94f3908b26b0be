package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"time"
)

const (
	listedViewers = 10_000
	// listedEach is the limit of --max-subscriptions, and listedUsers whom they choose from.
	listedEach  = 1_000
	listedUsers = 20_000
)

// lists is what it takes when everybody's watch list is at its limit: to make
// them, to hold them in memory with all connected, and what a bystander waits.
func (l *lab) lists() error {
	viewers := listedViewers
	if l.quick {
		viewers /= 10
	}
	s, err := l.start(ours)
	if err != nil {
		return err
	}
	defer s.stop()
	if err := s.registerMany(listedUsers); err != nil {
		return err
	}
	before, err := s.rss()
	if err != nil {
		return err
	}
	began := time.Now()
	peers := make([]*peer, viewers)
	defer func() { dropAll(peers) }()
	err = together(viewers, func(i int) (err error) {
		if peers[i], err = s.connect(fmt.Sprintf("viewer-%05d", i)); err != nil {
			return err
		}
		names := make([]string, listedEach)
		for j, n := range rand.Perm(listedUsers)[:listedEach] {
			names[j] = watcherName(n)
		}
		if err := peers[i].list(watch, names); err != nil {
			return err
		}
		if i%500 == 0 {
			fmt.Fprintf(os.Stderr, "\r[%d lists]   ", i)
		}
		return nil
	})
	if err != nil {
		return err
	}
	made := time.Since(began)
	began = time.Now()
	if err := together(viewers, func(i int) error { return peers[i].subscribe() }); err != nil {
		return err
	}
	if err := together(viewers, func(i int) error { return peers[i].settle() }); err != nil {
		return err
	}
	open := time.Since(began)
	after, err := s.settledRSS()
	if err != nil {
		return err
	}
	entries := float64(viewers) * listedEach
	l.say("\n%d users connected, each with a list of %d of %d users:\n", viewers, listedEach, listedUsers)
	l.say("  lists made in %s (%.0f entries a second), streams opened in %s\n", made.Round(time.Second), entries/made.Seconds(), open.Round(time.Millisecond))
	l.say("  resident memory %.0f MB, %.0f B an entry; database %.0f MB, %.0f B an entry\n",
		float64(after)/1e6, float64(after-before)/entries, float64(s.files())/1e6, float64(s.files())/entries)
	_, times := s.whileFlooded(nil)
	l.say("  a bystander's query: p50 %s, p99 %s\n", at(times, 0.5), at(times, 0.99))
	return nil
}
