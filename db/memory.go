package db

import (
	"database/sql"

	"gorm.io/gorm"

	"userstatus/presence"
)

// remembered is how many users the writer knows without reading, at most.
const remembered = 1 << 16

// memory is users whom the writer read or wrote lately, as the database gives
// them. Nothing but the writer's own transactions may change them: so it is
// forgotten when one of these fails, and when another connection has written.
// A nil memory knows nobody and learns nothing.
type memory struct {
	// recent turns into earlier when it has half of the size, and earlier goes:
	// so who is in use stays. Where both have a user, recent is right.
	recent, earlier users
	size            int
	// pending is what the transaction under way has saved.
	pending users
	// version is the database's count of what other connections wrote.
	version int64
}

func newMemory(size int) *memory {
	return &memory{recent: users{}, size: size, pending: users{}}
}

// check forgets all if another connection has written since the last check.
func (m *memory) check(tx *gorm.DB) error {
	var version int64
	err := each(tx, func(rows *sql.Rows) error { return rows.Scan(&version) }, "PRAGMA data_version")
	if err != nil {
		return err
	}
	if version != m.version {
		m.forget()
		m.version = version
	}
	return nil
}

// find is the users that are known, and the IDs of the others.
func (m *memory) find(ids []string) (known users, unknown []string) {
	known = make(users, len(ids))
	if m == nil {
		return known, ids
	}
	for _, id := range ids {
		if u := m.user(id); u != nil {
			known[id] = u
			continue
		}
		unknown = append(unknown, id)
	}
	return known, unknown
}

func (m *memory) user(id string) *presence.User {
	if u := m.pending[id]; u != nil {
		return u
	}
	if u := m.recent[id]; u != nil {
		return u
	}
	u := m.earlier[id]
	if u != nil {
		m.keep(u)
	}
	return u
}

// keep remembers a user as committed.
func (m *memory) keep(u *presence.User) {
	if m == nil {
		return
	}
	if len(m.recent) >= m.size/2 {
		m.recent, m.earlier = make(users, len(m.recent)), m.recent
	}
	m.recent[u.ID] = u
}

// expect remembers a user as saved by the transaction under way.
func (m *memory) expect(u *presence.User) (err error) {
	if m == nil {
		return nil
	}
	m.pending[u.ID], err = asStored(u)
	return err
}

// settle is for after the commit.
func (m *memory) settle() {
	if m == nil {
		return
	}
	for _, u := range m.pending {
		m.keep(u)
	}
	clear(m.pending)
}

func (m *memory) forget() {
	if m == nil {
		return
	}
	m.recent, m.earlier, m.pending = users{}, nil, users{}
}
