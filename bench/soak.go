package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"time"
)

const (
	soakUsers   = 2_000
	soakSockets = 300
	soakStreams = 20
	soakWatched = 20
	soakGuests  = 1_000 // who come again and again: what is left of one is kept for a day
	soakSample  = 10 * time.Second
)

// soak is the service under mixed load, for as long as -for says: its memory,
// descriptors, goroutines and files are to stay what they are.
func (l *lab) soak() error {
	hooked := l.webhooks
	l.webhooks = true
	flags, end, err := l.receiver()
	l.webhooks = hooked
	if err != nil {
		return err
	}
	defer end()
	s, err := l.start(ours, append(flags, "--history=2m", "--offline-grace=2s", "--max-connections-per-user=50", "--max-connections=10000")...)
	if err != nil {
		return err
	}
	defer s.stop()
	asked, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop() // whoever has seen enough is told what was seen
	ctx, cancel := context.WithTimeout(asked, l.soakTime)
	defer cancel()
	load := &soakLoad{server: s, rate: l.soakRate, random: rand.New(rand.NewPCG(1, 2)), counts: map[string]int{}}
	if err := load.begin(ctx); err != nil {
		return err
	}
	v := newVital(s)
	var running sync.WaitGroup
	running.Go(func() { load.run(ctx) })
	err = l.watchOver(ctx, s, v)
	cancel()
	running.Wait()
	load.end()
	if err != nil {
		return err
	}
	return l.tellSoak(v, load)
}

// watchOver samples until the end.
func (l *lab) watchOver(ctx context.Context, s *server, v *vital) error {
	tick := time.NewTicker(soakSample)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := v.look(s, runtime.NumCPU()); err != nil {
			return fmt.Errorf("the server can't be looked at any more: %w", err)
		}
		fmt.Fprintf(os.Stderr, "\r[%s of %s, %.1f %% of the machine, %.0f MB]   ",
			time.Since(v.began).Round(time.Second), l.soakTime, v.cpu.value[len(v.cpu.value)-1], v.rss.value[len(v.rss.value)-1])
	}
}

func (l *lab) tellSoak(v *vital, load *soakLoad) error {
	warm := l.soakTime / 4
	l.say("\nMixed load for %s, %d things a second; from minute %.0f on, of %d samples:\n", time.Since(v.began).Round(time.Second), load.rate, warm.Minutes(), len(v.rss.after(warm).at))
	var steep []error
	for _, t := range v.all() {
		rest := t.after(warm)
		l.say("%s\n", rest)
		if verdict := rest.verdict(); t != &v.cpu && verdict != isFlat {
			steep = append(steep, fmt.Errorf("%s: %s", t.name, verdict))
		}
	}
	l.say("  done: %s\n", load.told())
	return errors.Join(steep...)
}
