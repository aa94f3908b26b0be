package db

import (
	"context"

	"gorm.io/gorm"

	"userstatus/presence"
)

// UpdateViews is presence.Store's. All of its pairs share the user.
func (s *Store) UpdateViews(ctx context.Context, userID string, others []string, change func(theirs, mine *presence.View) error) (pairs []presence.Pair, err error) {
	others = distinct(others)
	all := append([]string{userID}, others...)
	err = s.do(ctx, "change how others see "+userID, all, func(tx *transaction) error {
		pairs = nil
		stored, err := tx.load(all)
		if err != nil || !stored.exist(userID) {
			return err
		}
		between, err := loadBetween(tx.DB, userID, others)
		if err != nil {
			return err
		}
		if pairs, err = changePairs(stored, between, userID, others, change); err != nil {
			return refusal{err}
		}
		return savePairs(tx, stored, between, pairs)
	})
	if err != nil {
		return nil, err
	}
	return pairs, nil
}

// loadBetween is how the others see the user and how the user sees them.
func loadBetween(tx *gorm.DB, userID string, others []string) (relations, error) {
	between, err := loadRelations(tx, userID, others)
	if err != nil {
		return between, err
	}
	return between, between.load(tx, "viewer_id = ? AND user_id "+among, userID, list(others))
}

func changePairs(stored users, between relations, userID string, others []string, change func(theirs, mine *presence.View) error) ([]presence.Pair, error) {
	user := clone(stored.of(userID))
	pairs := make([]presence.Pair, 0, len(others))
	for _, id := range others {
		if id == userID || !stored.exist(id) {
			continue
		}
		other := clone(stored.of(id))
		mine := between.view(other, userID)
		mine.Friend = between.friends[id]
		pair := presence.Pair{Theirs: between.view(user, id), Mine: mine}
		if err := change(pair.Theirs, pair.Mine); err != nil {
			return nil, err
		}
		pairs = append(pairs, pair)
	}
	return pairs, nil
}

// savePairs writes what change altered of the users and between them.
func savePairs(tx *transaction, stored users, between relations, pairs []presence.Pair) error {
	if len(pairs) == 0 {
		return nil
	}
	changed := []*presence.User{pairs[0].Theirs.User}
	var changes relationChanges
	for _, pair := range pairs {
		changed = append(changed, pair.Mine.User)
		changes.view(between, pair.Theirs)
		changes.view(between, pair.Mine)
		changes.friendship(between, pair)
	}
	if err := tx.save(stored, changed); err != nil {
		return err
	}
	return changes.save(tx.DB)
}

// relationChanges are the rows that differ from what is stored.
type relationChanges struct {
	views     []any
	plain     [][2]string
	friends   []any
	strangers [][2]string
}

func (c *relationChanges) view(between relations, v *presence.View) {
	key := [2]string{v.User.ID, v.Viewer}
	now := relation{blocked: v.Blocked, pinned: v.Pinned}
	switch now {
	case between.views[key]:
	case relation{}:
		c.plain = append(c.plain, key)
	default:
		c.views = append(c.views, v.User.ID, v.Viewer, v.Blocked, value(encodeFace(v.Pinned)), value(instant(expiry(v))))
	}
}

func (c *relationChanges) friendship(between relations, pair presence.Pair) {
	user, other := pair.Theirs.User.ID, pair.Mine.User.ID
	was := between.friends[other]
	if pair.Theirs.Friend == was && pair.Mine.Friend == was {
		return
	}
	pair.Theirs.Friend, pair.Mine.Friend = !was, !was
	if was {
		c.strangers = append(c.strangers, [2]string{user, other}, [2]string{other, user})
		return
	}
	c.friends = append(c.friends, user, other, other, user)
}

func (c *relationChanges) save(tx *gorm.DB) error {
	if err := deletePairs(tx, "DELETE FROM views WHERE (user_id, viewer_id) ", c.plain); err != nil {
		return err
	}
	err := insert(tx, "INSERT INTO views (user_id, viewer_id, blocked, pinned, expires_at)", 5, c.views,
		" ON CONFLICT (user_id, viewer_id) DO UPDATE SET blocked = excluded.blocked, pinned = excluded.pinned, expires_at = excluded.expires_at")
	if err != nil {
		return err
	}
	if err := deletePairs(tx, "DELETE FROM friendships WHERE (user_id, friend_id) ", c.strangers); err != nil {
		return err
	}
	return insert(tx, "INSERT INTO friendships (user_id, friend_id)", 2, c.friends, " ON CONFLICT DO NOTHING")
}
