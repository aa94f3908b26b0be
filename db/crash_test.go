package db

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"userstatus/presence"
)

const (
	crashes      = 20
	crashWriters = 32
)

// writeUntilKilled is the child's part: it prints each write once the store
// has acknowledged it. Odd writers change their own user, even ones a shared
// list, for which they are told nothing but that it was done.
func writeUntilKilled(path string) {
	s, err := Open(context.Background(), path, Options{})
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	for i := range crashWriters {
		go func() {
			for n := 0; ; n++ {
				line, err := writeOnce(s, i, n)
				if err != nil {
					fmt.Println("error:", err)
					os.Exit(1)
				}
				_, _ = os.Stdout.WriteString(line + "\n")
			}
		}()
	}
	select {}
}

func writeOnce(s *Store, i, n int) (acknowledged string, err error) {
	id := fmt.Sprintf("user-%d", i)
	u, err := s.Update(context.Background(), id, func(u *presence.User) error {
		u.CustomStatus = fmt.Sprint("status ", u.Issued+1)
		return makeUser(u)
	})
	if err != nil || i%2 == 1 {
		return fmt.Sprintf("%s %d", id, u.Version), err
	}
	viewer := fmt.Sprintf("viewer-%d-%d", i, u.Version)
	_, _, err = s.Subscribe(context.Background(), viewer, []string{id}, 0)
	return fmt.Sprintf("%s %s", viewer, id), err
}

func TestWhatIsAcknowledgedSurvivesKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "crash.db")
	versions, subscriptions := map[string]int{}, map[string]string{}
	for range crashes {
		killed(t, path, rand.IntN(400), versions, subscriptions)
		s := openAt(t, path, Options{})
		h := harness{t, s}
		for id, version := range versions {
			u := h.user(id)
			if u.Version < version || u.CustomStatus != fmt.Sprint("status ", u.Version) {
				t.Fatalf("%s: acknowledged version %d, kept %d with %q", id, version, u.Version, u.CustomStatus)
			}
		}
		for viewer, id := range subscriptions {
			h.list(viewer, id)(s.Subscriptions(ctx, viewer))
		}
		h.ok(s.Close())
	}
	t.Logf("%d users and %d subscriptions after %d kills", len(versions), len(subscriptions), crashes)
}

// killed runs the child until it has acknowledged some writes, kills it, and
// adds all that it acknowledged.
func killed(t *testing.T, path string, after int, versions map[string]int, subscriptions map[string]string) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDatabase+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		var version int
		var subject, object string
		if _, err := fmt.Sscan(lines.Text(), &subject, &version); err == nil {
			versions[subject] = max(versions[subject], version)
		} else if _, err := fmt.Sscan(lines.Text(), &subject, &object); err == nil && subject != "error:" {
			subscriptions[subject] = object
		} else {
			t.Error(lines.Text())
		}
		if n == after {
			_ = child.Process.Kill()
		}
	}
	_ = child.Wait()
}
