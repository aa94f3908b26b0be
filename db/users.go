package db

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"userstatus/presence"
)

// User is presence.Store's.
func (s *Store) User(ctx context.Context, userID string) (*presence.User, error) {
	users, err := loadUsers(s.read.WithContext(ctx), []string{userID})
	if err != nil {
		return nil, fmt.Errorf("load user %s: %w", userID, err)
	}
	return users.of(userID), nil
}

// users are as the database has them, tombstones included. They are shared
// and never altered, nor is what they point to: who changes one works on a clone.
type users map[string]*presence.User

func (all users) of(id string) *presence.User {
	if u, ok := all[id]; ok {
		return u
	}
	return &presence.User{ID: id}
}

func (all users) exist(id string) bool { return all.of(id).Exists }

func clone(u *presence.User) *presence.User {
	copied := *u
	copied.Sessions = slices.Clone(u.Sessions)
	copied.Changes = slices.Clip(u.Changes)
	return &copied
}

func loadUsers(tx *gorm.DB, ids []string) (users, error) {
	all := make(users, len(ids))
	err := each(tx, func(rows *sql.Rows) error {
		u, err := scanUser(rows)
		if err == nil {
			all[u.ID] = u
		}
		return err
	}, "SELECT "+userColumns+" FROM users u WHERE u.id "+among, list(ids))
	return all, err
}

// userChanges are the rows that differ from what is stored.
type userChanges struct {
	users, opened []any
	ended         [][2]string
	noted         []presence.StatusChange
}

func (c *userChanges) compare(before, after *presence.User) {
	if now := rowOf(after); now != rowOf(before) {
		c.users = now.appendTo(c.users)
	}
	c.noted = append(c.noted, after.Changes...)
	for _, s := range after.Sessions {
		if !slices.ContainsFunc(before.Sessions, func(other presence.Session) bool { return same(s, other) }) {
			c.opened = append(c.opened, after.ID, s.Node, s.Idle, strings.Join(s.Platforms, ","))
		}
	}
	for _, s := range before.Sessions {
		on := func(other presence.Session) bool { return other.Node == s.Node }
		if !slices.ContainsFunc(after.Sessions, on) {
			c.ended = append(c.ended, [2]string{after.ID, s.Node})
		}
	}
}

func same(a, b presence.Session) bool {
	return a.Node == b.Node && a.Idle == b.Idle && slices.Equal(a.Platforms, b.Platforms)
}

func (c *userChanges) save(tx *gorm.DB) error {
	if err := insert(tx, insertUser, userWidth, c.users, updateUser); err != nil {
		return err
	}
	if err := deletePairs(tx, "DELETE FROM sessions WHERE (user_id, node) ", c.ended); err != nil {
		return err
	}
	return insert(tx, "INSERT INTO sessions (user_id, node, idle, platforms)", 4, c.opened,
		" ON CONFLICT (user_id, node) DO UPDATE SET idle = excluded.idle, platforms = excluded.platforms")
}
