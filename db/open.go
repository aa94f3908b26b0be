// Package db keeps the users in a database, by GORM: the store behind the port
// presence.Store, on one SQLite file or on a Postgres that several nodes share.
package db

import (
	"context"
	"fmt"
	"os"
	"sync"

	"gorm.io/gorm"

	"userstatus/presence"
)

// DefaultQueue is how many writers may wait unless Options say otherwise.
const DefaultQueue = 8192

// Options alter a store; the zero value is fit for use.
type Options struct {
	// Queue is how many writers may wait, beyond those in the transaction that is
	// under way; the next one is told RateLimited. 0: DefaultQueue.
	Queue int
	// History says that each change of a status is kept, until PruneHistory.
	History bool
	// Webhooks says that each change is put into the outbox, too.
	Webhooks bool
	// Measure hears how writes fare.
	Measure Measure
}

// Store is a presence.Store. One process at a time has an SQLite file open;
// any number may share a Postgres.
type Store struct {
	read   *gorm.DB
	write  *gorm.DB
	writer *writer
	name   string
	// lock is on an SQLite file; nil on Postgres.
	lock *os.File

	closing  sync.Once
	closeErr error
}

var _ presence.Store = (*Store)(nil)

// Name is what errors call the database; it has no password.
func (s *Store) Name() string { return s.name }

func unopened(err error) error { return fmt.Errorf("cannot be opened: %w", err) }

// poolOf has the engine's connections, up to size, which it keeps.
func poolOf(e engine, size int, config *gorm.Config) (*gorm.DB, error) {
	pool, err := gorm.Open(e, config)
	if pool == nil || pool.ConnPool == nil {
		return nil, err
	}
	conns, connErr := pool.DB()
	if connErr != nil {
		return nil, connErr
	}
	if err != nil {
		_ = conns.Close()
		return nil, err
	}
	conns.SetMaxOpenConns(size)
	conns.SetMaxIdleConns(size)
	return pool, nil
}

// Close waits for the writes that were called before it, and lets go of the
// database. Calls after it end in an error.
func (s *Store) Close() error {
	s.closing.Do(func() {
		s.writer.close()
		s.closeErr = s.release()
	})
	return s.closeErr
}

// release closes the readers first: the last connection to close empties
// SQLite's write-ahead log into the file.
func (s *Store) release() (err error) {
	for _, pool := range []*gorm.DB{s.read, s.write} {
		if pool == nil {
			continue
		}
		conns, poolErr := pool.DB()
		if poolErr == nil {
			poolErr = conns.Close()
		}
		if poolErr != nil {
			err = fmt.Errorf("close database: %w", poolErr)
		}
	}
	if s.lock == nil {
		return err
	}
	if lockErr := s.lock.Close(); err == nil {
		err = lockErr
	}
	return err
}

// Ping is nil when the store can both read and begin to write.
func (s *Store) Ping(ctx context.Context) error {
	if _, err := one[int](s.read.WithContext(ctx), "SELECT version FROM schema_migrations LIMIT 1"); err != nil {
		return fmt.Errorf("ping the database: %w", err)
	}
	return s.do(ctx, "ping the database", nil, func(*transaction) error { return nil })
}
