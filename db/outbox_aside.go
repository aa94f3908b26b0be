package db

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"gorm.io/gorm"

	"userstatus/presence"
)

const (
	asideEvents = `SELECT ` + eventColumns + `, set_aside_at FROM webhook_aside WHERE id < ? ORDER BY id DESC LIMIT ?`
	// afterAllEvents sorts after all of their IDs.
	afterAllEvents = "~"
	// asideChunk is how many events are sent again, or discarded, in one transaction.
	asideChunk = 500
)

// Aside is presence.Outbox's.
func (s *Store) Aside(ctx context.Context, after string, limit int) ([]presence.Event, error) {
	if after == "" {
		after = afterAllEvents
	}
	return s.events(ctx, "load webhooks that were set aside", asideEvents, after, limit)
}

// Backlog is presence.Outbox's.
func (s *Store) Backlog(ctx context.Context) (b presence.Backlog, err error) {
	count := func(table string) int {
		if err != nil {
			return 0
		}
		var n int
		n, err = one[int](s.read.WithContext(ctx), "SELECT count(*) FROM (SELECT 1 FROM "+table+" LIMIT ?) AS counted", presence.MaxBacklog)
		return n
	}
	b.Pending, b.SetAside = count("webhook_events"), count("webhook_aside")
	if err == nil {
		var since sql.Null[int64]
		since, err = one[sql.Null[int64]](s.read.WithContext(ctx), "SELECT at FROM webhook_events ORDER BY id LIMIT 1")
		b.Since = moment(since)
	}
	if err != nil {
		return presence.Backlog{}, fmt.Errorf("count webhooks: %w", err)
	}
	return b, nil
}

// Resend is presence.Outbox's.
func (s *Store) Resend(ctx context.Context, ids []string, now time.Time) (int, error) {
	return s.eachAside(ctx, ids, func(ids, users []string) (again []string, err error) {
		err = s.do(ctx, "send webhooks again", users, func(tx *transaction) error {
			again, err = resend(tx.DB, ids, now.UnixMilli())
			tx.filled = tx.filled || len(again) > 0
			return err
		})
		return again, err
	})
}

func resend(tx *gorm.DB, ids []string, now int64) ([]string, error) {
	err := run(tx, `INSERT INTO webhook_events (`+eventColumns+`)
		SELECT `+changeColumns+`, CAST(? AS BIGINT), 0, last_error FROM webhook_aside WHERE id `+among+` ON CONFLICT DO NOTHING`, now, list(ids))
	if err != nil {
		return nil, err
	}
	err = run(tx, `INSERT INTO webhook_queues (user_id, due_at) SELECT DISTINCT user_id, CAST(? AS BIGINT) FROM webhook_aside WHERE id `+among+`
		ON CONFLICT (user_id) DO UPDATE SET due_at = excluded.due_at`, now, list(ids))
	if err != nil {
		return nil, err
	}
	return discard(tx, ids)
}

// Discard is presence.Outbox's.
func (s *Store) Discard(ctx context.Context, ids []string) (int, error) {
	return s.eachAside(ctx, ids, func(ids, _ []string) (gone []string, err error) {
		err = s.do(ctx, "discard webhooks", nil, func(tx *transaction) error {
			gone, err = discard(tx.DB, ids)
			return err
		})
		return gone, err
	})
}

func discard(tx *gorm.DB, ids []string) ([]string, error) {
	return texts(tx, "DELETE FROM webhook_aside WHERE id "+among+" RETURNING id", list(ids))
}

// eachAside does something with the events that were set aside, all or those with
// the IDs, a few at a time and each once, and returns with how many it was done.
func (s *Store) eachAside(ctx context.Context, only []string, do func(ids, users []string) (done []string, err error)) (n int, err error) {
	query, args := "SELECT id, user_id FROM webhook_aside WHERE id > ? ORDER BY id LIMIT ?", []any{"", asideChunk}
	if only != nil {
		query, args = "SELECT id, user_id FROM webhook_aside WHERE id > ? AND id "+among+" ORDER BY id LIMIT ?", []any{"", list(only), asideChunk}
	}
	for {
		var ids, users []string
		err := each(s.read.WithContext(ctx), func(rows *sql.Rows) error {
			var id, user string
			err := rows.Scan(&id, &user)
			ids, users = append(ids, id), append(users, user)
			return err
		}, query, args...)
		if err != nil {
			return n, fmt.Errorf("load webhooks that were set aside: %w", err)
		}
		if len(ids) == 0 {
			return n, nil
		}
		done, err := do(ids, distinct(users))
		if err != nil {
			return n, err
		}
		n, args[0] = n+len(done), ids[len(ids)-1]
	}
}
