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
	insertHistory = `INSERT INTO history (user_id, version, at, reason, old_status_type, status_type, custom_status, expires_at, availability)`
	historyWidth  = 9
)

func saveHistory(tx *gorm.DB, changes []presence.StatusChange) error {
	values := make([]any, 0, historyWidth*len(changes))
	for _, c := range changes {
		values = append(values, c.UserID, int64(c.Version), c.At.UnixMilli(), string(c.Reason), string(c.OldStatusType), string(c.StatusType),
			c.CustomStatus, value(instant(c.CustomStatusExpiresAt)), string(c.Availability))
	}
	return insert(tx, insertHistory, historyWidth, values, "")
}

// History is presence.Store's.
func (s *Store) History(ctx context.Context, userID string, before, limit int) (changes []presence.StatusChange, err error) {
	err = each(s.read.WithContext(ctx), func(rows *sql.Rows) error {
		c := presence.StatusChange{UserID: userID}
		var at, expiresAt sql.Null[int64]
		err := rows.Scan(&c.Version, &at, &c.Reason, &c.OldStatusType, &c.StatusType, &c.CustomStatus, &expiresAt, &c.Availability)
		c.At, c.CustomStatusExpiresAt = *moment(at), moment(expiresAt)
		changes = append(changes, c)
		return err
	}, `SELECT version, at, reason, old_status_type, status_type, custom_status, expires_at, availability FROM history
		WHERE user_id = ? AND version < ? ORDER BY version DESC LIMIT ?`, userID, int64(before), limit)
	if err != nil {
		return nil, fmt.Errorf("load history of %s: %w", userID, err)
	}
	return changes, nil
}

// PruneHistory is presence.Store's, the oldest first.
func (s *Store) PruneHistory(ctx context.Context, before time.Time, limit int) (gone int, err error) {
	err = s.do(ctx, "prune history", nil, func(tx *transaction) error {
		users, err := texts(tx.DB, `DELETE FROM history WHERE (user_id, version) IN
			(SELECT user_id, version FROM history WHERE at < ? ORDER BY at LIMIT ?) RETURNING user_id`, before.UnixMilli(), limit)
		gone = len(users)
		return err
	})
	return gone, err
}
