package db

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
)

const password = "s3cret/p@ss"

// refusedPostgres checks what is said of a database that doesn't open: in one
// line, without the password.
func refusedPostgres(t *testing.T, address, want string) {
	t.Helper()
	s, err := OpenPostgres(ctx, address, Options{})
	if err == nil {
		_ = s.Close()
		t.Fatalf("%s opened", address)
	}
	if got := err.Error(); !strings.Contains(got, want) || strings.Contains(got, "\n") || !strings.HasPrefix(got, "database") {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for cause := err; cause != nil; cause = errors.Unwrap(cause) {
		if text := fmt.Sprintf("%v %+v", cause, cause); strings.Contains(text, "s3cret") {
			t.Errorf("the password is in %s", text)
		}
	}
}

// freePort is one that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

func TestAPostgresThatCannotBeOpenedIsRefusedInOneLine(t *testing.T) {
	c := postgresHere(t)
	administer(t, c.Address("postgres"), "DROP DATABASE IF EXISTS strange", "DROP DATABASE IF EXISTS latin", "DROP ROLE IF EXISTS stranger",
		"CREATE ROLE stranger LOGIN PASSWORD '"+password+"'", "CREATE DATABASE strange", "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
	administer(t, c.Address("strange"), "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
	port := freePort(t)
	stranger := func(database, password string, more ...string) string {
		return c.Address(database, append([]string{"user", "stranger", "password", password}, more...)...)
	}
	for name, test := range map[string]struct{ address, want string }{
		"nobody listens":     {"postgres://u:s3cret@" + port + "/x", "database x at " + port + " cannot be opened: connect: connection refused"},
		"no such host":       {"postgres://u:s3cret@nowhere.invalid/x", "database x at nowhere.invalid:5432 cannot be opened: the host nowhere.invalid is not known"},
		"no such socket":     {"postgres:///x?user=u&password=s3cret&host=/nowhere", "database x at /nowhere cannot be opened: connect: no such file or directory"},
		"a wrong password":   {stranger("strange", "s3cret"), `cannot be opened: password authentication failed for user "stranger"`},
		"a missing database": {c.Address("missing"), `cannot be opened: database "missing" does not exist`},
		"no such role":       {c.Address("strange", "user", "nobody"), `cannot be opened: role "nobody" does not exist`},
		"no rights":          {stranger("strange", password), "cannot be opened: permission denied for schema public (the user needs CREATE"},
		"no schema":          {c.Address("strange", "search_path", "missing"), "cannot be opened: no schema has been selected to create in"},
		"few letters":        {c.Address("latin"), "cannot be opened: its encoding is LATIN1, UTF8 is needed"},
		"a wrong setting":    {c.Address("strange", "no_such", "1"), `cannot be opened: unrecognized configuration parameter "no_such"`},
		"a wrong sslmode":    {"postgres://u:s3cret@h/x?sslmode=maybe", "database at h: the address, or what the environment adds to it, does not go: failed to configure TLS (sslmode is invalid)"},
		"a wrong port":       {"postgres://u:s3cret@h:port/x", "database: the address is not postgres://USER:PASSWORD@HOST:PORT/NAME"},
		"a bare %":           {"postgres://u:s3cret%zz@h/x", "database: the address is not postgres://"},
		"a bare slash":       {"postgres://u:s3cret/rest@h/x", "database: the address is not postgres://"},
		"a missing key":      {"postgres://u:s3cret@h/x?sslmode=verify-full&sslrootcert=/s3cret", "does not go: "},
	} {
		t.Run(name, func(t *testing.T) { refusedPostgres(t, test.address, test.want) })
	}
	administer(t, c.Address("strange"), "GRANT CREATE ON SCHEMA public TO stranger")
	harness{t, openShared(t, stranger("strange", password), Options{})}.make("alice")
}

func TestAHostThatDoesNotAnswerIsRefusedInTime(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // the kernel connects, and nobody answers
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	refusedPostgres(t, "postgres://u:s3cret@"+listener.Addr().String()+"/x?connect_timeout=1&sslmode=disable", "cannot be opened: there is no answer")
}

func TestTablesOfAnotherProgramAreLeftAlone(t *testing.T) {
	for made, want := range map[string]string{
		"users (id serial PRIMARY KEY)":                         "cannot be opened: the table users there is another program's",
		"schema_migrations (version varchar PRIMARY KEY)":       "cannot be opened: the table schema_migrations there is another program's",
		"schema_migrations (version bigint, dirty boolean)":     "cannot be opened: the table schema_migrations there is another program's",
		"settings (id int); CREATE TABLE nodes (name text)":     "cannot be opened: the table nodes there is another program's",
		"views (id int); CREATE VIEW sessions AS SELECT 1 AS x": "cannot be opened: the table sessions there is another program's",
	} {
		address := newSchema(t)
		administer(t, address, "CREATE TABLE "+made)
		before := relationsIn(t, address)
		refusedPostgres(t, address, want)
		if after := relationsIn(t, address); after != before {
			t.Errorf("there was %s, and now %s", before, after)
		}
	}
	address := newSchema(t)
	administer(t, address, "CREATE TABLE orders (id int)")
	harness{t, openShared(t, address, Options{})}.make("alice")
}

// relationsIn is what is in the schema.
func relationsIn(t *testing.T, address string) (names string) {
	t.Helper()
	err := another(t, address).QueryRow("SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relnamespace = current_schema()::regnamespace").Scan(&names)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestANewerPostgresSchemaIsRefusedInWords(t *testing.T) {
	address := newSchema(t)
	openShared(t, address, Options{})
	administer(t, address, "INSERT INTO schema_migrations (version, applied_at) VALUES (7, 0)")
	refusedPostgres(t, address, fmt.Sprintf("has schema version 7, this program knows up to %d: use a newer program", len(postgresScripts)))
}

func TestFourNodesMayMigrateAtOnce(t *testing.T) {
	for range 3 {
		address := newSchema(t)
		stores := make([]*Store, 4)
		for _, err := range inParallel(4, func(i int) (err error) {
			stores[i], err = OpenPostgres(context.Background(), address, Options{})
			return err
		}) {
			if err != nil {
				t.Fatal(err)
			}
		}
		for i, s := range stores {
			harness{t, s}.make(fmt.Sprint("user-", i))
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
		s := openShared(t, address, Options{})
		harness{t, s}.equal("users", count(t, s, "SELECT count(*) FROM users"), 4)
		harness{t, s}.equal("migrations", count(t, s, "SELECT count(*) FROM schema_migrations"), len(postgresScripts))
	}
}

func TestAFailingMigrationOfPostgresLeavesTheOldSchema(t *testing.T) {
	s := openSchema(t, Options{})
	more := append(postgresScripts[:len(postgresScripts):len(postgresScripts)], "CREATE TABLE half (id TEXT); no such statement")
	err := inWords(migrate(s.write, more))
	if want := fmt.Sprintf(`cannot be migrated to schema version %d: syntax error at or near "no"`, len(more)); err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	harness{t, s}.equal("version", count(t, s, "SELECT max(version) FROM schema_migrations"), len(postgresScripts))
	if _, err := one[int](s.read, "SELECT count(*) FROM half"); err == nil {
		t.Error("half of the migration is there")
	}
}

func TestEachConnectionIsSetUp(t *testing.T) {
	c := postgresHere(t)
	administer(t, c.Address("postgres"), "DROP DATABASE IF EXISTS hasty", "CREATE DATABASE hasty", "ALTER DATABASE hasty SET synchronous_commit = off",
		"ALTER DATABASE hasty SET default_transaction_isolation = 'serializable'")
	s := openShared(t, c.Address("hasty", "statement_timeout", "7000"), Options{})
	for setting, want := range map[string]string{
		"synchronous_commit": "on", "lock_timeout": "5s", "statement_timeout": "7s", "idle_in_transaction_session_timeout": "3s", "application_name": "userstatus",
	} {
		got, err := one[string](s.write.WithContext(ctx), "SELECT current_setting(?)", setting)
		if err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", setting, got, err, want)
		}
	}
	err := s.do(ctx, "look", nil, func(tx *transaction) error {
		got, err := one[string](tx.DB, "SELECT current_setting('transaction_isolation')")
		harness{t, s}.equal("isolation", got, "read committed")
		return err
	})
	harness{t, s}.ok(err)
}

func TestConnectionsAreFew(t *testing.T) {
	s := openSchema(t, Options{})
	for _, err := range inParallel(200, func(i int) error {
		_, err := s.User(ctx, "alice")
		return err
	}) {
		harness{t, s}.ok(err)
	}
	read, err := s.read.DB()
	harness{t, s}.ok(err)
	if open := read.Stats().OpenConnections; open > postgresReaders {
		t.Errorf("%d connections read", open)
	}
}
