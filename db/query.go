package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"
	"time"

	"gorm.io/gorm"
)

// among takes one argument, made by list, however long it is: so few distinct
// statements are prepared, and no limit of variables is met.
const among = "IN (SELECT value FROM json_each(?))"

// amongPairs is among for pairs.
const amongPairs = "IN (SELECT value->>0, value->>1 FROM json_each(?))"

func list(ids []string) string {
	if len(ids) == 0 {
		return "[]"
	}
	text, err := json.Marshal(ids)
	if err != nil {
		panic(err) // strings always encode
	}
	return string(text)
}

// deletePairs runs a statement that ends where the pairs of a key come.
func deletePairs(tx *gorm.DB, statement string, pairs [][2]string) error {
	if len(pairs) == 0 {
		return nil
	}
	text, err := json.Marshal(pairs)
	if err != nil {
		return err
	}
	return run(tx, statement+amongPairs, string(text))
}

// each runs a query and hands over its rows. The query goes to GORM's
// connection as it is written, since building it anew takes as long as a small
// one takes to run. Where it is no part of a transaction, connections that were
// hung up on while they were idle are tried out one after the other.
func each(tx *gorm.DB, scan func(*sql.Rows) error, query string, args ...any) error {
	e := engineOf(tx)
	ctx, cancel := e.bounded(tx.Statement.Context)
	defer cancel()
	_, alone := tx.Statement.ConnPool.(*sql.DB)
	for tries := 0; ; tries++ {
		rows, err := eachOnce(ctx, tx.Statement.ConnPool, scan, e.text(query), args)
		if !alone || rows > 0 || tries == postgresReaders || !e.hungUp(err) {
			return err
		}
	}
}

func eachOnce(ctx context.Context, conn gorm.ConnPool, scan func(*sql.Rows) error, query string, args []any) (n int, err error) {
	rows, err := conn.QueryContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	for ; rows.Next(); n++ {
		if err := scan(rows); err != nil {
			return n, err
		}
	}
	return n, rows.Err()
}

// run is each without rows. SQLite's driver prepares what it queries once, and
// what it executes without arguments every time.
func run(tx *gorm.DB, statement string, args ...any) error { return each(tx, nil, statement, args...) }

// one is the only column of a query's only row.
func one[T any](tx *gorm.DB, query string, args ...any) (value T, err error) {
	err = each(tx, func(rows *sql.Rows) error { return rows.Scan(&value) }, query, args...)
	return value, err
}

// texts is the first column of a query's rows.
func texts(tx *gorm.DB, query string, args ...any) (all []string, err error) {
	err = each(tx, func(rows *sql.Rows) error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		all = append(all, text)
		return nil
	}, query, args...)
	return all, err
}

func set(ids []string) map[string]bool {
	members := make(map[string]bool, len(ids))
	for _, id := range ids {
		members[id] = true
	}
	return members
}

// distinct is ids, each once, in the order of their first.
func distinct(ids []string) []string {
	if len(ids) < 2 {
		return ids
	}
	seen := make(map[string]bool, len(ids))
	once := make([]string, 0, len(ids))
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			once = append(once, id)
		}
	}
	return once
}

// maxRows keeps a statement below SQLite's limit of 32,766 variables, and
// Postgres' of 65,535.
const maxRows = 256

// insert runs "head VALUES (…),(…) tail" for rows of the given width that lie in
// values one after the other. It does so in powers of two of rows, since each
// number of rows is a statement of its own to prepare, and as a query, since
// SQLite's driver hands over a query's values in one call into C, and an exec's one
// by one.
func insert(tx *gorm.DB, head string, width int, values []any, tail string) error {
	row := "(?" + strings.Repeat(",?", width-1) + ")"
	for rows := maxRows; len(values) > 0; {
		if rows*width > len(values) {
			rows /= 2
			continue
		}
		statement := head + " VALUES " + row + strings.Repeat(","+row, rows-1) + tail
		if err := run(tx, statement, values[:rows*width]...); err != nil {
			return err
		}
		values = values[rows*width:]
	}
	return nil
}

// instant is t as a column has it, in milliseconds.
func instant(t *time.Time) (ms sql.Null[int64]) {
	if t != nil {
		ms.V, ms.Valid = t.UnixMilli(), true
	}
	return ms
}

func moment(ms sql.Null[int64]) *time.Time {
	if !ms.Valid {
		return nil
	}
	t := time.UnixMilli(ms.V).UTC()
	return &t
}

// value is a column as an argument that the driver takes without converting it.
func value[T any](column sql.Null[T]) any {
	if !column.Valid {
		return nil
	}
	return column.V
}
