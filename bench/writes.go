package main

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"userstatus/db"
	"userstatus/presence"
)

// direct is not a server: a loop with GORM that has a transaction for each write.
const direct kind = "one by one"

// writes is how many changes a second are acknowledged once they are on disk,
// with so many writers of whom each has one under way.
func (l *lab) writes() error {
	for _, writers := range []int{64, 256} {
		sockets, store := samples{}, samples{}
		for range l.rounds {
			for _, m := range []struct {
				into samples
				kind kind
				run  func(int) (float64, error)
			}{{store, direct, l.directRate}, {store, ours, l.storeRate}, {sockets, ours, l.socketRate}} {
				rate, err := m.run(writers)
				if err != nil {
					return err
				}
				m.into.add(m.kind, rate)
			}
		}
		sockets[direct] = store[direct]
		title := fmt.Sprintf("acknowledged durable changes a second, %d writers, ", writers)
		l.print(figure{title: title + "at the store", unit: "/s", samples: store, rate: true, goals: []goal{{direct, 20}}})
		l.print(figure{title: title + "setSelfStatus over sockets", unit: "/s", samples: sockets, rate: true, goals: []goal{{direct, 8}}})
	}
	return nil
}

// rate has writers write, each one's next after its last, and counts for a while.
func (l *lab) rate(writers int, write func(writer, n int) error) (float64, error) {
	const warmUp = 300 * time.Millisecond
	length := 3 * time.Second
	var count atomic.Int64
	var stop atomic.Bool
	var failure atomic.Pointer[error]
	var group sync.WaitGroup
	for writer := range writers {
		group.Go(func() {
			for n := 0; !stop.Load(); n++ {
				if err := write(writer, n); err != nil {
					failure.Store(&err)
					return
				}
				count.Add(1)
			}
		})
	}
	time.Sleep(warmUp)
	before, began := count.Load(), time.Now()
	time.Sleep(length)
	rate := float64(count.Load()-before) / time.Since(began).Seconds()
	stop.Store(true)
	group.Wait()
	if err := failure.Load(); err != nil {
		return 0, *err
	}
	return rate, nil
}

func (l *lab) socketRate(writers int) (float64, error) {
	flags, end, err := l.receiver()
	if err != nil {
		return 0, err
	}
	defer end()
	s, err := l.start(ours, flags...)
	if err != nil {
		return 0, err
	}
	defer s.stop()
	peers := make([]*peer, writers)
	defer func() { dropAll(peers) }()
	err = together(writers, func(i int) (err error) {
		peers[i], err = s.connect(publisherName(i))
		return err
	})
	if err != nil {
		return 0, err
	}
	stop := l.profile(s, fmt.Sprintf("writes-%d", writers))
	defer stop()
	return l.rate(writers, func(writer, n int) error { return peers[writer].set(textOf(writer, uint32(n))) })
}

func (l *lab) storeRate(writers int) (float64, error) {
	store, err := db.Open(context.Background(), l.file("store"), db.Options{Webhooks: l.webhooks})
	if err != nil {
		return 0, err
	}
	defer func() { _ = store.Close() }()
	return l.rate(writers, func(writer, n int) error {
		_, err := store.Update(context.Background(), publisherName(writer), func(u *presence.User) error {
			u.Exists, u.StatusType, u.Visibility = true, presence.Online, presence.Everyone
			u.CustomStatus = textOf(writer, uint32(n))
			u.Version++
			u.Changes = append(u.Changes, presence.StatusChange{UserID: u.ID, Version: u.Version, At: time.Now(), CustomStatus: u.CustomStatus})
			return nil
		})
		return err
	})
}

var files atomic.Int64

func (l *lab) file(name string) string {
	return filepath.Join(l.dir, fmt.Sprintf("%s-%d.db", name, files.Add(1)))
}

// record is a status, as little as it can be.
type record struct {
	ID      string `gorm:"primaryKey"`
	Text    string
	Version int
}

// directRate is what a service without groups comes to: read, change, write and
// commit, with the same guarantees and on one connection.
func (l *lab) directRate(writers int) (float64, error) {
	pool, err := gorm.Open(sqlite.Open("file:"+l.file("direct")+"?_journal_mode=WAL&_synchronous=FULL&_txlock=immediate&_busy_timeout=5000"),
		&gorm.Config{SkipDefaultTransaction: true, PrepareStmt: true, Logger: logger.Discard})
	if err != nil {
		return 0, err
	}
	conns, err := pool.DB()
	if err != nil {
		return 0, err
	}
	defer func() { _ = conns.Close() }()
	conns.SetMaxOpenConns(1)
	if err := pool.AutoMigrate(&record{}); err != nil {
		return 0, err
	}
	return l.rate(writers, func(writer, n int) error {
		return pool.Transaction(func(tx *gorm.DB) error { return change(tx, publisherName(writer), textOf(writer, uint32(n))) })
	})
}

func change(tx *gorm.DB, id, text string) error {
	r := record{ID: id}
	if err := tx.Where("id = ?", id).Limit(1).Find(&r).Error; err != nil {
		return err
	}
	r.Text, r.Version = text, r.Version+1
	return tx.Save(&r).Error
}
