// Package db keeps the users in a database, by GORM: the store behind the port
// presence.Store, on one SQLite file.
package db

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"sync"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"userstatus/presence"
)

const (
	// DefaultQueue is how many writers may wait unless Options say otherwise.
	DefaultQueue = 8192

	readers = 4
	// checkpointPages is how large the write-ahead log grows, in pages of 4 KiB,
	// before it is copied into the file.
	checkpointPages = 4000
)

// Options alter a store; the zero value is fit for use.
type Options struct {
	// Queue is how many writers may wait, beyond those in the transaction that is
	// under way; the next one is told RateLimited. 0: DefaultQueue.
	Queue int
}

// Store is a presence.Store. One process at a time has a database open.
type Store struct {
	read   *gorm.DB
	write  *gorm.DB
	writer *writer
	lock   *os.File

	closing  sync.Once
	closeErr error
}

var _ presence.Store = (*Store)(nil)

// Open opens the database in the file at path, makes it where there is none,
// and brings its schema up to date. It waits up to 5 seconds for another
// program's lock. Its errors are one line that names the path.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	lock, err := lockFile(path)
	if err != nil {
		return nil, err
	}
	s := &Store{lock: lock}
	if err := s.open(ctx, resolved(path)); err != nil {
		s.release()
		return nil, fmt.Errorf("database %s %w", path, err)
	}
	log := &checkpointer{db: s.write, file: resolved(path) + "-wal", limit: maxWAL}
	s.writer = newWriter(s.write, o.Queue, log.afterCommit)
	return s, nil
}

func (s *Store) open(ctx context.Context, path string) (err error) {
	if s.write, err = connect(path, 1, "_journal_mode=WAL&_synchronous=FULL&_txlock=immediate&_cache_size=-32000"); err != nil {
		return unopened(err)
	}
	if err = migrate(s.write.WithContext(ctx), scripts); err != nil {
		return err
	}
	if err = s.write.Exec(fmt.Sprintf("PRAGMA wal_autocheckpoint = %d", checkpointPages)).Error; err != nil {
		return unopened(err)
	}
	if s.read, err = connect(path, readers, "_query_only=1&_cache_size=-16000"); err != nil {
		return unopened(err)
	}
	return nil
}

func unopened(err error) error { return fmt.Errorf("cannot be opened: %w", err) }

// connect opens a pool of up to size connections, which it keeps.
func connect(path string, size int, params string) (*gorm.DB, error) {
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?_busy_timeout=5000&_stmt_cache_size=64&" + params
	pool, err := gorm.Open(sqlite.Open(dsn), &gorm.Config{SkipDefaultTransaction: true, Logger: logger.Discard})
	if pool == nil || pool.ConnPool == nil {
		return nil, err
	}
	conns, connErr := pool.DB()
	if connErr != nil {
		return nil, connErr
	}
	if err != nil {
		conns.Close()
		return nil, err
	}
	conns.SetMaxOpenConns(size)
	conns.SetMaxIdleConns(size)
	return pool, nil
}

// Close waits for the writes that were called before it, and lets go of the
// file. Calls after it end in an error.
func (s *Store) Close() error {
	s.closing.Do(func() {
		s.writer.close()
		s.closeErr = s.release()
	})
	return s.closeErr
}

// release closes the readers first: the last connection to close empties the
// write-ahead log into the file.
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
	if lockErr := s.lock.Close(); err == nil {
		err = lockErr
	}
	return err
}

// Ping is nil when the store can both read and begin to write.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.read.WithContext(ctx).Exec("SELECT version FROM schema_migrations LIMIT 1").Error; err != nil {
		return fmt.Errorf("ping the database: %w", err)
	}
	return s.do(ctx, "ping the database", func(*transaction) error { return nil })
}
