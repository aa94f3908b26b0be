package db

import (
	"context"

	"gorm.io/gorm"
)

// engine is what the databases differ in: sqlite.go has one and postgres.go the
// other, and all else is common. It is the dialector of a store's pools, so that
// whoever has a connection has it too.
type engine interface {
	gorm.Dialector

	// text is a statement in the engine's words. They are written in SQLite's.
	text(statement string) string
	// bounded ends a call at an engine that may not answer at all.
	bounded(ctx context.Context) (context.Context, context.CancelFunc)

	// enter leaves a transaction alone with the schema, with the table of
	// migrations there. It refuses a database of another program's.
	enter(tx *gorm.DB) error

	// lock keeps everybody else from changing the users of the requests until
	// the transaction ends.
	lock(tx *transaction, requests []*request) error
	// lockApart is lock for requests that are done one by one, each after a lock
	// of its own: it may leave users to these, who fail alone if they must.
	lockApart(tx *transaction, requests []*request) error
	// lockTable keeps everybody else from changing a table until the transaction ends.
	lockTable(tx *gorm.DB, table string) error
	// entangled is true of a transaction's error that is of the moment: another
	// transaction was in the way.
	entangled(err error) bool
	// lockedOut is true of the error of one who waited in vain for another's lock.
	lockedOut(err error) bool
	// shared is true where any connection may write at any time, so that a write
	// need not wait for its turn.
	shared() bool
	// hungUp is true of the error of a connection that the engine has ended.
	hungUp(err error) bool
	// inDoubt is true of an error of COMMIT after which nobody knows whether it was
	// done.
	inDoubt(err error) bool
}

func engineOf(db *gorm.DB) engine { return db.Dialector.(engine) }
