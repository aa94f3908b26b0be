package db

import (
	"embed"
	"fmt"
	"io/fs"
	"time"

	"gorm.io/gorm"
)

//go:embed migrations/sqlite/*.sql
var files embed.FS

// scripts bring a database from each version to the next: the first one from
// nothing to version 1.
var scripts = mustRead(files, "migrations/sqlite/*.sql")

// mustRead reads files that are part of the binary, in the order of names.
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
	applied_at INTEGER NOT NULL
)`

// migrate runs the scripts that the database has not seen, each in a
// transaction of its own, and refuses a database that has seen more.
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

// probe changes nothing, but fails where nothing can be changed: SQLite opens a
// write-protected file all the same.
func probe(tx *gorm.DB) error {
	if err := tx.Exec("DELETE FROM schema_migrations WHERE version < 0").Error; err != nil {
		return unopened(err)
	}
	return nil
}

func schemaVersion(tx *gorm.DB) (version int, err error) {
	if err := tx.Exec(migrationsTable).Error; err != nil {
		return 0, err
	}
	err = tx.Raw("SELECT coalesce(max(version), 0) FROM schema_migrations").Row().Scan(&version)
	return version, err
}
