package db

import (
	"context"
	"fmt"
	"strings"

	"userstatus/presence"
)

// Users is presence.Store's. All IDs with a prefix lie together.
func (s *Store) Users(ctx context.Context, prefix, after string, limit int) ([]string, error) {
	ids, err := texts(s.read.WithContext(ctx), "SELECT id FROM users WHERE id >= ? AND id > ? AND removed = FALSE ORDER BY id LIMIT ?", prefix, after, limit)
	if err != nil {
		return nil, fmt.Errorf("load users: %w", err)
	}
	for i, id := range ids {
		if !strings.HasPrefix(id, prefix) {
			return ids[:i], nil
		}
	}
	return ids, nil
}

// relatedBy is each list's table and condition, and what is listed.
var relatedBy = map[presence.UserList]struct{ from, id string }{
	presence.FriendsOf:       {"friendships WHERE user_id = ?", "friend_id"},
	presence.BlockedBy:       {"views WHERE blocked = TRUE AND user_id = ?", "viewer_id"},
	presence.SubscriptionsOf: {"watches WHERE viewer_id = ?", "user_id"},
	presence.SubscribersOf:   {"watches WHERE user_id = ?", "viewer_id"},
}

// Related is presence.Store's.
func (s *Store) Related(ctx context.Context, list presence.UserList, userID, after string, limit int) (ids []string, total int, err error) {
	l, tx := relatedBy[list], s.read.WithContext(ctx)
	ids, err = texts(tx, "SELECT "+l.id+" FROM "+l.from+" AND "+l.id+" > ? ORDER BY "+l.id+" LIMIT ?", userID, after, limit)
	if err == nil {
		total, err = one[int](tx, "SELECT count(*) FROM "+l.from, userID)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("load a list of %s: %w", userID, err)
	}
	return ids, total, nil
}

// CountOnline is presence.Store's.
func (s *Store) CountOnline(ctx context.Context) (int, error) {
	n, err := one[int](s.read.WithContext(ctx), "SELECT count(DISTINCT user_id) FROM sessions")
	if err != nil {
		return 0, fmt.Errorf("count who is online: %w", err)
	}
	return n, nil
}
