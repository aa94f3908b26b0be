package main

import (
	"fmt"
	"time"
)

// fanout is what the server's processor does for one update to one watcher.
func (l *lab) fanout() error {
	for _, watchers := range l.watchers {
		if err := l.fanoutTo(watchers); err != nil {
			return err
		}
	}
	return nil
}

func (l *lab) fanoutTo(watchers int) error {
	cpu, size := samples{}, samples{}
	for range l.rounds {
		for _, k := range []kind{ours, bare, plain} {
			cost, err := l.closedLoop(k, watchers, max(20, 200_000/watchers))
			if err != nil {
				return err
			}
			cpu.add(k, cost.perUpdate())
			size.add(k, cost.perFrame())
		}
	}
	if err := size.agree(bare, ours, plain); err != nil {
		return err
	}
	l.print(figure{title: fmt.Sprintf("server CPU per update, %d watchers of one user, closed loop", watchers),
		unit: "µs", samples: cpu, goals: []goal{{bare, 1.15}, {plain, 0.35}}})
	return nil
}

// cost is what a stretch of work took.
type cost struct {
	cpu                    time.Duration
	frames, updates, bytes int64
}

// singly is an error unless each update came in a payload of its own, and none without.
func (c cost) singly(k kind) error {
	if c.frames != c.updates {
		return fmt.Errorf("%s: %d frames for %d updates", k, c.frames, c.updates)
	}
	return nil
}

// In microseconds, and in bytes.
func (c cost) perUpdate() float64  { return micro(c.cpu) / float64(c.updates) }
func (c cost) perPayload() float64 { return micro(c.cpu) / float64(c.frames) }
func (c cost) perFrame() float64   { return float64(c.bytes) / float64(c.frames) }

// closedLoop has one user change many times, each time when all know the last.
func (l *lab) closedLoop(k kind, watchers, changes int, flags ...string) (cost, error) {
	s, err := l.start(k, flags...)
	if err != nil {
		return cost{}, err
	}
	defer s.stop()
	return l.loop(s, watchers, changes)
}

func (l *lab) loop(s *server, watchers, changes int) (cost, error) {
	c, err := gather(s, allSee(1, watchers, 1))
	if err != nil {
		return cost{}, err
	}
	defer c.leave()
	stop := l.profile(s, fmt.Sprintf("fanout-%d", watchers))
	defer stop()
	got, err := c.measure(changes, 0)
	if err != nil {
		return cost{}, err
	}
	return got, got.singly(s.kind)
}

// measure is the cost of so many rounds, in each of which all are told of each
// change that they may see, once, and of nothing else.
func (c *crowd) measure(rounds int, gap time.Duration) (cost, error) {
	c.resetCounts()
	before := c.server.cpu()
	for range rounds {
		if err := c.round(gap, patience); err != nil {
			return cost{}, err
		}
	}
	got := cost{c.server.cpu() - before, c.frames.Load(), c.updates.Load(), c.bytes.Load()}
	if expected := c.pairs * int64(rounds); got.updates != expected {
		return cost{}, fmt.Errorf("%s: %d updates were told in place of %d", c.server.kind, got.updates, expected)
	}
	return got, nil
}

const meshGap = 5 * time.Millisecond

// mesh is many publishers and many watchers: each of 1,000 watches 100 of 1,000.
func (l *lab) mesh() error {
	perPayload, perUpdate, gathered := samples{}, samples{}, samples{}
	for range l.rounds {
		for _, k := range []kind{ours, bare, plain} {
			paced, burst, err := l.meshOnce(k)
			if err != nil {
				return err
			}
			perPayload.add(k, paced.perPayload())
			perUpdate.add(k, burst.perUpdate())
			gathered.add(k, float64(burst.updates)/float64(burst.frames))
		}
	}
	const title = "1,000 watchers of 100 each, 1,000 publishers, "
	l.print(figure{title: title + "a change every 5 ms: server CPU per payload", unit: "µs", samples: perPayload, goals: []goal{{bare, 1.3}}})
	l.print(figure{title: title + "all change at once: server CPU per update", unit: "µs", samples: perUpdate, goals: []goal{{bare, 1}}})
	l.print(figure{title: title + "all change at once: updates in a payload", samples: gathered})
	return nil
}

func (l *lab) meshOnce(k kind) (paced, burst cost, err error) {
	const bursts = 5
	s, err := l.start(k)
	if err != nil {
		return cost{}, cost{}, err
	}
	defer s.stop()
	c, err := gather(s, meshCast())
	if err != nil {
		return cost{}, cost{}, err
	}
	defer c.leave()
	stop := l.profile(s, "mesh")
	defer stop()
	if paced, err = c.measure(1, meshGap); err != nil {
		return cost{}, cost{}, err
	}
	burst, err = c.measure(bursts, 0)
	return paced, burst, err
}

func micro(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }
