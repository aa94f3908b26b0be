package main

import (
	"fmt"
	"io"
	"time"
)

// memory is what an idle connection adds to the server's resident memory: one
// that is signed in, ONLINE, and has a subscription open. The kernel's part is
// not in it, nor is what the server has without connections.
func (l *lab) memory() error {
	const limit = 12
	for _, run := range []struct {
		connections int
		kinds       []kind
	}{{5000, []kind{ours, bare, lean, plain}}, {19000, []kind{ours, bare, lean}}} {
		settled, freed := samples{}, samples{}
		for range min(l.rounds, 3) {
			for _, k := range run.kinds {
				asIs, least, err := l.idle(k, run.connections)
				if err != nil {
					return err
				}
				settled.add(k, asIs/1024)
				freed.add(k, least/1024)
			}
		}
		title := fmt.Sprintf("RSS per idle connection, %d of them", run.connections)
		l.print(figure{title: title + ", after a collection that gives memory back", unit: "KB", samples: freed, most: limit, goals: []goal{{bare, 1.2}}})
		l.print(figure{title: title + ", as it stands after a while", unit: "KB", samples: settled})
	}
	return nil
}

// idle returns bytes per connection, before and after the server gave back what
// it did not need.
func (l *lab) idle(k kind, connections int) (asIs, freed float64, err error) {
	hooked := l.hooked
	l.hooked = true
	s, err := l.start(k)
	l.hooked = hooked
	if err != nil {
		return 0, 0, err
	}
	defer s.stop()
	empty, err := s.leastRSS()
	if err != nil {
		return 0, 0, err
	}
	peers, err := s.park(connections)
	defer dropAll(peers)
	if err != nil {
		return 0, 0, err
	}
	settled, err := s.settledRSS()
	if err != nil {
		return 0, 0, err
	}
	least, err := s.leastRSS()
	return float64(settled-empty) / float64(connections), float64(least-empty) / float64(connections), err
}

// park opens subscribed connections whose clients do nothing but answer pings.
func (s *server) park(connections int) ([]*peer, error) {
	peers := make([]*peer, connections)
	err := together(connections, func(i int) (err error) {
		if peers[i], err = s.connect(watcherName(i)); err != nil {
			return err
		}
		return peers[i].subscribe()
	})
	for _, p := range peers {
		if p != nil {
			go p.listen(func([]byte) {})
		}
	}
	return peers, err
}

// listen reads until the socket ends.
func (p *peer) listen(hear func(text []byte)) {
	for {
		text, err := p.next()
		if err != nil {
			return
		}
		hear(text)
	}
}

func dropAll(peers []*peer) {
	for _, p := range peers {
		if p != nil {
			p.drop()
		}
	}
}

func (s *server) leastRSS() (int, error) {
	if err := s.hook("/free", io.Discard); err != nil {
		return 0, err
	}
	return s.rss()
}

// settledRSS waits until memory has changed by less than 1 % for 5 seconds, for
// at most a minute: what is freed goes back to the system little by little.
func (s *server) settledRSS() (rss int, err error) {
	const step, still, most = time.Second, 5, 60
	for steps, quiet := 0, 0; quiet < still && steps < most; steps++ {
		time.Sleep(step)
		now, err := s.rss()
		if err != nil {
			return 0, err
		}
		quiet++
		if abs(now-rss) > rss/100 {
			rss, quiet = now, 0
		}
	}
	return rss, nil
}

func abs(n int) int { return max(n, -n) }
