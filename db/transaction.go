package db

import (
	"context"
	"database/sql"
	"fmt"

	"gorm.io/gorm"

	"userstatus/presence"
)

// transaction is one of the writer's, on the one connection that writes. It is
// done by plain statements, since a sql.Tx has a goroutine of its own and one
// more for each query.
type transaction struct {
	*gorm.DB
	conn *sql.Conn
	// memory is nil where a savepoint may take back what was saved, and where
	// others change users too.
	memory *memory
	// history says that changes are kept, webhooks that they are put into the outbox.
	history, webhooks bool
	// filled is true once something was put there, and told tells of it once it is
	// committed.
	filled bool
	told   chan<- struct{}
	// placed are users whom nobody had heard of, and whom lock gave a row to hold.
	placed []string
}

// begin waits for another program's lock, up to the busy timeout.
func (w *writer) begin(m *memory) (*transaction, error) {
	pool, err := w.db.DB()
	if err != nil {
		return nil, err
	}
	ctx, cancel := engineOf(w.db).bounded(context.Background())
	defer cancel()
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	t := &transaction{
		DB: w.db.WithContext(context.Background()), conn: conn, memory: m,
		history: w.history, webhooks: w.webhooks, told: w.filled,
	}
	t.Statement.ConnPool = conn
	if err := t.open(); err != nil {
		t.rollback()
		return nil, err
	}
	return t, nil
}

func (t *transaction) open() error {
	if err := run(t.DB, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if t.memory == nil {
		return nil
	}
	return t.memory.check(t.DB)
}

// commit has rolled back if it returns an error, unless the connection broke off
// in it: then nobody knows.
func (t *transaction) commit() error {
	if err := t.end(); err != nil {
		t.rollback()
		if engineOf(t.DB).inDoubt(err) {
			err = fmt.Errorf("%w: %w", presence.ErrInDoubt, err)
		}
		return err
	}
	t.memory.settle()
	_ = t.conn.Close()
	t.tell()
	return nil
}

// tell never blocks: one word is enough for all that was put into the outbox.
func (t *transaction) tell() {
	if !t.filled {
		return
	}
	select {
	case t.told <- struct{}{}:
	default:
	}
}

// end takes back the rows of those who were not made after all.
func (t *transaction) end() error {
	if len(t.placed) > 0 {
		if err := run(t.DB, "DELETE FROM users WHERE removed = TRUE AND issued = 0 AND id "+among, list(t.placed)); err != nil {
			return err
		}
	}
	return run(t.DB, "COMMIT")
}

// rollback does no harm where the database has ended the transaction by itself.
func (t *transaction) rollback() {
	t.memory.forget()
	_ = run(t.DB, "ROLLBACK")
	_ = t.conn.Close()
}

// endSavepoint keeps what was done since the savepoint, or takes it back.
func (t *transaction) endSavepoint(name string, keep bool) error {
	if !keep {
		if err := run(t.DB, "ROLLBACK TO "+name); err != nil {
			return err
		}
	}
	return run(t.DB, "RELEASE "+name)
}

// load is the users as the transaction has them so far.
func (t *transaction) load(ids []string) (users, error) {
	known, unknown := t.memory.find(ids)
	if len(unknown) == 0 {
		return known, nil
	}
	read, err := loadUsers(t.DB, unknown)
	if err != nil {
		return nil, err
	}
	for id, u := range read {
		t.memory.keep(u)
		known[id] = u
	}
	return known, nil
}

// save writes those users, and those of their sessions, that differ from what
// is stored. All writing of users and sessions comes by here.
func (t *transaction) save(stored users, changed []*presence.User) error {
	c := userChanges{users: make([]any, 0, userWidth*len(changed))}
	for _, u := range changed {
		before := stored.of(u.ID)
		if !u.Exists && !before.Exists {
			continue
		}
		c.compare(before, u)
		if err := t.memory.expect(u); err != nil {
			return err
		}
	}
	if err := c.save(t.DB); err != nil {
		return err
	}
	return t.journal(c.noted)
}

// journal keeps what has changed, where that is asked for.
func (t *transaction) journal(changes []presence.StatusChange) error {
	if t.history {
		if err := saveHistory(t.DB, changes); err != nil {
			return err
		}
	}
	if !t.webhooks || len(changes) == 0 {
		return nil
	}
	t.filled = true
	return saveEvents(t.DB, changes)
}
