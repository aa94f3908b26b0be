package db

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"userstatus/presence"
)

// files are the names of what lies in a folder.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestABackupHasWhatWasWrittenBeforeItBegan(t *testing.T) {
	path := filepath.Join(t.TempDir(), "live.db")
	s := openAt(t, path, Options{})
	ctx, stop := context.WithCancel(ctx)
	var writing sync.WaitGroup
	var done [8]atomic.Int64
	for i := range done {
		writing.Go(func() {
			for ctx.Err() == nil {
				u, err := s.Update(ctx, fmt.Sprint("user-", i), func(u *presence.User) error {
					u.CustomStatus = fmt.Sprint("status ", u.Issued+1)
					return makeUser(u)
				})
				if err == nil {
					done[i].Store(int64(u.Version))
				}
			}
		})
	}
	dir := t.TempDir()
	for round := range 5 {
		for done[round].Load() == 0 {
			if _, err := s.Update(ctx, "other", makeUser); err != nil {
				t.Fatal(err)
			}
		}
		var before [8]int64
		for i := range before {
			before[i] = done[i].Load()
		}
		to := filepath.Join(dir, fmt.Sprint(round, ".db"))
		if err := Backup(ctx, path, to); err != nil {
			t.Fatal(err)
		}
		restored := openAt(t, to, Options{})
		for i, version := range before {
			u := harness{t, restored}.user(fmt.Sprint("user-", i))
			if int64(u.Version) < version || u.Exists && u.CustomStatus != fmt.Sprint("status ", u.Version) {
				t.Errorf("user-%d: version %d was acknowledged, the backup has %d with %q", i, version, u.Version, u.CustomStatus)
			}
		}
	}
	stop()
	writing.Wait()
}

func TestABackupLeavesTheSourceAndItsFolderAsTheyAre(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	path := filepath.Join(dir, "a b?.db")
	s := openAt(t, path, Options{})
	harness{t, s}.make("alice")
	before := files(t, dir)
	to := filepath.Join(out, "c#d.db")
	if err := Backup(ctx, path, to); err != nil {
		t.Fatal(err)
	}
	if after := files(t, dir); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("%q were there, now %q", before, after)
	}
	if left := files(t, out); len(left) != 1 || left[0] != "c#d.db" {
		t.Errorf("the backup's folder has %q", left)
	}
	if info, err := os.Stat(to); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup is for others to read, too: %v, %v", info.Mode(), err)
	}
	harness{t, s}.make("bob")
}

func TestABackupOfAClosedDatabaseIsOne(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "live.db")
	s := openAt(t, path, Options{})
	harness{t, s}.make("alice")
	harness{t, s}.ok(s.Close())
	to := filepath.Join(t.TempDir(), "copy.db")
	if err := Backup(ctx, path, to); err != nil {
		t.Fatal(err)
	}
	if !(harness{t, openAt(t, to, Options{})}).user("alice").Exists {
		t.Error("the user is missing")
	}
	if left := files(t, dir); len(left) != 2 {
		t.Errorf("beside the database lies %q", left)
	}
}

func TestABackupThatCannotBeMadeLeavesNothing(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	path := filepath.Join(dir, "live.db")
	harness{t, openAt(t, path, Options{})}.make("alice")
	there := filepath.Join(dir, "there")
	foreign := filepath.Join(dir, "foreign.db")
	for name, content := range map[string][]byte{there: []byte("mine"), foreign: bytes.Repeat([]byte("garbage "), 1000)} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	for name, c := range map[string]struct {
		ctx            context.Context
		path, to, said string
	}{
		"over a file":        {ctx, path, there, there + " is there already, and is not replaced"},
		"over the database":  {ctx, path, path, path + " is there already"},
		"into no folder":     {ctx, path, filepath.Join(out, "no", "x.db"), "no such file or directory"},
		"of no file":         {ctx, path + "x", filepath.Join(out, "x.db"), "database " + path + "x cannot be opened: no such file or directory"},
		"of a file of noise": {ctx, foreign, filepath.Join(out, "x.db"), "back up database " + foreign + ": file is not a database"},
		"told to stop":       {gone, path, filepath.Join(out, "x.db"), "context canceled"},
	} {
		err := Backup(c.ctx, c.path, c.to)
		if err == nil || !strings.Contains(err.Error(), c.said) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want %s", name, err, c.said)
		}
	}
	if left := files(t, out); len(left) > 0 {
		t.Errorf("left is %q", left)
	}
	if content, err := os.ReadFile(there); err != nil || string(content) != "mine" {
		t.Errorf("what was there is %q, %v", content, err)
	}
}
