package db

import (
	"cmp"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
)

// attempts is how often a transaction is begun that fails before its commit by
// what passes: another's locks, or the end of a connection.
const attempts = 5

// commit does a batch in one transaction. If that fails by one of the requests
// it is done anew with a savepoint before each, so that one alone fails. It
// returns the requests that are settled: where the database can't be written
// at all these are all that wait, so that none waits for a lock many times.
func (w *writer) commit(batch []*request) []*request {
	for attempt := 1; ; attempt++ {
		tx, err := w.begin(w.memory)
		if err != nil && attempt < attempts && w.passes(err) {
			continue
		}
		if err != nil {
			return fail(w.gather(batch, cap(w.queue)), err)
		}
		if err = guard(func() error { return together(tx, batch) }); err == nil {
			return fail(batch, tx.commit())
		}
		tx.rollback()
		switch {
		case attempt < attempts && w.passes(err):
			continue
		case len(batch) == 1:
			return fail(batch, err)
		}
		return w.commitApart(batch)
	}
}

func (w *writer) passes(err error) bool {
	e := engineOf(w.db)
	return e.entangled(err) || e.hungUp(err)
}

func (w *writer) commitApart(batch []*request) []*request {
	tx, err := w.begin(nil)
	if err != nil {
		return fail(batch, err)
	}
	if err := apart(tx, batch); err != nil {
		tx.rollback()
		return fail(batch, err)
	}
	return w.again(fail(batch, tx.commit()))
}

// again does those anew, each in a transaction of its own, who had no time to
// wait for another's locks among the rest: holding none they may. After the
// first who waits in vain it does no other, for they have waited, too.
func (w *writer) again(batch []*request) []*request {
	lockedOut := engineOf(w.db).lockedOut
	for _, r := range slices.Clone(batch) {
		if !lockedOut(r.err) {
			continue
		}
		r.err = nil
		batch = append(batch, w.commit([]*request{r})[1:]...)
		if lockedOut(r.err) {
			break
		}
	}
	return batch
}

// fail gives err, if any, to the requests that would have come through.
func fail(batch []*request, err error) []*request {
	for _, r := range batch {
		if r.err == nil {
			r.err = err
		}
	}
	return batch
}

// together does the requests without savepoints, the updates last and as one.
func together(tx *transaction, batch []*request) error {
	if err := engineOf(tx.DB).lock(tx, batch); err != nil {
		return err
	}
	var updates []*request
	for _, r := range batch {
		if r.err = r.ctx.Err(); r.err != nil {
			continue
		}
		if r.update != nil {
			updates = append(updates, r)
			continue
		}
		if err := r.settle(r.do(tx)); err != nil {
			return err
		}
	}
	return updateAll(tx, updates)
}

// apart does each request so that it fails alone. Its error is that of the
// transaction as a whole.
func apart(tx *transaction, batch []*request) error {
	if err := engineOf(tx.DB).lockApart(tx, batch); err != nil {
		return err
	}
	for _, r := range batch {
		if r.err = r.ctx.Err(); r.err != nil {
			continue
		}
		if err := run(tx.DB, "SAVEPOINT request"); err != nil {
			return err
		}
		r.err = guard(func() error { return alone(tx, r) })
		if err := tx.endSavepoint("request", r.err == nil); err != nil {
			return cmp.Or(r.err, err) // the database has ended the transaction by itself
		}
	}
	return nil
}

func alone(tx *transaction, r *request) error {
	if err := engineOf(tx.DB).lock(tx, []*request{r}); err != nil {
		return err
	}
	if r.update == nil {
		return r.do(tx)
	}
	if err := updateAll(tx, []*request{r}); err != nil {
		return err
	}
	return r.err
}

// settle keeps a refusal as the request's own outcome and passes on other errors.
func (r *request) settle(err error) error {
	var no refusal
	if !errors.As(err, &no) {
		return err
	}
	r.err = no
	return nil
}

// guard turns a panic into an error: neither those who share a transaction with
// its cause nor those who come later suffer from it.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}
