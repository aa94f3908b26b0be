package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

const backupWriters = 16

// load is writers who change their texts, one number after the other, until
// the program that they are connected to goes.
type load struct {
	acknowledged [backupWriters]atomic.Int64
	writing      sync.WaitGroup
}

func writer(i int) string { return fmt.Sprint("writer-", i) }

func startLoad(t *testing.T, p *program) *load {
	t.Helper()
	l := &load{}
	for i := range backupWriters {
		s := p.socket(t, writer(i))
		l.writing.Go(func() {
			for n := int64(1); ; n++ {
				a, err := s.call(setText(strconv.FormatInt(n, 10)))
				if err != nil {
					return
				}
				if err := a.err(); err != nil {
					t.Errorf("%s: %v", writer(i), err)
					return
				}
				l.acknowledged[i].Store(n)
			}
		})
	}
	return l
}

// count is how many changes were acknowledged so far.
func (l *load) count() (n int64) {
	for i := range l.acknowledged {
		n += l.acknowledged[i].Load()
	}
	return n
}

// goOn waits until more changes were acknowledged.
func (l *load) goOn(t *testing.T, more int64) {
	t.Helper()
	from := l.count()
	eventually(t, func() bool { return l.count() >= from+more })
}

// now is the last change of each that was acknowledged.
func (l *load) now() (numbers [backupWriters]int64) {
	for i := range numbers {
		numbers[i] = l.acknowledged[i].Load()
	}
	return numbers
}

// kept sees that a program has what was acknowledged, or a later change, of each.
func kept(t *testing.T, p *program, acknowledged [backupWriters]int64) {
	t.Helper()
	var ids []string
	for i := range backupWriters {
		ids = append(ids, writer(i))
	}
	found := p.statuses(ids...)
	for i, n := range acknowledged {
		text := found[writer(i)].CustomStatus
		if got, err := strconv.ParseInt(text, 10, 64); err != nil || got < n {
			t.Errorf("%s: %d was acknowledged before the backup, which has %q", writer(i), n, text)
		}
	}
}

func TestABackupTakenUnderLoadIsRestoredIntoAnEmptyFolder(t *testing.T) {
	t.Parallel()
	database, to := newDatabase(t), filepath.Join(t.TempDir(), "backup.db")
	p := onSecret(t, database)
	alice := p.do(mint("alice"), setText("before"))
	l := startLoad(t, p)
	l.goOn(t, 500)

	before := l.now()
	backup := launch(t, "backup", "--database=sqlite:"+database, "--to="+to)
	if code := backup.exit(); code != 0 {
		t.Fatalf("exit code %d: %s", code, backup.stderr.text())
	}
	l.goOn(t, 500)
	known := versionIn(p.do(mint("alice"), setText("after")))
	p.kill()
	l.writing.Wait()

	restored := newDatabase(t)
	if err := os.Rename(to, restored); err != nil {
		t.Fatal(err)
	}
	p = onSecret(t, restored, "--offline-grace=0s")
	kept(t, p, before)
	if got := p.statuses("alice")["alice"]; got.CustomStatus != "before" || got.Version != versionIn(alice) {
		t.Errorf("got %+v, the backup was made after %+v", got, alice)
	}
	// Whoever was told "after" keeps it until alice changes again.
	eventually(t, func() bool { return versionIn(p.do(mint("alice"), setText("again"))) > known })
	eventually(t, func() bool { return p.statuses(writer(0))[writer(0)].StatusType == "OFFLINE" })
}

func TestABackupIsRefusedOverWhatIsThere(t *testing.T) {
	t.Parallel()
	database := newDatabase(t)
	onSecret(t, database)
	refused(t, database+" is there already, and is not replaced", "backup", "--database=sqlite:"+database, "--to="+database)
	refused(t, "cannot be opened: no such file or directory", "backup", "--database=sqlite:"+database+"x", "--to="+database+"y")
	refused(t, "pg_dump", "backup", "--database=postgres://u:"+goodSecret+"@db/x", "--to=x")
}

func TestWhatWasToldToStopHasNotSucceeded(t *testing.T) {
	t.Parallel()
	database := newDatabase(t)
	onSecret(t, database)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	for _, args := range [][]string{{"backup", "--database=sqlite:" + database, "--to=" + database + ".bak"}, {"health"}} {
		if err := run(ctx, args, env(), io.Discard, io.Discard); err == nil || errors.Is(err, context.Canceled) {
			t.Errorf("%q: got %v", args, err)
		}
	}
}

func TestADumpOfPostgresTakenUnderLoadIsRestored(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	flags := []string{"--jwt-secret=" + goodSecret, "--set-status-rate=0"}
	p := serving(t, append(flags, "--database="+c.Address("postgres"))...)
	l := startLoad(t, p)
	l.goOn(t, 200)

	before := l.now()
	run := func(program string, args ...string) {
		if err := c.Run(program, args...); err != nil {
			t.Fatal(err)
		}
	}
	run("pg_dump", "--format=custom", "--file=userstatus.dump", "--dbname="+c.Address("postgres"))
	l.goOn(t, 200)
	p.kill()
	l.writing.Wait()

	run("psql", "--quiet", "--dbname="+c.Address("postgres"), "--command=CREATE DATABASE restored")
	run("pg_restore", "--exit-on-error", "--no-owner", "--dbname="+c.Address("restored"), "userstatus.dump")
	kept(t, serving(t, append(flags, "--database="+c.Address("restored"))...), before)
}
