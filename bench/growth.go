package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"userstatus/broadcast"
	"userstatus/db"
	"userstatus/presence"
)

// growth is how the cost of an update depends on how many there are.
func (l *lab) growth() error {
	for _, watchers := range []int{100, 1000, 5000, 15000} {
		cpu := samples{}
		for range l.rounds {
			for _, k := range []kind{ours, bare} {
				got, err := l.closedLoop(k, watchers, max(20, 200_000/watchers))
				if err != nil {
					return err
				}
				cpu.add(k, got.perUpdate())
			}
		}
		l.print(figure{title: fmt.Sprintf("server CPU per update, %d watchers of one user", watchers), unit: "µs", samples: cpu})
	}
	for _, users := range []int{1000, 1_000_000} {
		if err := l.amongRegistered(users); err != nil {
			return err
		}
	}
	return nil
}

// amongRegistered measures with so many users in the database.
func (l *lab) amongRegistered(users int) error {
	dir, err := os.MkdirTemp(l.dir, "registered")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := fill(filepath.Join(dir, "status.db"), users); err != nil {
		return err
	}
	cpu := samples{}
	for range l.rounds {
		used, err := l.inFilled(dir)
		if err != nil {
			return err
		}
		cpu.add(ours, used)
	}
	l.print(figure{title: fmt.Sprintf("server CPU per update, 1000 watchers of one user, %d registered users", users), unit: "µs", samples: cpu})
	return nil
}

func (l *lab) inFilled(dir string) (float64, error) {
	const watchers, changes = 1000, 200
	s, err := l.startIn(dir, ours)
	if err != nil {
		return 0, err
	}
	got, err := l.loop(s, watchers, changes)
	if err != nil {
		s.stop()
		return 0, err
	}
	return got.perUpdate(), s.quit()
}

// fill registers users in a database by the service's own rules, in groups.
func fill(file string, users int) error {
	store, err := db.Open(context.Background(), file, db.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	broadcaster := broadcast.NewChannel()
	defer broadcaster.Close()
	service, err := presence.Start(context.Background(), presence.Options{
		Store: store, Broadcaster: broadcaster, Log: slog.New(slog.DiscardHandler),
		NodeName: "bench", Alone: true, OfflineGrace: time.Second,
	})
	if err != nil {
		return err
	}
	defer service.Close()
	return together(users/presence.MaxListed, func(i int) error {
		ids := make([]string, presence.MaxListed)
		for k := range ids {
			ids[k] = fmt.Sprintf("registered-%07d", i*presence.MaxListed+k)
		}
		_, err := service.RegisterUsers(context.Background(), ids)
		return err
	})
}
