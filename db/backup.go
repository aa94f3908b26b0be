package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"gorm.io/gorm"
)

// Backup copies the SQLite database in the file at path into a new file at to,
// also while a service has it open and writes. All that was committed before
// the call is in the copy. It has been checked and is on disk when Backup
// returns. What lies at to already is not replaced, and after an error nothing
// lies there. Errors are one line that names the path at fault.
func Backup(ctx context.Context, path, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return existing(to)
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("database %s %w", path, unopened(withoutPath(err)))
	}
	temp, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+".*")
	if err != nil {
		return fmt.Errorf("back up to %s: %w", to, withoutPath(err))
	}
	defer func() { _ = os.Remove(temp.Name()) }()
	defer func() { _ = temp.Close() }()
	if err := copyDatabase(ctx, path, temp.Name()); err != nil {
		return fmt.Errorf("back up database %s: %w", path, err)
	}
	return publish(temp, to)
}

func existing(path string) error { return fmt.Errorf("%s is there already, and is not replaced", path) }

// copyDatabase writes what the database at path has at this moment into the
// empty file at to, by one transaction that reads and keeps no writer waiting.
func copyDatabase(ctx context.Context, path, to string) error {
	version, err := within(resolved(path), "mode=rw", func(source *gorm.DB) (version int, err error) {
		source = source.WithContext(ctx)
		if version, err = schemaVersion(source); err != nil {
			return 0, err
		}
		return version, source.Exec("VACUUM INTO ?", to).Error
	})
	if err != nil {
		return err
	}
	copied, err := within(to, "mode=ro&immutable=1", func(copied *gorm.DB) (int, error) {
		return checked(copied.WithContext(ctx))
	})
	if err == nil && copied != version {
		err = fmt.Errorf("the copy has schema version %d, and not %d", copied, version)
	}
	return err
}

// within opens a database for as long as do takes.
func within(path, params string, do func(*gorm.DB) (int, error)) (int, error) {
	pool, err := connect(path, 1, params)
	if err != nil {
		return 0, err
	}
	conns, err := pool.DB()
	if err != nil {
		return 0, err
	}
	version, err := do(pool)
	return version, errors.Join(err, conns.Close())
}

// checked is the schema version of a database that is in order.
func checked(copied *gorm.DB) (version int, err error) {
	found, err := texts(copied, "PRAGMA integrity_check(1)")
	if err != nil {
		return 0, err
	}
	if len(found) != 1 || found[0] != "ok" {
		return 0, fmt.Errorf("the copy is damaged: %q", found)
	}
	return schemaVersion(copied)
}

// publish gives the file its name once it is on disk. A link replaces nothing,
// as a rename would.
func publish(temp *os.File, to string) error {
	if err := temp.Sync(); err != nil {
		return fmt.Errorf("back up to %s: %w", to, withoutPath(err))
	}
	err := os.Link(temp.Name(), to)
	if errors.Is(err, fs.ErrExist) {
		return existing(to)
	}
	if err != nil {
		return fmt.Errorf("back up to %s: %w", to, err)
	}
	if err := syncFolder(filepath.Dir(to)); err != nil {
		return errors.Join(fmt.Errorf("back up to %s: %w", to, withoutPath(err)), os.Remove(to))
	}
	return nil
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }()
	return folder.Sync()
}
