package main

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"userstatus/db/pgtest"
)

// newCluster is a Postgres of this test's own.
func newCluster(t *testing.T) *pgtest.Cluster {
	t.Helper()
	c, err := pgtest.Start()
	if errors.Is(err, pgtest.ErrMissing) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func TestOneNodeServesOnPostgres(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	flags := []string{"--jwt-secret=" + goodSecret, "--offline-grace=0s", "--database=" + c.Address("postgres")}
	p := serving(t, flags...)
	alice := p.socket(t, "alice")
	alice.do(setText("on Postgres"))
	if got := p.statuses("alice")["alice"]; got.StatusType != "ONLINE" || got.CustomStatus != "on Postgres" {
		t.Errorf("got %+v of somebody who is connected", got)
	}

	if err := c.Halt(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	if code, _, _ := p.get("/readyz"); code != 503 {
		t.Errorf("/readyz answers %d without Postgres", code)
	}
	if err := p.post(mint("alice"), setText("lost")).err(); err == nil {
		t.Error("a change without Postgres came through")
	}
	if err := c.Resume(); err != nil {
		t.Fatal(err)
	}
	if code, _, body := p.get("/readyz"); code != 200 {
		t.Errorf("/readyz answers %d with Postgres: %s", code, body)
	}
	p.kill()
	again := serving(t, flags...)
	if got := again.statuses("alice")["alice"]; got.CustomStatus != "on Postgres" {
		t.Errorf("got %+v after a kill", got)
	}
	again.terminate()
	if code := again.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestAPostgresThatCannotBeReachedIsRefused(t *testing.T) {
	t.Parallel()
	refused(t, "--database: database x at 127.0.0.1:1 cannot be opened: connect: connection refused",
		"--database=postgres://u:"+goodSecret+"@127.0.0.1:1/x")
	refused(t, "--database: database: the address is not postgres://", "--database=postgres://u:"+goodSecret+"/@h/x")
}
