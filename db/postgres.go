package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

const (
	// postgresReaders and one writer are the connections of a node, at most.
	postgresReaders = 8
	// callTimeout is how long a call waits for a Postgres that may be out of
	// reach. It is longer than Postgres itself lets a statement take.
	callTimeout = 12 * time.Second
	// migrationTimeout is how long a node waits for another one's migration.
	migrationTimeout = time.Minute
	// migrationKey is the advisory lock of whoever migrates.
	migrationKey = 0x75736572_73746174
)

//go:embed migrations/postgres/*.sql
var postgresFiles embed.FS

var postgresScripts = mustRead(postgresFiles, "migrations/postgres/*.sql")

// OpenPostgres opens the database at address, postgres://USER@HOST/NAME, and
// brings its schema up to date. Several nodes may do so at once. Its errors are
// one line that names the database, and never have the password.
func OpenPostgres(ctx context.Context, address string, o Options) (*Store, error) {
	target, err := parseAddress(address)
	if err != nil {
		return nil, err
	}
	s := &Store{name: target.String()}
	if err := s.openPostgres(ctx, target); err != nil {
		_ = s.release()
		return nil, fmt.Errorf("database %s %w", target, inWords(err))
	}
	s.writer = newWriter(s.write, o, nil, func() {})
	return s, nil
}

func (s *Store) openPostgres(ctx context.Context, target target) (err error) {
	if s.write, err = target.pool(1); err != nil {
		return unopened(err)
	}
	if err = migrate(s.write.WithContext(ctx), postgresScripts); err != nil {
		return err
	}
	if s.read, err = target.pool(postgresReaders); err != nil {
		return unopened(err)
	}
	return nil
}

func (t target) pool(size int) (*gorm.DB, error) {
	conns := stdlib.OpenDB(*t.config, stdlib.OptionAfterConnect(durable))
	e := &postgresEngine{Dialector: postgres.Dialector{Config: &postgres.Config{Conn: conns}}}
	return poolOf(e, size, &gorm.Config{SkipDefaultTransaction: true, DisableAutomaticPing: true, Logger: logger.Discard})
}

// postgresEngine is a database that others change at the same time: each
// transaction locks the users it changes, and nothing is remembered of them.
type postgresEngine struct {
	postgres.Dialector
	// texts are statements that were translated, by SQLite's.
	texts sync.Map
}

var inPostgres = strings.NewReplacer(
	// An array made first is looked up in an index, however little Postgres knows
	// of the table.
	among, "= ANY (ARRAY(SELECT jsonb_array_elements_text(?)))",
	amongPairs, "IN (SELECT value->>0, value->>1 FROM jsonb_array_elements(?))",
	"BEGIN IMMEDIATE", "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
)

func (e *postgresEngine) text(statement string) string {
	if text, ok := e.texts.Load(statement); ok {
		return text.(string)
	}
	text := numbered(inPostgres.Replace(statement))
	e.texts.Store(statement, text)
	return text
}

// numbered has $1, $2, … for each ?.
func numbered(statement string) string {
	var b strings.Builder
	for i, part := range strings.Split(statement, "?") {
		if i > 0 {
			b.WriteString("$" + strconv.Itoa(i))
		}
		b.WriteString(part)
	}
	return b.String()
}

func (*postgresEngine) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, callTimeout)
}

// lockUsers locks the rows of users, in the order of IDs, so that nodes wait for
// each other in one direction. Those of the first list are locked though nobody
// has heard of them, by a tombstone without versions which the transaction takes
// back (those are returned): of two nodes that make a user, one goes on from
// what the other made. The WHERE changes nothing in what is there already, but
// it is locked.
//
// Rows, because there may be any number of them: advisory locks have a table of
// fixed size in shared memory, which a few large transactions fill. The price is
// that who watches somebody waits for that user's other changes to be committed.
const lockUsers = `INSERT INTO users (id, removed, status_type, custom_status, chosen, visibility, has_blocked, version, issued)
	SELECT id, TRUE, '', '', '', '', FALSE, 0, 0 FROM (
		SELECT id COLLATE "C" FROM jsonb_array_elements_text(?) AS made (id)
		UNION SELECT id FROM users WHERE id ` + among + `) AS named
	ORDER BY id
	ON CONFLICT (id) DO UPDATE SET removed = TRUE WHERE FALSE RETURNING id`

// lock comes before anything is read, so that what is read is what the last
// holder of the locks has committed: each statement sees what was there when it
// began.
func (*postgresEngine) lock(t *transaction, requests []*request) error {
	var made, found []string
	for _, r := range requests {
		found = append(found, r.users...)
		if r.update != nil {
			made = append(made, r.update.userIDs...)
		}
	}
	if len(made)+len(found) == 0 {
		return nil
	}
	placed, err := texts(t.DB, lockUsers, list(made), list(found))
	t.placed = append(t.placed, placed...)
	return err
}

// lockApart tries once more to have all in order, for a moment. If that fails,
// each of the requests waits for its own, but less than it takes Postgres to see
// that two wait for each other.
func (e *postgresEngine) lockApart(t *transaction, requests []*request) error {
	if err := run(t.DB, "SAVEPOINT locks"); err != nil {
		return err
	}
	err := run(t.DB, "SET LOCAL lock_timeout = '3s'")
	if err == nil {
		err = e.lock(t, requests)
	}
	if endErr := t.endSavepoint("locks", err == nil); endErr != nil {
		return errors.Join(err, endErr)
	}
	if err == nil {
		return nil
	}
	return run(t.DB, "SET LOCAL lock_timeout = '50ms'")
}

func (*postgresEngine) shared() bool { return true }

func (*postgresEngine) lockTable(tx *gorm.DB, table string) error {
	return run(tx, "LOCK TABLE "+table+" IN SHARE ROW EXCLUSIVE MODE")
}

func (*postgresEngine) entangled(err error) bool {
	const serializationFailure, deadlockDetected = "40001", "40P01"
	code := codeOf(err)
	return code == serializationFailure || code == deadlockDetected
}

func (*postgresEngine) lockedOut(err error) bool {
	const lockNotAvailable = "55P03"
	return codeOf(err) == lockNotAvailable
}

func (*postgresEngine) hungUp(err error) bool {
	const adminShutdown, crashShutdown, idleInTransaction = "57P01", "57P02", "25P03"
	switch codeOf(err) {
	case adminShutdown, crashShutdown, idleInTransaction:
		return true
	}
	for _, gone := range []error{driver.ErrBadConn, io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE} {
		if errors.Is(err, gone) {
			return true
		}
	}
	return false
}

// inDoubt is true where Postgres has not answered, or ended before it did.
func (e *postgresEngine) inDoubt(err error) bool { return codeOf(err) == "" || e.hungUp(err) }

// codeOf is Postgres' own code of an error, or empty.
func codeOf(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// enter locks out other nodes that migrate, and looks before it writes.
func (*postgresEngine) enter(tx *gorm.DB) error {
	if err := migrateAlone(tx); err != nil {
		return err
	}
	if err := checkEncoding(tx); err != nil {
		return err
	}
	tables, err := texts(tx, `SELECT relname || coalesce((SELECT string_agg(' ' || attname, '' ORDER BY attnum)
			FROM pg_attribute WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped AND relname = 'schema_migrations'), '')
		FROM pg_class WHERE relnamespace = to_regnamespace(current_schema()::text)
			AND relname IN ('schema_migrations', 'users', 'sessions', 'watches', 'friendships', 'views', 'settings', 'nodes', 'cluster', 'history',
				'webhook_events', 'webhook_queues', 'webhook_aside', 'webhook_lead')
		ORDER BY relname = 'schema_migrations' DESC, relname`)
	switch {
	case err != nil:
		return err
	case len(tables) == 0:
		return run(tx, migrationsTable)
	case tables[0] == "schema_migrations version applied_at":
		return nil
	}
	name, _, _ := strings.Cut(tables[0], " ")
	return fmt.Errorf("the table %s there is another program's: it needs a database, or a schema, of its own", name)
}

func migrateAlone(tx *gorm.DB) error {
	for _, statement := range []string{
		"SET LOCAL statement_timeout = 0",
		fmt.Sprintf("SET LOCAL lock_timeout = %d", migrationTimeout.Milliseconds()),
		fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", migrationKey),
		"SET LOCAL lock_timeout = " + lockTimeout,
	} {
		if err := tx.Exec(statement).Error; err != nil {
			return err
		}
	}
	return nil
}

// checkEncoding is for databases that count bytes, or know few letters.
func checkEncoding(tx *gorm.DB) error {
	encoding, err := one[sql.Null[string]](tx, "SELECT current_setting('server_encoding')")
	if err == nil && encoding.V != "UTF8" {
		return fmt.Errorf("its encoding is %s, UTF8 is needed", encoding.V)
	}
	return err
}
