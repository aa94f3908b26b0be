package db

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	connectTimeout = 5 * time.Second
	// lockTimeout is how long a transaction waits for another one's lock, in milliseconds.
	lockTimeout = "5000"
)

// sessionSettings hold on each connection, unless the address has others.
var sessionSettings = map[string]string{
	"application_name":  "userstatus",
	"lock_timeout":      lockTimeout,
	"statement_timeout": "10000",
	// A node that is stopped within a transaction must not keep its locks, nor
	// have others wait as long as lock_timeout.
	"idle_in_transaction_session_timeout": "3000",
	// Every query has its index. But the plans of prepared ones are kept, and
	// those made while a table was empty would read all of it later on; costs that
	// are set that high are no reason to compile a query either.
	"enable_seqscan": "off",
	"jit":            "off",
}

// durable has commits wait for the disk where the database is told they need not.
func durable(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "SELECT set_config('synchronous_commit', 'on', FALSE) WHERE current_setting('synchronous_commit') = 'off'")
	return err
}

// target is where a database is.
type target struct{ config *pgx.ConnConfig }

// String names the database without its password.
func (t target) String() string {
	where := t.config.Host
	if !strings.HasPrefix(where, "/") {
		where = net.JoinHostPort(where, strconv.Itoa(int(t.config.Port)))
	}
	return fmt.Sprintf("%s at %s", t.config.Database, where)
}

// parseAddress takes postgres://…, and from the environment what psql would.
func parseAddress(address string) (t target, err error) {
	u, err := url.Parse(address)
	if err != nil {
		return t, errors.New("database: the address is not postgres://USER:PASSWORD@HOST:PORT/NAME; in a password, letters such as @ : / # % are written as %40 %3A %2F %23 %25")
	}
	if t.config, err = pgx.ParseConfig(address); err != nil {
		return t, fmt.Errorf("database at %s: the address, or what the environment adds to it, does not go: %s", u.Host, reasonIn(err, u))
	}
	if t.config.ConnectTimeout == 0 {
		t.config.ConnectTimeout = connectTimeout
	}
	if t.config.Database == "" {
		t.config.Database = t.config.User
	}
	settings := maps.Clone(sessionSettings)
	maps.Copy(settings, t.config.RuntimeParams)
	t.config.RuntimeParams = settings
	return t, nil
}

// reasonIn is pgx's, without the address that it quotes before, and left out
// where a password might have come along.
func reasonIn(err error, u *url.URL) string {
	_, reason, _ := strings.Cut(err.Error(), "`: ")
	password, _ := u.User.Password()
	for _, secret := range append(u.Query()["password"], append(u.Query()["sslpassword"], password)...) {
		if secret != "" && strings.Contains(reason, secret) {
			return "it cannot be read"
		}
	}
	return oneLine(reason)
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// worded is an error told in words; programs find the error itself in it.
type worded struct {
	words string
	error
}

func (w worded) Error() string { return w.words }

func (w worded) Unwrap() error { return w.error }

// inWords is an error of opening in one line, without what the driver adds.
func inWords(err error) error {
	text := err.Error()
	var connect *pgconn.ConnectError
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &connect):
		text = strings.Replace(text, connect.Error(), unconnected(connect), 1)
	case errors.As(err, &refused):
		text = strings.Replace(text, refused.Error(), told(refused), 1)
	}
	return worded{oneLine(text), err}
}

// unconnected is the first reason of those that the driver's attempts met.
func unconnected(err *pgconn.ConnectError) string {
	var refused *pgconn.PgError
	var name *net.DNSError
	var dial *net.OpError
	switch {
	case errors.As(err, &refused):
		return told(refused)
	case errors.As(err, &name):
		return fmt.Sprintf("the host %s is not known (%s)", name.Name, name.Err)
	case errors.Is(err, context.DeadlineExceeded):
		return "there is no answer"
	case errors.As(err, &dial):
		return dial.Err.Error()
	}
	return err.Unwrap().Error()
}

func told(refused *pgconn.PgError) string { return refused.Message + hint(refused.Code) }

// hint is what to do about an error of Postgres', where it needs saying.
func hint(code string) string {
	const noPrivilege, lockNotAvailable, readOnly = "42501", "55P03", "25006"
	switch code {
	case noPrivilege:
		return " (the user needs CREATE on the schema, and the tables as their own)"
	case lockNotAvailable:
		return " (another node's migration, or another program, holds it)"
	case readOnly:
		return " (this is a standby: the address needs its primary)"
	}
	return ""
}
