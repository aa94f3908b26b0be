package db

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"userstatus/presence"
)

// childDatabase makes the test binary a process that writes until it is killed.
const childDatabase = "USERSTATUS_TEST_CHILD_DATABASE"

func TestMain(m *testing.M) {
	if path := os.Getenv(childDatabase); path != "" {
		writeUntilKilled(path)
		return
	}
	goleak.VerifyTestMain(withCluster{m})
}

// opener opens a store on a database of its own.
type opener func(testing.TB, Options) *Store

// onEach runs a test on each engine.
func onEach(t *testing.T, test func(t *testing.T, open opener)) {
	t.Run("SQLite", func(t *testing.T) { test(t, openTemp) })
	t.Run("Postgres", func(t *testing.T) { test(t, openSchema) })
}

func TestTheContractIsKept(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		testStore(t, func(t *testing.T) presence.Store { return open(t, Options{History: true, Webhooks: true}) })
	})
}

func openTemp(t testing.TB, o Options) *Store {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "test.db"), o)
}

func openAt(t testing.TB, path string, o Options) *Store {
	t.Helper()
	s, err := Open(context.Background(), path, o)
	return opened(t, s, err)
}

func opened(t testing.TB, s *Store, err error) *Store {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
