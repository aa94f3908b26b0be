package main

import (
	"fmt"
	"time"
)

// accept is what the server's processor does until a client is let in: the
// handshake, the token, the user's ONLINE on disk and the acknowledgement. Bare
// is the handshake alone, and greeted has messages go to and fro as well, of
// which nothing is checked. The users are known, and offline.
func (l *lab) accept() error {
	for _, atATime := range []int{64, 1} {
		connections := 3000
		if atATime == 1 {
			connections = 1000
		}
		cpu := samples{}
		for range l.rounds {
			for _, k := range []kind{ours, bare, greeted} {
				used, err := l.acceptOnce(k, connections, atATime)
				if err != nil {
					return err
				}
				cpu.add(k, micro(used)/float64(connections))
			}
		}
		l.print(figure{title: fmt.Sprintf("server CPU to accept one connection, token checked, ONLINE on disk, %d at a time", atATime),
			unit: "µs", samples: cpu, goals: []goal{{bare, 1.5}}})
	}
	return nil
}

func (l *lab) acceptOnce(k kind, connections, atATime int) (time.Duration, error) {
	s, err := l.start(k)
	if err != nil {
		return 0, err
	}
	defer s.stop()
	if err := s.register(connections); err != nil {
		return 0, err
	}
	const warmUp = 300
	peers := make([]*peer, warmUp+connections)
	defer func() { dropAll(peers) }()
	open := func(i int) (err error) {
		if k == bare {
			peers[i], err = s.upgrade("")
			return err
		}
		peers[i], err = s.connect(watcherName(i))
		return err
	}
	if err := together(warmUp, open); err != nil {
		return 0, err
	}
	stop := l.profile(s, fmt.Sprintf("accept-%d", atATime))
	defer stop()
	before := s.cpu()
	err = inParallel(atATime, connections, func(i int) error { return open(warmUp + i) })
	return s.cpu() - before, err
}

// register makes watchers known to our server.
func (s *server) register(watchers int) error {
	if s.kind != ours {
		return nil
	}
	p, err := s.connect(admin)
	if err != nil {
		return err
	}
	defer p.drop()
	users := make([]string, watchers+1000)
	for i := range users {
		users[i] = watcherName(i)
	}
	if err := p.list(register, users); err != nil {
		return fmt.Errorf("register users: %w", err)
	}
	return nil
}
