package chaos

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"userstatus/broadcast/natstest"
)

// password must not be told.
const password = "eyJ-a-password"

// refused starts a node that can't work: the last it says, and the only thing
// that isn't of the log, is a line with these words and without secrets.
func (c *cluster) refused(t *testing.T, words []string, flags ...string) {
	t.Helper()
	p, err := launch(build, t.TempDir(), append([]string{"serve", "--listen=127.0.0.1:0"}, flags...)...)
	must(t, err)
	defer p.kill()
	code, err := p.exit()
	must(t, err)
	told := foreign(p.stderr.text())
	if code != 1 || !strings.HasPrefix(told, "userstatus: ") || strings.Index(told, "\n") != len(told)-1 {
		t.Errorf("%q: exit code %d, told %q, want one line", flags, code, told)
	}
	for _, word := range words {
		if !strings.Contains(told, word) {
			t.Errorf("%q: told %q, want %q in it", flags, told, word)
		}
	}
	if all := p.stderr.text(); strings.Contains(all, password) || strings.Contains(all, secret) {
		t.Errorf("%q: a secret in %q", flags, all)
	}
}

func TestSetUpsThatCannotWorkAreRefusedInWords(t *testing.T) {
	t.Parallel()
	c := newCluster(t, options{nodes: 2})
	locked, err := natstest.Start(natstest.Options{User: "node", Password: password})
	must(t, err)
	defer func() { _ = locked.Close() }()
	at := func(user, database string) string {
		return "--database=" + databaseAt(c.nodes[0].toStore.address(), user, database)
	}
	database, bus := at("postgres", "postgres"), "--nats="+c.bus.URL()

	c.refused(t, []string{"--database", "connection refused"}, "--database="+databaseAt("127.0.0.1:1", "u:"+password, "x"), bus)
	c.refused(t, []string{"--database", "missing"}, at("postgres", "missing"), bus)
	c.refused(t, []string{"--nats", "SQLite"}, "--database=sqlite:x.db", bus)
	c.refused(t, []string{"--nats", "127.0.0.1:1"}, database, "--nats=nats://127.0.0.1:1")
	c.refused(t, []string{"--nats", locked.Address()}, database, "--nats=nats://node:"+password+"wrong@"+locked.Address())
	c.refused(t, []string{"--node-name", "node-0"}, database, bus, "--node-name=node-0")
	c.refused(t, []string{"--cluster-listen"}, database, bus, "--cluster-listen=127.0.0.1:0")

	conn, err := pgx.Connect(t.Context(), c.store.Address("postgres"))
	must(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	_, err = conn.Exec(t.Context(), "INSERT INTO schema_migrations (version, applied_at) VALUES (99, 0)")
	must(t, err)
	c.refused(t, []string{"schema version 99"}, database, bus, "--node-name=of-the-past")
}
