package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"userstatus/db/pgtest"
)

// cluster is the Postgres of all tests, started by the first that needs it.
var (
	cluster     = sync.OnceValues(pgtest.Start)
	clusterUsed atomic.Bool
	schemas     atomic.Int64
)

// withCluster stops the cluster after the tests, before leaks are looked for.
type withCluster struct{ tests interface{ Run() int } }

func (w withCluster) Run() int {
	code := w.tests.Run()
	if !clusterUsed.Load() {
		return code
	}
	if c, err := cluster(); err == nil {
		if err := c.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stop Postgres:", err)
			return 1
		}
	}
	return code
}

func postgresHere(t testing.TB) *pgtest.Cluster {
	t.Helper()
	clusterUsed.Store(true)
	c, err := cluster()
	if errors.Is(err, pgtest.ErrMissing) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// newSchema is the address of an empty schema.
func newSchema(t testing.TB) (address string) {
	t.Helper()
	name := fmt.Sprintf("test_%d", schemas.Add(1))
	c := postgresHere(t)
	administer(t, c.Address("postgres"), "CREATE SCHEMA "+name)
	return c.Address("postgres", "search_path", name)
}

func openSchema(t testing.TB, o Options) *Store {
	t.Helper()
	return openShared(t, newSchema(t), o)
}

// openShared opens one more store on a database.
func openShared(t testing.TB, address string, o Options) *Store {
	t.Helper()
	s, err := OpenPostgres(context.Background(), address, o)
	return opened(t, s, err)
}

// another is a connection that isn't a store's.
func another(t testing.TB, address string) *sql.DB {
	t.Helper()
	other, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	other.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := other.Close(); err != nil {
			t.Error(err)
		}
	})
	return other
}

func administer(t testing.TB, address string, statements ...string) {
	t.Helper()
	other := another(t, address)
	for _, statement := range statements {
		if _, err := other.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}
