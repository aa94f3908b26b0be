package db

import (
	"cmp"
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
// and never altered: who changes one works on a clone.
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
	return &copied
}

// userColumns has a user in one row, with the sessions as lines of idle flag
// and node: a single query is a snapshot, and few columns are quick.
const userColumns = `u.id, u.removed, u.status_type, u.custom_status, u.expires_at, u.last_online_at, u.chosen, u.visibility,
	u.has_blocked, u.version, u.issued, u.hidden_from_friends, u.hidden_from_strangers,
	(SELECT string_agg(s.idle || s.node, '
') FROM sessions s WHERE s.user_id = u.id)`

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

// scanUser reads userColumns, and into more what follows them.
func scanUser(rows *sql.Rows, more ...any) (*presence.User, error) {
	var (
		u                                   presence.User
		removed, hasBlocked                 bool
		version, issued                     int64
		expiresAt, lastOnlineAt             *int64
		statusType, chosen, visibility      string
		fromFriends, fromStrangers, session sql.NullString
	)
	fields := []any{&u.ID, &removed, &statusType, &u.CustomStatus, &expiresAt, &lastOnlineAt, &chosen, &visibility,
		&hasBlocked, &version, &issued, &fromFriends, &fromStrangers, &session}
	if err := rows.Scan(append(fields, more...)...); err != nil {
		return nil, err
	}
	if removed {
		return &presence.User{ID: u.ID, Issued: int(issued)}, nil
	}
	u.Exists, u.HasBlocked, u.Version, u.Issued = true, hasBlocked, int(version), int(issued)
	u.StatusType, u.Chosen, u.Visibility = presence.StatusType(statusType), presence.Availability(chosen), presence.Visibility(visibility)
	u.CustomStatusExpiresAt, u.LastOnlineAt = moment(expiresAt), moment(lastOnlineAt)
	u.Sessions = sessions(session)
	return &u, decodeFaces(&u, fromFriends, fromStrangers)
}

func decodeFaces(u *presence.User, fromFriends, fromStrangers sql.NullString) (err error) {
	if u.HiddenFromFriends, err = decodeFace(u.ID, fromFriends); err != nil {
		return err
	}
	u.HiddenFromStrangers, err = decodeFace(u.ID, fromStrangers)
	return err
}

func sessions(lines sql.NullString) (all []presence.Session) {
	if !lines.Valid {
		return nil
	}
	for line := range strings.SplitSeq(lines.String, "\n") {
		all = append(all, presence.Session{Node: line[1:], Idle: line[0] == '1'})
	}
	slices.SortFunc(all, func(a, b presence.Session) int { return cmp.Compare(a.Node, b.Node) })
	return all
}

const (
	insertUser = `INSERT INTO users (id, removed, status_type, custom_status, expires_at, last_online_at, chosen, visibility,
	has_blocked, version, issued, hidden_from_friends, hidden_from_strangers, next_expiry_at)`
	userWidth  = 14
	updateUser = ` ON CONFLICT (id) DO UPDATE SET removed = excluded.removed, status_type = excluded.status_type,
	custom_status = excluded.custom_status, expires_at = excluded.expires_at, last_online_at = excluded.last_online_at,
	chosen = excluded.chosen, visibility = excluded.visibility, has_blocked = excluded.has_blocked,
	version = excluded.version, issued = excluded.issued, hidden_from_friends = excluded.hidden_from_friends,
	hidden_from_strangers = excluded.hidden_from_strangers, next_expiry_at = excluded.next_expiry_at`
)

func appendRow(values []any, u *presence.User) []any {
	return append(values, u.ID, flag(!u.Exists), string(u.StatusType), u.CustomStatus,
		column(u.CustomStatusExpiresAt), column(u.LastOnlineAt), string(u.Chosen), string(u.Visibility),
		flag(u.HasBlocked), int64(u.Version), int64(u.Issued),
		encodeFace(u.HiddenFromFriends), encodeFace(u.HiddenFromStrangers), column(u.NextExpiry()))
}

// save writes those users, and those of their sessions, that differ from what
// is stored.
func save(tx *gorm.DB, stored users, changed []*presence.User) error {
	var rows, opened []any
	var ended [][2]string
	for _, u := range changed {
		before := stored.of(u.ID)
		if !u.Exists && !before.Exists {
			continue
		}
		if u.Issued != before.Issued || !slices.Equal(appendRow(nil, u), appendRow(nil, before)) {
			rows = appendRow(rows, u)
		}
		opened, ended = compareSessions(opened, ended, before, u)
	}
	if err := insert(tx, insertUser, userWidth, rows, updateUser); err != nil {
		return err
	}
	return saveSessions(tx, opened, ended)
}

func compareSessions(opened []any, ended [][2]string, before, after *presence.User) ([]any, [][2]string) {
	for _, s := range after.Sessions {
		if !slices.Contains(before.Sessions, s) {
			opened = append(opened, after.ID, s.Node, flag(s.Idle))
		}
	}
	for _, s := range before.Sessions {
		on := func(other presence.Session) bool { return other.Node == s.Node }
		if !slices.ContainsFunc(after.Sessions, on) {
			ended = append(ended, [2]string{after.ID, s.Node})
		}
	}
	return opened, ended
}

func saveSessions(tx *gorm.DB, opened []any, ended [][2]string) error {
	if err := deletePairs(tx, "DELETE FROM sessions WHERE (user_id, node) ", ended); err != nil {
		return err
	}
	return insert(tx, "INSERT INTO sessions (user_id, node, idle)", 3, opened, " ON CONFLICT (user_id, node) DO UPDATE SET idle = excluded.idle")
}
