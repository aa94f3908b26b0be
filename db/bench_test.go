package db

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"gorm.io/gorm"

	"userstatus/presence"
)

// BenchmarkUpdate is acknowledged durable status changes by concurrent writers,
// each of a user of its own. "grouped" is the store as it is; "one by one" does
// the same statements on the same connection with a transaction for each change.
// What it reports as writes/s includes the wait for the disk, and "one by one"
// also reading the user, whom the store remembers. The CPU is the whole process's,
// fsync included.
func BenchmarkUpdate(b *testing.B) {
	for _, writers := range []int{1, 64, 256} {
		b.Run(fmt.Sprintf("one by one/%d", writers), func(b *testing.B) {
			var turn sync.Mutex
			benchmarkWriters(b, writers, func(s *Store, id string, change func(*presence.User) error) error {
				turn.Lock()
				defer turn.Unlock()
				return s.write.Transaction(func(tx *gorm.DB) error {
					r := &request{update: &update{userIDs: []string{id}, change: change}}
					return updateAll(&transaction{DB: tx}, []*request{r})
				})
			})
		})
		b.Run(fmt.Sprintf("grouped/%d", writers), func(b *testing.B) {
			benchmarkWriters(b, writers, func(s *Store, id string, change func(*presence.User) error) error {
				_, err := s.Update(ctx, id, change)
				return err
			})
		})
	}
}

// BenchmarkUpdatePostgres is BenchmarkUpdate on a Postgres on this machine, by its
// socket. "one by one" is a transaction for each change, on as many connections
// as 64 writers have. The CPU is without Postgres' own.
func BenchmarkUpdatePostgres(b *testing.B) {
	for _, writers := range []int{1, 64, 256} {
		b.Run(fmt.Sprintf("one by one/%d", writers), func(b *testing.B) {
			s := openSchema(b, Options{})
			conns, err := s.write.DB()
			if err != nil {
				b.Fatal(err)
			}
			conns.SetMaxOpenConns(64)
			conns.SetMaxIdleConns(64)
			measureWriters(b, s, writers, oneByOne)
		})
		b.Run(fmt.Sprintf("grouped/%d", writers), func(b *testing.B) {
			measureWriters(b, openSchema(b, Options{}), writers, func(s *Store, id string, change func(*presence.User) error) error {
				_, err := s.Update(ctx, id, change)
				return err
			})
		})
	}
}

// oneByOne does what the writer does for a batch of one, without waiting for others.
func oneByOne(s *Store, id string, change func(*presence.User) error) error {
	alone := &writer{db: s.write}
	r := newUpdate(id, change)
	tx, err := alone.begin(nil)
	if err != nil {
		return err
	}
	if err := together(tx, []*request{r}); err != nil {
		tx.rollback()
		return err
	}
	return errors.Join(r.err, tx.commit())
}

func benchmarkWriters(b *testing.B, writers int, write func(*Store, string, func(*presence.User) error) error) {
	measureWriters(b, openAt(b, filepath.Join(b.TempDir(), "bench.db"), Options{}), writers, write)
}

func measureWriters(b *testing.B, s *Store, writers int, write func(*Store, string, func(*presence.User) error) error) {
	var all sync.WaitGroup
	var taken atomic.Int64
	user, kernel := cpuTime(b)
	for i := range writers {
		all.Go(func() {
			id := fmt.Sprintf("user-%06d", i)
			for n := taken.Add(1); n <= int64(b.N); n = taken.Add(1) {
				if err := write(s, id, setText(fmt.Sprint("at the desk ", n))); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
	userAfter, kernelAfter := cpuTime(b)
	b.ReportMetric(float64(userAfter-user)/float64(b.N)/1e3, "user-µs/op")
	b.ReportMetric(float64(kernelAfter-kernel)/float64(b.N)/1e3, "kernel-µs/op")
}

// BenchmarkConnect is sessions that come and go, each of a user of its own: an
// operation is one of the two.
func BenchmarkConnect(b *testing.B) {
	for _, users := range []int{1, 64} {
		b.Run(fmt.Sprint(users), func(b *testing.B) {
			benchmarkWriters(b, users, func(s *Store, id string, _ func(*presence.User) error) error {
				_, err := s.Update(ctx, id, comeOrGo)
				return err
			})
		})
	}
}

func comeOrGo(u *presence.User) error {
	u.StatusType, u.LastOnlineAt = presence.Online, nil
	if len(u.Sessions) > 0 {
		u.Sessions = nil
		return makeUser(u)
	}
	u.Sessions = []presence.Session{{Node: "node"}}
	return makeUser(u)
}

// cpuTime is what the process has spent so far, by itself and in the kernel.
func cpuTime(b *testing.B) (user, kernel time.Duration) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano()), time.Duration(u.Stime.Nano())
}

func setText(text string) func(*presence.User) error {
	return func(u *presence.User) error {
		u.CustomStatus = text
		return makeUser(u)
	}
}

// BenchmarkViews is what opening a stream reads: 500 watched users, each with a session.
func BenchmarkViews(b *testing.B) {
	s := openTemp(b, Options{})
	ids := make([]string, 500)
	for i := range ids {
		ids[i] = fmt.Sprintf("user-%06d", i)
	}
	if _, err := s.UpdateAll(ctx, ids, func(u *presence.User) error {
		u.Sessions = []presence.Session{{Node: "node"}}
		return makeUser(u)
	}); err != nil {
		b.Fatal(err)
	}
	b.Run("Views/500", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Views(ctx, ids[0], ids); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("ViewsOf/500", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.ViewsOf(ctx, ids[0], ids); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("User", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.User(ctx, ids[0]); err != nil {
				b.Fatal(err)
			}
		}
	})
}
