package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"time"

	"gorm.io/gorm"

	"userstatus/presence"
)

var _ presence.Outbox = (*Store)(nil)

const (
	insertEvent = `INSERT INTO webhook_events (` + changeColumns + `, queued_at)`
	eventWidth  = 11
	// eventColumns are those that an event has while it waits.
	eventColumns = changeColumns + `, queued_at, attempts, last_error`
	// changeColumns are those that it has for good.
	changeColumns = `id, user_id, version, at, reason, old_status_type, status_type, custom_status, expires_at, availability`

	dueEvents = `SELECT e.id, e.user_id, e.version, e.at, e.reason, e.old_status_type, e.status_type, e.custom_status, e.expires_at, e.availability,
			e.queued_at, e.attempts, e.last_error, CAST(NULL AS BIGINT)
		FROM webhook_queues q JOIN webhook_events e ON e.user_id = q.user_id
			AND e.version = (SELECT min(f.version) FROM webhook_events f WHERE f.user_id = q.user_id)
		WHERE q.due_at <= ? ORDER BY q.due_at LIMIT ?`

	dropEmptyQueues = `DELETE FROM webhook_queues
		WHERE NOT EXISTS (SELECT 1 FROM webhook_events e WHERE e.user_id = webhook_queues.user_id) AND user_id ` + among
)

// eventIDs keep the order of the bytes that are written by them.
var eventIDs = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// newEventID has the time, to the millisecond, and 80 random bits.
func newEventID(at time.Time) string {
	var raw [18]byte
	binary.BigEndian.PutUint64(raw[:8], uint64(at.UnixMilli()))
	_, _ = rand.Read(raw[8:]) // it never fails
	return "evt_" + eventIDs.EncodeToString(raw[2:])
}

// saveEvents puts changes into the outbox. A queue that is there stays due when it
// was: it may be waiting after a failure.
func saveEvents(tx *gorm.DB, changes []presence.StatusChange) error {
	events, queues := make([]any, 0, eventWidth*len(changes)), make([]any, 0, 2*len(changes))
	for _, c := range changes {
		at := c.At.UnixMilli()
		events = append(events, newEventID(c.At), c.UserID, int64(c.Version), at, string(c.Reason), string(c.OldStatusType), string(c.StatusType),
			c.CustomStatus, value(instant(c.CustomStatusExpiresAt)), string(c.Availability), at)
		queues = append(queues, c.UserID, at)
	}
	if err := insert(tx, insertEvent, eventWidth, events, ""); err != nil {
		return err
	}
	return insert(tx, "INSERT INTO webhook_queues (user_id, due_at)", 2, queues, " ON CONFLICT DO NOTHING")
}

// Filled is presence.Outbox's.
func (s *Store) Filled() <-chan struct{} { return s.writer.filled }

// DueEvents is presence.Outbox's.
func (s *Store) DueEvents(ctx context.Context, by time.Time, limit int) ([]presence.Event, error) {
	return s.events(ctx, "load webhooks that are due", dueEvents, by.UnixMilli(), limit)
}

func (s *Store) events(ctx context.Context, deed, query string, args ...any) (events []presence.Event, err error) {
	err = each(s.read.WithContext(ctx), func(rows *sql.Rows) error {
		var e presence.Event
		var at, queuedAt int64
		var expiresAt, setAsideAt sql.Null[int64]
		c := &e.Change
		err := rows.Scan(&e.ID, &c.UserID, &c.Version, &at, &c.Reason, &c.OldStatusType, &c.StatusType, &c.CustomStatus, &expiresAt, &c.Availability,
			&queuedAt, &e.Attempts, &e.LastError, &setAsideAt)
		c.At, c.CustomStatusExpiresAt = time.UnixMilli(at).UTC(), moment(expiresAt)
		e.QueuedAt, e.SetAsideAt = time.UnixMilli(queuedAt).UTC(), moment(setAsideAt)
		events = append(events, e)
		return err
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", deed, err)
	}
	return events, nil
}

// Settle is presence.Outbox's. It holds the users' locks, as whoever changes them:
// so none of their events is committed between the look whether their queue is
// empty and its end.
func (s *Store) Settle(ctx context.Context, now time.Time, outcomes []presence.Outcome) error {
	users := make([]string, len(outcomes))
	for i, o := range outcomes {
		users[i] = o.Event.Change.UserID
	}
	return s.do(ctx, "settle webhooks", users, func(tx *transaction) error { return settle(tx.DB, now.UnixMilli(), outcomes) })
}

func settle(tx *gorm.DB, now int64, outcomes []presence.Outcome) error {
	var events, users []string // that leave the queue, and whose they are
	for _, o := range outcomes {
		if o.Again != nil {
			if err := postpone(tx, o); err != nil {
				return err
			}
			continue
		}
		if o.Failure != "" {
			if err := setAside(tx, now, o); err != nil {
				return err
			}
		}
		events, users = append(events, o.Event.ID), append(users, o.Event.Change.UserID)
	}
	return leave(tx, now, events, users)
}

func leave(tx *gorm.DB, now int64, events, users []string) error {
	if len(events) == 0 {
		return nil
	}
	if err := run(tx, "DELETE FROM webhook_events WHERE id "+among, list(events)); err != nil {
		return err
	}
	if err := run(tx, dropEmptyQueues, list(users)); err != nil {
		return err
	}
	return run(tx, "UPDATE webhook_queues SET due_at = ? WHERE user_id "+among, now, list(users))
}

// postpone leaves the queue alone where the event has left it by now.
func postpone(tx *gorm.DB, o presence.Outcome) error {
	err := run(tx, "UPDATE webhook_queues SET due_at = ? WHERE user_id = ? AND EXISTS (SELECT 1 FROM webhook_events WHERE id = ?)",
		o.Again.UnixMilli(), o.Event.Change.UserID, o.Event.ID)
	if err != nil {
		return err
	}
	return run(tx, "UPDATE webhook_events SET attempts = ?, last_error = ? WHERE id = ?", o.Event.Attempts+1, o.Failure, o.Event.ID)
}

func setAside(tx *gorm.DB, now int64, o presence.Outcome) error {
	return run(tx, `INSERT INTO webhook_aside (`+eventColumns+`, set_aside_at)
		SELECT `+changeColumns+`, queued_at, CAST(? AS INTEGER), CAST(? AS TEXT), CAST(? AS BIGINT) FROM webhook_events WHERE id = ? ON CONFLICT DO NOTHING`,
		o.Event.Attempts+1, o.Failure, now, o.Event.ID)
}

// Hasten is presence.Outbox's.
func (s *Store) Hasten(ctx context.Context, now time.Time) error {
	return s.do(ctx, "hasten webhooks", nil, func(tx *transaction) error {
		return run(tx.DB, "UPDATE webhook_queues SET due_at = ? WHERE due_at > ?", now.UnixMilli(), now.UnixMilli())
	})
}

// Lead is presence.Outbox's. The file of an SQLite is one node's anyway. It writes
// only where there is nobody who leads.
func (s *Store) Lead(ctx context.Context, node string) (bool, error) {
	if !engineOf(s.read).shared() {
		return true, nil
	}
	holders, err := texts(s.read.WithContext(ctx), "SELECT l.node FROM webhook_lead l JOIN nodes n ON n.id = l.node WHERE n.gone = FALSE")
	if err != nil {
		return false, fmt.Errorf("load who sends webhooks: %w", err)
	}
	if len(holders) > 0 {
		return holders[0] == node, nil
	}
	return s.mark(ctx, "lead in sending webhooks", `INSERT INTO webhook_lead (id, node) SELECT 1, id FROM nodes WHERE id = ? AND gone = FALSE
		ON CONFLICT (id) DO UPDATE SET node = excluded.node
		WHERE NOT EXISTS (SELECT 1 FROM nodes n WHERE n.id = webhook_lead.node AND n.gone = FALSE) RETURNING node`, node)
}
