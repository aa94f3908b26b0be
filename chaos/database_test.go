package chaos

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "gorm.io/driver/sqlite"

	"userstatus/db/pgtest"
)

// proxyTo is a way to Postgres.
func proxyTo(store *pgtest.Cluster) (*proxy, error) {
	address, err := url.Parse(store.Address("postgres"))
	if err != nil {
		return nil, err
	}
	return newProxy("unix", filepath.Join(address.Query().Get("host"), ".s.PGSQL.5432"))
}

// databaseAt is the database as reached through a proxy.
func databaseAt(address, user, database string) string {
	return fmt.Sprintf("postgres://%s@%s/%s?sslmode=disable", user, address, database)
}

// database is what the node is told of its database.
func (n *node) database() string {
	if n.toStore == nil {
		return "sqlite:" + n.c.file()
	}
	return databaseAt(n.toStore.address(), "postgres", "postgres")
}

func (c *cluster) file() string { return filepath.Join(c.disk.Dir, "test.db") }

// open opens the database beside the nodes. It is not kept open: of a file that
// somebody has open a node that starts anew need not mend what a crash left.
func (c *cluster) open() (*sql.DB, error) {
	if c.store != nil {
		return sql.Open("pgx", c.store.Address("postgres"))
	}
	return sql.Open("sqlite3", "file:"+c.file()+"?mode=rw&_busy_timeout=5000")
}

// truth is what the database has of each user.
func (c *cluster) truth(ctx context.Context) (map[string]fact, error) {
	database, err := c.open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = database.Close() }()
	rows, err := database.QueryContext(ctx, "SELECT id, status_type, custom_status, chosen, version FROM users WHERE NOT removed")
	if err != nil {
		return nil, fmt.Errorf("read the truth: %w", err)
	}
	defer func() { _ = rows.Close() }()
	truth := map[string]fact{}
	for rows.Next() {
		var id string
		var f fact
		if err := rows.Scan(&id, &f.statusType, &f.text, &f.availability, &f.version); err != nil {
			return nil, err
		}
		truth[id] = f
	}
	return truth, rows.Err()
}
