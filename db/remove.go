package db

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"userstatus/presence"
)

// Remove is presence.Store's. A removed user's row stays as a tombstone that
// remembers their highest version, until PruneRemoved.
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

const (
	findTombstones = "SELECT id FROM users WHERE removed = TRUE AND issued < ? ORDER BY issued LIMIT ?"
	dropTombstones = "DELETE FROM users WHERE removed = TRUE AND issued < ? AND id " + among + " RETURNING id"
)

// PruneRemoved is presence.Store's. Who was found may be there again by the time
// they are locked.
func (s *Store) PruneRemoved(ctx context.Context, below, limit int) (gone int, err error) {
	found, err := texts(s.read.WithContext(ctx), findTombstones, below, limit)
	if err != nil {
		return 0, fmt.Errorf("find removed users: %w", err)
	}
	if len(found) == 0 {
		return 0, nil
	}
	err = s.do(ctx, "forget removed users", found, func(tx *transaction) error {
		dropped, err := texts(tx.DB, dropTombstones, below, list(found))
		if err != nil {
			return err
		}
		gone = len(dropped)
		for _, id := range dropped {
			if err := tx.memory.expect(&presence.User{ID: id}); err != nil {
				return err
			}
		}
		return nil
	})
	return gone, err
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
