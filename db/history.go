package db

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"time"

	"gorm.io/gorm"

	"userstatus/presence"
)

const (
	insertHistory = `INSERT INTO history (version, user_id, previous, at, reason, old_status_type, status_type, custom_status, expires_at, availability)`
	historyWidth  = 10
)

func saveHistory(tx *gorm.DB, changes []presence.StatusChange) error {
	values := make([]any, 0, historyWidth*len(changes))
	for _, c := range changes {
		if c.Reason == presence.ReasonRemoved {
			continue // the history goes with the user
		}
		values = append(values, int64(c.Version), c.UserID, int64(c.Previous), c.At.UnixMilli(), string(c.Reason), string(c.OldStatusType),
			string(c.StatusType), c.CustomStatus, value(instant(c.CustomStatusExpiresAt)), string(c.Availability))
	}
	return insert(tx, insertHistory, historyWidth, values, "")
}

// chain is a user's changes from one on, each by the version in the one after it.
const chain = `WITH RECURSIVE chain AS (
	SELECT h.*, 1 AS n FROM history h WHERE h.user_id = ? AND h.version = ?
	UNION ALL SELECT h.*, n + 1 FROM chain JOIN history h ON h.user_id = chain.user_id AND h.version = chain.previous WHERE n < ?) `

const (
	pickHistory = chain + `SELECT version, previous, at, reason, old_status_type, status_type, custom_status, expires_at, availability FROM chain ORDER BY n`

	dropHistory = chain + `DELETE FROM history WHERE (version, user_id) IN (SELECT version, user_id FROM chain)`

	pruneHistory = `DELETE FROM history WHERE (version, user_id) IN (
		SELECT version, user_id FROM (SELECT version, user_id, at FROM history ORDER BY version, user_id LIMIT ?) AS lowest WHERE at < ?)
		RETURNING user_id`
)

// History is presence.Store's.
func (s *Store) History(ctx context.Context, userID string, from, limit int) (changes []presence.StatusChange, err error) {
	tx := s.read.WithContext(ctx)
	if from == 0 {
		from, err = lastChange(tx, userID)
	}
	if err == nil {
		changes, err = loadHistory(tx, userID, from, limit)
	}
	if err != nil {
		return nil, fmt.Errorf("load history of %s: %w", userID, err)
	}
	return changes, nil
}

func lastChange(tx *gorm.DB, userID string) (version int, err error) {
	err = each(tx, func(rows *sql.Rows) error { return rows.Scan(&version) }, "SELECT changed FROM users WHERE id = ?", userID)
	return version, err
}

func loadHistory(tx *gorm.DB, userID string, from, limit int) (changes []presence.StatusChange, err error) {
	return changes, each(tx, func(rows *sql.Rows) error {
		c := presence.StatusChange{UserID: userID}
		var at, expiresAt sql.Null[int64]
		err := rows.Scan(&c.Version, &c.Previous, &at, &c.Reason, &c.OldStatusType, &c.StatusType, &c.CustomStatus, &expiresAt, &c.Availability)
		if err != nil {
			return err
		}
		c.At, c.CustomStatusExpiresAt = *moment(at), moment(expiresAt)
		changes = append(changes, c)
		return nil
	}, pickHistory, userID, int64(from), limit)
}

// forgetHistory takes away all changes of users who are about to go.
func forgetHistory(tx *gorm.DB, stored users, userIDs []string) error {
	for _, id := range userIDs {
		err := run(tx, dropHistory, id, int64(stored.of(id).Changed), math.MaxInt32)
		if err != nil {
			return err
		}
	}
	return nil
}

// PruneHistory is presence.Store's.
func (s *Store) PruneHistory(ctx context.Context, before time.Time, limit int) (gone int, err error) {
	err = s.do(ctx, "prune history", nil, func(tx *transaction) error {
		users, err := texts(tx.DB, pruneHistory, limit, before.UnixMilli())
		gone = len(users)
		return err
	})
	return gone, err
}
