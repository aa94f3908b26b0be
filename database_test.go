package main

import (
	"database/sql"
	"testing"
	"time"
)

// openFile opens the program's database as another program would.
func openFile(t *testing.T, path string) *sql.DB {
	t.Helper()
	file, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	file.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = file.Close() })
	return file
}

func mustExec(t *testing.T, file *sql.DB, statement string) {
	t.Helper()
	if _, err := file.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// lastBeat is when a program last noted that it lives.
func lastBeat(t *testing.T, path string) time.Time {
	t.Helper()
	file := openFile(t, path)
	defer func() { _ = file.Close() }()
	var at int64
	if err := file.QueryRow("SELECT max(beat_at) FROM nodes").Scan(&at); err != nil {
		t.Fatal(err)
	}
	return time.UnixMilli(at)
}

// storedStatus is what the database says of a user, whom the program may not
// be able to tell of.
func storedStatus(t *testing.T, path, user string) (statusType string) {
	t.Helper()
	file := openFile(t, path)
	defer func() { _ = file.Close() }()
	if err := file.QueryRow("SELECT status_type FROM users WHERE id = ?", user).Scan(&statusType); err != nil {
		t.Fatal(err)
	}
	return statusType
}
