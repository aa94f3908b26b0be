package db

import (
	"cmp"
	"database/sql"
	"slices"
	"strings"

	"userstatus/presence"
)

// userColumns has a user in one row, with the sessions as lines of idle flag,
// platforms, a blank and node: a single query is a snapshot, and few columns are
// quick.
const userColumns = `u.id, u.removed, u.status_type, u.custom_status, u.expires_at, u.last_online_at, u.chosen, u.visibility,
	u.has_blocked, u.audience, u.earlier_status, u.status_since, u.changed, u.version, u.issued, u.logout_version, u.hidden_from_friends, u.hidden_from_strangers,
	(SELECT string_agg(CAST(s.idle AS INTEGER) || s.platforms || ' ' || s.node, '
') FROM sessions s WHERE s.user_id = u.id)`

const (
	insertUser = `INSERT INTO users (id, removed, status_type, custom_status, expires_at, last_online_at, chosen, visibility,
	has_blocked, audience, earlier_status, status_since, changed, version, issued, logout_version, hidden_from_friends, hidden_from_strangers, next_expiry_at)`
	userWidth  = 19
	updateUser = ` ON CONFLICT (id) DO UPDATE SET removed = excluded.removed, status_type = excluded.status_type,
	custom_status = excluded.custom_status, expires_at = excluded.expires_at, last_online_at = excluded.last_online_at,
	chosen = excluded.chosen, visibility = excluded.visibility, has_blocked = excluded.has_blocked,
	audience = excluded.audience, earlier_status = excluded.earlier_status, status_since = excluded.status_since, changed = excluded.changed,
	version = excluded.version, issued = excluded.issued, logout_version = excluded.logout_version, hidden_from_friends = excluded.hidden_from_friends,
	hidden_from_strangers = excluded.hidden_from_strangers, next_expiry_at = excluded.next_expiry_at`
)

// row is a user as the table has them: two that are equal are the same on disk.
type row struct {
	id                         string
	removed                    bool
	statusType, customStatus   string
	expiresAt, lastOnlineAt    sql.Null[int64]
	chosen, visibility         string
	hasBlocked                 bool
	audience                   int64
	earlierStatus              string
	statusSince                sql.Null[int64]
	changed                    int64
	version, issued            int64
	logoutVersion              int64
	fromFriends, fromStrangers sql.Null[string]
	nextExpiryAt               sql.Null[int64]
}

func rowOf(u *presence.User) row {
	return row{
		id: u.ID, removed: !u.Exists, statusType: string(u.StatusType), customStatus: u.CustomStatus,
		expiresAt: instant(u.CustomStatusExpiresAt), lastOnlineAt: instant(u.LastOnlineAt),
		chosen: string(u.Chosen), visibility: string(u.Visibility), hasBlocked: u.HasBlocked,
		audience: int64(u.Audience), earlierStatus: u.EarlierStatus, statusSince: instant(u.StatusSince), changed: int64(u.Changed),
		version: int64(u.Version), issued: int64(u.Issued), logoutVersion: int64(u.LogoutVersion),
		fromFriends: encodeFace(u.HiddenFromFriends), fromStrangers: encodeFace(u.HiddenFromStrangers),
		nextExpiryAt: instant(u.NextExpiry()),
	}
}

// user is the row's user. Of a removed one only what was issued is left.
func (r *row) user(sessions []presence.Session) (*presence.User, error) {
	if r.removed {
		return &presence.User{ID: r.id, Issued: int(r.issued)}, nil
	}
	friends, err := decodeFace(r.id, r.fromFriends)
	if err != nil {
		return nil, err
	}
	strangers, err := decodeFace(r.id, r.fromStrangers)
	return &presence.User{
		ID: r.id, Exists: true, StatusType: presence.StatusType(r.statusType), CustomStatus: r.customStatus,
		CustomStatusExpiresAt: moment(r.expiresAt), LastOnlineAt: moment(r.lastOnlineAt),
		Chosen: presence.Availability(r.chosen), Visibility: presence.Visibility(r.visibility), HasBlocked: r.hasBlocked,
		Audience: int(r.audience), EarlierStatus: r.earlierStatus, StatusSince: moment(r.statusSince), Changed: int(r.changed),
		Version: int(r.version), Issued: int(r.issued), LogoutVersion: int(r.logoutVersion),
		HiddenFromFriends: friends, HiddenFromStrangers: strangers, Sessions: sessions,
	}, err
}

// appendTo adds the columns of insertUser.
func (r *row) appendTo(values []any) []any {
	return append(values, r.id, r.removed, r.statusType, r.customStatus, value(r.expiresAt), value(r.lastOnlineAt),
		r.chosen, r.visibility, r.hasBlocked, r.audience, r.earlierStatus, value(r.statusSince), r.changed, r.version, r.issued, r.logoutVersion,
		value(r.fromFriends), value(r.fromStrangers), value(r.nextExpiryAt))
}

// scanUser reads userColumns, and into more what follows them.
func scanUser(rows *sql.Rows, more ...any) (*presence.User, error) {
	var r row
	var lines sql.Null[string]
	fields := []any{&r.id, &r.removed, &r.statusType, &r.customStatus, &r.expiresAt, &r.lastOnlineAt, &r.chosen, &r.visibility,
		&r.hasBlocked, &r.audience, &r.earlierStatus, &r.statusSince, &r.changed, &r.version, &r.issued, &r.logoutVersion, &r.fromFriends, &r.fromStrangers, &lines}
	if err := rows.Scan(append(fields, more...)...); err != nil {
		return nil, err
	}
	return r.user(sessions(lines))
}

func sessions(lines sql.Null[string]) (all []presence.Session) {
	if !lines.Valid {
		return nil
	}
	for line := range strings.SplitSeq(lines.V, "\n") {
		platforms, node, _ := strings.Cut(line[1:], " ")
		all = append(all, presence.Session{Node: node, Idle: line[0] == '1', Platforms: platformsOf(platforms)})
	}
	return byNode(all)
}

// platformsOf reads names joined by commas.
func platformsOf(joined string) []string {
	if joined == "" {
		return nil
	}
	return strings.Split(joined, ",")
}

func byNode(sessions []presence.Session) []presence.Session {
	slices.SortFunc(sessions, func(a, b presence.Session) int { return cmp.Compare(a.Node, b.Node) })
	return sessions
}

// asStored is u as it will be read once it is saved.
func asStored(u *presence.User) (*presence.User, error) {
	r := rowOf(u)
	return r.user(byNode(append([]presence.Session(nil), u.Sessions...)))
}
