package broadcast

import (
	"slices"

	"userstatus/presence"
)

// fewPending is up to how many updates a mailbox finds a user by looking
// through them all.
const fewPending = 32

// mailbox holds the newest update of each user with news, in the order of
// their first news. Its zero value is empty. It must not be copied once used.
type mailbox struct {
	// one is room for the usual case: one update, taken at once.
	one     [1]*presence.Update
	pending []*presence.Update
	// places is where each user's update is, once there are more than a few.
	places map[string]int
}

func (m *mailbox) empty() bool { return len(m.pending) == 0 }

// put adds an update, unless one of the user waits that is no older. It is true
// where the update took the place of an older one.
func (m *mailbox) put(update *presence.Update) (replaced bool) {
	if i := m.find(update.Status.UserID); i >= 0 {
		if replaced = m.pending[i].Status.Version < update.Status.Version; replaced {
			m.pending[i] = update
		}
		return replaced
	}
	if m.pending == nil {
		m.pending = m.one[:0]
	}
	m.pending = append(m.pending, update)
	if m.places != nil {
		m.places[update.Status.UserID] = len(m.pending) - 1
		return false
	}
	m.place()
	return false
}

func (m *mailbox) find(userID string) int {
	if m.places == nil {
		return slices.IndexFunc(m.pending, func(u *presence.Update) bool { return u.Status.UserID == userID })
	}
	if i, ok := m.places[userID]; ok {
		return i
	}
	return -1
}

// place makes places anew.
func (m *mailbox) place() {
	m.places = nil
	if len(m.pending) <= fewPending {
		return
	}
	m.places = make(map[string]int, 2*len(m.pending))
	for i, u := range m.pending {
		m.places[u.Status.UserID] = i
	}
}

// take empties the mailbox into into, and gives its memory back.
func (m *mailbox) take(into []*presence.Update) []*presence.Update {
	into = append(into, m.pending...)
	*m = mailbox{}
	return into
}

func (m *mailbox) purge(users map[string]bool) {
	m.pending = slices.DeleteFunc(m.pending, func(u *presence.Update) bool { return users[u.Status.UserID] })
	if m.empty() {
		*m = mailbox{}
		return
	}
	m.place()
}

// arrange puts the users of first first, in that order.
func (m *mailbox) arrange(first []*presence.Update) {
	if len(first) == 0 {
		return
	}
	rest := make(map[string]*presence.Update, len(m.pending))
	for _, u := range m.pending {
		rest[u.Status.UserID] = u
	}
	arranged := make([]*presence.Update, 0, len(m.pending))
	for _, list := range [][]*presence.Update{first, m.pending} {
		for _, u := range list {
			if newest := rest[u.Status.UserID]; newest != nil {
				arranged = append(arranged, newest)
				delete(rest, u.Status.UserID)
			}
		}
	}
	m.one[0], m.pending = nil, arranged
	m.place()
}
