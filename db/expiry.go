package db

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"userstatus/presence"
)

// Due is presence.Store's, the longest due first.
func (s *Store) Due(ctx context.Context, now time.Time, limit int) ([]string, error) {
	ids, err := texts(s.read.WithContext(ctx), "SELECT id FROM users WHERE next_expiry_at <= ? ORDER BY next_expiry_at LIMIT ?", now.UnixMilli(), limit)
	if err != nil {
		return nil, fmt.Errorf("load users with an expiry: %w", err)
	}
	return ids, nil
}

// DueViews is presence.Store's, the longest due first.
func (s *Store) DueViews(ctx context.Context, now time.Time, limit int) (due []presence.PairID, err error) {
	err = each(s.read.WithContext(ctx), func(rows *sql.Rows) error {
		var id presence.PairID
		err := rows.Scan(&id.UserID, &id.Viewer)
		due = append(due, id)
		return err
	}, "SELECT user_id, viewer_id FROM views WHERE expires_at <= ? ORDER BY expires_at LIMIT ?", now.UnixMilli(), limit)
	if err != nil {
		return nil, fmt.Errorf("load views with an expiry: %w", err)
	}
	return due, nil
}

// NextDue is presence.Store's.
func (s *Store) NextDue(ctx context.Context) (*time.Time, error) {
	next, err := one[sql.Null[int64]](s.read.WithContext(ctx), `SELECT min(at) FROM (
		SELECT min(next_expiry_at) AS at FROM users WHERE next_expiry_at IS NOT NULL
		UNION ALL SELECT min(expires_at) FROM views WHERE expires_at IS NOT NULL) AS expiries`)
	if err != nil {
		return nil, fmt.Errorf("load the next expiry: %w", err)
	}
	return moment(next), nil
}

// expiry is when View.expire has something to do.
func expiry(v *presence.View) *time.Time {
	if v.Pinned == nil {
		return nil
	}
	return v.Pinned.Status.CustomStatusExpiresAt
}
