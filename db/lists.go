package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"userstatus/presence"
)

// Subscribe is presence.Store's. The users already on the list have their
// place there, whatever the limit.
func (s *Store) Subscribe(ctx context.Context, viewer string, userIDs []string, limit int) (missing, refused []string, err error) {
	userIDs = distinct(userIDs)
	all := append([]string{viewer}, userIDs...)
	err = s.do(ctx, "subscribe "+viewer, all, func(tx *transaction) error {
		var added []any
		missing, refused = nil, nil
		list, err := loadList(tx.DB, viewer, userIDs)
		if err != nil {
			return err
		}
		for _, id := range userIDs {
			switch {
			case !list.exist[id]:
				missing = append(missing, id)
			case list.has[id]:
			case limit > 0 && list.length >= limit:
				refused = append(refused, id)
			default:
				list.length++
				added = append(added, viewer, id)
			}
		}
		if len(added) == 0 {
			return nil
		}
		if err := insert(tx.DB, "INSERT INTO watches (viewer_id, user_id)", 2, added, " ON CONFLICT DO NOTHING"); err != nil {
			return err
		}
		return tx.touch(viewer)
	})
	if err != nil {
		return nil, nil, err
	}
	return missing, refused, nil
}

// watchList is what Subscribe must know: which of the users exist, which of
// them are on the viewer's list, and how long it is.
type watchList struct {
	exist, has map[string]bool
	length     int
}

func loadList(tx *gorm.DB, viewer string, userIDs []string) (l watchList, err error) {
	exist, err := texts(tx, "SELECT id FROM users WHERE removed = FALSE AND id "+among, list(userIDs))
	if err != nil {
		return l, err
	}
	has, err := texts(tx, "SELECT user_id FROM watches WHERE viewer_id = ? AND user_id "+among, viewer, list(userIDs))
	if err != nil {
		return l, err
	}
	l.exist, l.has = set(exist), set(has)
	l.length, err = one[int](tx, "SELECT count(*) FROM watches WHERE viewer_id = ?", viewer)
	return l, err
}

// Unsubscribe is presence.Store's.
func (s *Store) Unsubscribe(ctx context.Context, viewer string, userIDs []string) error {
	return s.do(ctx, "unsubscribe "+viewer, []string{viewer}, func(tx *transaction) error {
		taken, err := dropWatches(tx.DB, viewer, userIDs)
		if err != nil || len(taken) == 0 {
			return err
		}
		return tx.touch(viewer)
	})
}

func dropWatches(tx *gorm.DB, viewer string, userIDs []string) (taken []string, err error) {
	if userIDs == nil {
		return texts(tx, "DELETE FROM watches WHERE viewer_id = ? RETURNING user_id", viewer)
	}
	return texts(tx, "DELETE FROM watches WHERE viewer_id = ? AND user_id "+among+" RETURNING user_id", viewer, list(userIDs))
}

// touch moves a user's mark.
func (t *transaction) touch(userID string) error {
	stored, err := t.load([]string{userID})
	if err != nil || !stored.exist(userID) {
		return err
	}
	touched := clone(stored.of(userID))
	touched.Touch(time.Now())
	return t.save(stored, []*presence.User{touched})
}

// Subscriptions is presence.Store's.
func (s *Store) Subscriptions(ctx context.Context, viewer string) ([]string, error) {
	return s.list(ctx, "subscriptions", "SELECT user_id FROM watches WHERE viewer_id = ? ORDER BY user_id", viewer)
}

// Friends is presence.Store's.
func (s *Store) Friends(ctx context.Context, userID string) ([]string, error) {
	return s.list(ctx, "friends", "SELECT friend_id FROM friendships WHERE user_id = ? ORDER BY friend_id", userID)
}

// Blocked is presence.Store's.
func (s *Store) Blocked(ctx context.Context, userID string) ([]string, error) {
	return s.list(ctx, "blocked users", "SELECT viewer_id FROM views WHERE user_id = ? AND blocked = TRUE ORDER BY viewer_id", userID)
}

func (s *Store) list(ctx context.Context, what, query, userID string) ([]string, error) {
	ids, err := texts(s.read.WithContext(ctx), query, userID)
	if err != nil {
		return nil, fmt.Errorf("load %s of %s: %w", what, userID, err)
	}
	return ids, nil
}
