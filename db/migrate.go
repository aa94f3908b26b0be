package db

import (
	"fmt"
	"io/fs"
	"time"

	"gorm.io/gorm"
)

// mustRead reads files that are part of the binary, in the order of names. They
// bring a database from each version to the next, the first one from nothing
// to version 1.
func mustRead(files fs.FS, pattern string) (scripts []string) {
	names, err := fs.Glob(files, pattern)
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		script, err := fs.ReadFile(files, name)
		if err != nil {
			panic(err)
		}
		scripts = append(scripts, string(script))
	}
	return scripts
}

const migrationsTable = `CREATE TABLE IF NOT EXISTS schema_migrations (
	version    INTEGER NOT NULL PRIMARY KEY,
	applied_at BIGINT  NOT NULL
)`

// migrate runs the scripts that the database has not seen, each in a
// transaction of its own, and refuses a database that has seen more. Several
// nodes may do so at once.
func migrate(db *gorm.DB, scripts []string) error {
	for done := false; !done; {
		tx := db.Begin()
		if tx.Error != nil {
			return unopened(tx.Error)
		}
		var err error
		if done, err = step(tx, scripts); err != nil {
			tx.Rollback()
			return err
		}
		if err := tx.Commit().Error; err != nil {
			return unopened(err)
		}
	}
	return nil
}

// step runs the next script, or is done.
func step(tx *gorm.DB, scripts []string) (done bool, err error) {
	if err := engineOf(tx).enter(tx); err != nil {
		return false, unopened(err)
	}
	version, err := schemaVersion(tx)
	if err != nil {
		return false, unopened(err)
	}
	if version > len(scripts) {
		return false, fmt.Errorf("has schema version %d, this program knows up to %d: use a newer program", version, len(scripts))
	}
	if version == len(scripts) {
		return true, probe(tx)
	}
	if err := tx.Exec(scripts[version]).Error; err != nil {
		return false, fmt.Errorf("cannot be migrated to schema version %d: %w", version+1, err)
	}
	return false, tx.Exec("INSERT INTO schema_migrations (version, applied_at) VALUES (?, ?)", version+1, time.Now().UnixMilli()).Error
}

// probe changes nothing, but fails where nothing can be changed: a file that is
// write-protected opens all the same, and so does a standby.
func probe(tx *gorm.DB) error {
	if err := tx.Exec("DELETE FROM schema_migrations WHERE version < 0").Error; err != nil {
		return unopened(err)
	}
	return nil
}

func schemaVersion(tx *gorm.DB) (version int, err error) {
	err = tx.Raw("SELECT coalesce(max(version), 0) FROM schema_migrations").Row().Scan(&version)
	return version, err
}
