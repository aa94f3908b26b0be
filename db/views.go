package db

import (
	"context"
	"database/sql"
	"fmt"

	"gorm.io/gorm"

	"userstatus/presence"
)

const viewsQuery = `SELECT ` + userColumns + `, f.user_id IS NOT NULL, coalesce(v.blocked, FALSE), v.pinned FROM users u
	LEFT JOIN friendships f ON f.user_id = ? AND f.friend_id = u.id
	LEFT JOIN views v ON v.viewer_id = ? AND v.user_id = u.id
	WHERE u.removed = FALSE AND u.id ` + among

// Views is presence.Store's. It is one query.
func (s *Store) Views(ctx context.Context, viewer string, userIDs []string) (map[string]*presence.View, error) {
	views := make(map[string]*presence.View, len(userIDs))
	err := each(s.read.WithContext(ctx), func(rows *sql.Rows) error {
		v := &presence.View{Viewer: viewer}
		var pinned sql.Null[string]
		u, err := scanUser(rows, &v.Friend, &v.Blocked, &pinned)
		if err != nil {
			return err
		}
		v.User = u
		views[u.ID] = v
		v.Pinned, err = decodeFace(u.ID, pinned)
		return err
	}, viewsQuery, viewer, viewer, list(userIDs))
	if err != nil {
		return nil, fmt.Errorf("load views of %s: %w", viewer, err)
	}
	return views, nil
}

// ViewsOf is presence.Store's. All of its views share the user.
func (s *Store) ViewsOf(ctx context.Context, userID string, viewers []string) (views map[string]*presence.View, err error) {
	ctx, cancel := engineOf(s.read).bounded(ctx)
	defer cancel()
	err = s.read.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		views, err = viewsOf(tx, userID, viewers)
		return err
	}, &oneMoment)
	if err != nil {
		return nil, fmt.Errorf("load views on %s: %w", userID, err)
	}
	return views, nil
}

// oneMoment has all of a transaction's queries see the same. SQLite's do anyway.
var oneMoment = sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}

func viewsOf(tx *gorm.DB, userID string, viewers []string) (map[string]*presence.View, error) {
	views := make(map[string]*presence.View, len(viewers))
	stored, err := loadUsers(tx, []string{userID})
	if err != nil || !stored.exist(userID) {
		return views, err
	}
	between, err := loadRelations(tx, userID, viewers)
	if err != nil {
		return nil, err
	}
	for _, viewer := range viewers {
		views[viewer] = between.view(stored.of(userID), viewer)
	}
	return views, nil
}

// relations is what lies between one user and others, where anything does.
type relations struct {
	friends map[string]bool
	views   map[[2]string]relation
}

// relation is a row of views.
type relation struct {
	blocked bool
	pinned  *presence.Face
}

func (all relations) view(user *presence.User, viewer string) *presence.View {
	r := all.views[[2]string{user.ID, viewer}]
	return &presence.View{User: user, Viewer: viewer, Friend: all.friends[viewer], Blocked: r.blocked, Pinned: r.pinned}
}

// loadRelations is how the others see the user, and whether they are friends.
func loadRelations(tx *gorm.DB, userID string, others []string) (relations, error) {
	friends, err := texts(tx, "SELECT friend_id FROM friendships WHERE user_id = ? AND friend_id "+among, userID, list(others))
	if err != nil {
		return relations{}, err
	}
	all := relations{friends: set(friends), views: map[[2]string]relation{}}
	return all, all.load(tx, "user_id = ? AND viewer_id "+among, userID, list(others))
}

func (all relations) load(tx *gorm.DB, where string, args ...any) error {
	return each(tx, func(rows *sql.Rows) error {
		var userID, viewer string
		var r relation
		var pinned sql.Null[string]
		if err := rows.Scan(&userID, &viewer, &r.blocked, &pinned); err != nil {
			return err
		}
		var err error
		r.pinned, err = decodeFace(userID, pinned)
		all.views[[2]string{userID, viewer}] = r
		return err
	}, "SELECT user_id, viewer_id, blocked, pinned FROM views WHERE "+where, args...)
}
