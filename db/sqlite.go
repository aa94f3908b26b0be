package db

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

const (
	sqliteReaders = 4
	// checkpointPages is how large the write-ahead log grows, in pages of 4 KiB,
	// before it is copied into the file.
	checkpointPages = 4000
)

//go:embed migrations/sqlite/*.sql
var sqliteFiles embed.FS

var sqliteScripts = mustRead(sqliteFiles, "migrations/sqlite/*.sql")

// Open opens the database in the file at path, makes it where there is none,
// and brings its schema up to date. It waits up to 5 seconds for another
// program's lock. Its errors are one line that names the path.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	lock, err := lockFile(path)
	if err != nil {
		return nil, err
	}
	s := &Store{name: path, lock: lock}
	if err := s.openSQLite(ctx, resolved(path)); err != nil {
		_ = s.release()
		return nil, fmt.Errorf("database %s %w", path, err)
	}
	log := &checkpointer{db: s.write, file: resolved(path) + "-wal", limit: maxWAL}
	s.writer = newWriter(s.write, o, newMemory(remembered), log.afterCommit)
	return s, nil
}

func (s *Store) openSQLite(ctx context.Context, path string) (err error) {
	if err = makePrivate(path); err != nil {
		return unopened(withoutPath(err))
	}
	if s.write, err = connect(path, 1, "_journal_mode=WAL&_synchronous=FULL&_txlock=immediate&_cache_size=-32000"); err != nil {
		return unopened(err)
	}
	if err = migrate(s.write.WithContext(ctx), sqliteScripts); err != nil {
		return err
	}
	if err = s.write.Exec(fmt.Sprintf("PRAGMA wal_autocheckpoint = %d", checkpointPages)).Error; err != nil {
		return unopened(err)
	}
	if s.read, err = connect(path, sqliteReaders, "_query_only=1&_cache_size=-16000"); err != nil {
		return unopened(err)
	}
	return nil
}

// makePrivate makes the file for its owner alone, where there is none: users' texts
// are in it, and the key of the installation. SQLite gives the files beside it the
// same rights.
func makePrivate(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return file.Close()
}

func connect(path string, size int, params string) (*gorm.DB, error) {
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?_busy_timeout=5000&_stmt_cache_size=64&" + params
	e := sqliteEngine{sqlite.Dialector{DSN: dsn}}
	return poolOf(e, size, &gorm.Config{SkipDefaultTransaction: true, Logger: logger.Discard})
}

// sqliteEngine is a file of this process alone: a transaction that writes has
// all of it, and needs no further lock.
type sqliteEngine struct{ sqlite.Dialector }

func (sqliteEngine) text(statement string) string { return statement }

func (sqliteEngine) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return ctx, func() {}
}

func (sqliteEngine) enter(tx *gorm.DB) error { return tx.Exec(migrationsTable).Error }

func (sqliteEngine) lock(*transaction, []*request) error { return nil }

// One connection writes, and another program's lock is waited for when a
// transaction begins.
func (sqliteEngine) lockedOut(error) bool { return false }

func (sqliteEngine) lockApart(*transaction, []*request) error { return nil }

func (sqliteEngine) shared() bool { return false }

func (sqliteEngine) lockTable(*gorm.DB, string) error { return nil }

func (sqliteEngine) entangled(error) bool { return false }

func (sqliteEngine) hungUp(error) bool { return false }

// inDoubt is false: a COMMIT that fails is rolled back.
func (sqliteEngine) inDoubt(error) bool { return false }
