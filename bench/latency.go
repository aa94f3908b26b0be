package main

import (
	"slices"
	"time"
)

// latency is from a mutation's sending until a watcher has read what it tells.
func (l *lab) latency() error {
	const watchers, gap = 1000, 200 * time.Millisecond
	changes := 30
	if l.quick {
		changes = 15
	}
	p50, p99 := samples{}, samples{}
	for range l.rounds {
		for _, k := range []kind{ours, bare, plain} {
			delays, err := l.delays(k, watchers, changes, gap)
			if err != nil {
				return err
			}
			p50.add(k, milli(quantile(delays, 0.50)))
			p99.add(k, milli(quantile(delays, 0.99)))
		}
	}
	const title = "from the mutation's sending to the watcher's socket, 1,000 watchers, 5 changes a second"
	l.print(figure{title: "p50 " + title, unit: "ms", samples: p50})
	l.print(figure{title: "p99 " + title, unit: "ms", samples: p99, goals: []goal{{bare, 1.5}}})
	return nil
}

func (l *lab) delays(k kind, watchers, changes int, gap time.Duration) ([]time.Duration, error) {
	s, err := l.start(k)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	c, err := gather(s, allSee(1, watchers, 1))
	if err != nil {
		return nil, err
	}
	defer c.leave()
	tick := time.NewTicker(gap)
	defer tick.Stop()
	for range changes {
		<-tick.C
		if err := c.round(0, patience); err != nil {
			return nil, err
		}
	}
	var all []time.Duration
	for _, w := range c.watchers {
		all = append(all, w.delays...)
	}
	return all, nil
}

// quantile sorts what it is given.
func quantile(all []time.Duration, q float64) time.Duration {
	slices.Sort(all)
	return all[min(len(all)-1, int(q*float64(len(all))))]
}

func milli(d time.Duration) float64 { return micro(d) / 1000 }
