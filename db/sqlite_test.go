package db

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestPathsOfAllKindsOpen(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"plain.db", "two words.db", "what?.db", "a#b.db", "100%41.db", "a&b=c.db", "dé+jà;.db", "file:x.db"} {
		path := filepath.Join(dir, name)
		s, err := Open(ctx, path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		harness{t, s}.make("alice")
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%s is not where it was asked for: %v", name, err)
		}
		if !(harness{t, openAt(t, path, Options{})}).user("alice").Exists {
			t.Errorf("%s did not keep its user", name)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := entry.Name(); !strings.Contains(name, ".db") {
			t.Errorf("stray file %s", name)
		}
	}
}

func TestWhatIsOnDiskIsDurable(t *testing.T) {
	s := openTemp(t, Options{})
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "busy_timeout": "5000"} {
		var got string
		if err := s.write.Raw("PRAGMA " + pragma).Row().Scan(&got); err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", pragma, got, err, want)
		}
	}
	if err := s.read.Exec("DELETE FROM users").Error; err == nil {
		t.Error("a reader can write")
	}
}

func TestQueriesGoByIndexes(t *testing.T) {
	s := openTemp(t, Options{})
	for _, query := range []string{
		"SELECT " + userColumns + " FROM users u WHERE u.id " + among,
		"DELETE FROM sessions WHERE (user_id, node) IN (SELECT value->>0, value->>1 FROM json_each(?))",
		"DELETE FROM watches WHERE user_id " + among,
		"DELETE FROM views WHERE viewer_id " + among,
		viewsQuery,
		"SELECT id FROM users WHERE next_expiry_at <= ? ORDER BY next_expiry_at LIMIT 5",
		"SELECT user_id FROM sessions WHERE node = ? ORDER BY user_id LIMIT 5",
		"SELECT viewer_id FROM views WHERE user_id = ? AND blocked = 1 ORDER BY viewer_id",
		dueEvents, dropEmptyQueues, asideEvents,
		dropHistory, findTombstones, dropTombstones,
	} {
		err := each(s.read, func(rows *sql.Rows) error {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				return err
			}
			if strings.HasPrefix(detail, "SCAN") && !strings.Contains(detail, "json_each") && detail != "SCAN chain" || strings.Contains(detail, "TEMP B-TREE") {
				t.Errorf("%s: %s", query, detail)
			}
			return nil
		}, "EXPLAIN QUERY PLAN "+query, slices.Repeat([]any{"[]"}, strings.Count(query, "?"))...)
		if err != nil {
			t.Fatal(err)
		}
	}
}

// refused checks that a database doesn't open, and what is said of it.
func refused(t *testing.T, path, want string) {
	t.Helper()
	s, err := Open(ctx, path, Options{})
	if err == nil {
		_ = s.Close()
		t.Fatalf("%s opened", path)
	}
	if got := err.Error(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestWhatCannotBeOpenedIsRefusedInOneLine(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	refused(t, dir, "database "+dir+" is a directory")
	missing := filepath.Join(dir, "no", "where.db")
	refused(t, missing, "database "+missing+" cannot be opened: no such file or directory")
	garbage := file("garbage.db", bytes.Repeat([]byte("garbage "), 1000))
	refused(t, garbage, "database "+garbage+" cannot be opened: file is not a database")

	path := filepath.Join(dir, "good.db")
	harness{t, openAt(t, path, Options{})}.make("alice")
	refused(t, path, "database "+path+" is in use by another process")
	link := filepath.Join(dir, "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	refused(t, link, "database "+link+" is in use by another process")

	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	corrupt := file("corrupt.db", append(bytes.Clone(good[:100]), bytes.Repeat([]byte{0xee}, 3996)...))
	refused(t, corrupt, "database "+corrupt+" cannot be opened: database disk image is malformed")
}

// lockOut has another connection hold the lock for writing until it is called.
func lockOut(t *testing.T, path string) (release func()) {
	t.Helper()
	other, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	other.SetMaxOpenConns(1)
	if _, err := other.Exec("BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := other.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestALockedDatabaseIsRefusedInTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "locked.db")
	defer lockOut(t, path)()
	start := time.Now()
	refused(t, path, "database "+path+" cannot be opened: database is locked")
	if took := time.Since(start); took > 8*time.Second {
		t.Errorf("it took %v", took)
	}
}
