package db

import (
	"context"

	"gorm.io/gorm"

	"userstatus/presence"
)

// Remove is presence.Store's. A removed user's row stays as a tombstone that
// remembers their highest version.
func (s *Store) Remove(ctx context.Context, userIDs []string, remove func(*presence.User)) (removed []string, err error) {
	userIDs = distinct(userIDs)
	err = s.do(ctx, "remove users", userIDs, func(tx *transaction) error {
		stored, err := tx.load(userIDs)
		if err != nil {
			return err
		}
		var tombstones []*presence.User
		removed, tombstones = bury(stored, userIDs, remove)
		if len(removed) == 0 {
			return nil
		}
		if err := tx.save(stored, tombstones); err != nil {
			return err
		}
		if err := forgetHistory(tx.DB, stored, removed); err != nil {
			return err
		}
		return forgetRelations(tx.DB, removed)
	})
	if err != nil {
		return nil, err
	}
	return removed, nil
}

func bury(stored users, userIDs []string, remove func(*presence.User)) (removed []string, tombstones []*presence.User) {
	for _, id := range userIDs {
		if !stored.exist(id) {
			continue
		}
		last := clone(stored.of(id))
		remove(last)
		removed = append(removed, id)
		tombstones = append(tombstones, &presence.User{ID: id, Issued: last.Issued, Changes: last.Changes})
	}
	return removed, tombstones
}

func forgetRelations(tx *gorm.DB, userIDs []string) error {
	for _, statement := range []string{
		"DELETE FROM watches WHERE viewer_id " + among,
		"DELETE FROM watches WHERE user_id " + among,
		"DELETE FROM views WHERE user_id " + among,
		"DELETE FROM views WHERE viewer_id " + among,
		"DELETE FROM friendships WHERE (user_id, friend_id) IN (SELECT friend_id, user_id FROM friendships WHERE user_id " + among + ")",
		"DELETE FROM friendships WHERE user_id " + among,
	} {
		if err := run(tx, statement, list(userIDs)); err != nil {
			return err
		}
	}
	return nil
}
