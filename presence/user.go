package presence

import (
	"slices"
	"time"
)

// User is all that is kept of one user, but for lists. Its methods are the
// rules by which it changes; they take the time and touch nothing else.
type User struct {
	ID string
	// Exists is false for a user nobody has heard of; the first rule applied makes them.
	Exists     bool
	StatusType StatusType

	CustomStatus          string
	CustomStatusExpiresAt *time.Time
	LastOnlineAt          *time.Time

	// Chosen is what the user said; AVAILABLE leaves the say to their devices.
	Chosen     Availability
	Visibility Visibility
	// HasBlocked is true once the user has hidden from somebody in particular:
	// then each viewer's own relation decides which face they see.
	HasBlocked bool

	// Version is of the true status; Issued is the highest version given to any
	// face of the user, so that a viewer who changes face sees it grow.
	Version int
	Issued  int

	// HiddenFromFriends and HiddenFromStrangers are what those see who lost
	// sight of the user by a change of Visibility.
	HiddenFromFriends   *Face
	HiddenFromStrangers *Face

	// Sessions has one entry for each node with a connection of the user, or
	// with one that may still come back within the grace.
	Sessions []Session
}

// Session is a user's presence on one node, however many connections it is made of.
type Session struct {
	Node string
	// Idle is true when all of the connections have reported idle.
	Idle bool
}

// versionEpoch is where versions start from.
var versionEpoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// nextVersion grows by one at least, and follows the clock in seconds where
// it can. So a gap between two versions tells of time and never of how many
// changes a viewer could not see, a user who is removed and made anew goes on
// above their old version, and the number fits GraphQL's 32-bit Int until 2094.
func nextVersion(last int, now time.Time) int {
	return max(last+1, int(now.Sub(versionEpoch)/time.Second))
}

// issue gives out the next version.
func (u *User) issue(now time.Time) int {
	u.Issued = nextVersion(u.Issued, now)
	return u.Issued
}

// register makes a user nobody has heard of.
func (u *User) register(now time.Time) {
	if u.Exists {
		return
	}
	*u = User{ID: u.ID, Exists: true, StatusType: Unlogined, Chosen: Available, Visibility: Everyone, Issued: u.Issued}
	u.Version = u.issue(now)
}

// apply changes the user by rule, and gives the status a new version if the
// rule changed it.
func (u *User) apply(now time.Time, rule func()) {
	u.register(now)
	before := u.Status()
	rule()
	if u.Status().differs(before) {
		u.Version = u.issue(now)
	}
}

// differs is true for what is told: what changes in platforms or LastOnlineAt
// alone is read when asked.
func (s UserStatus) differs(other UserStatus) bool {
	return s.StatusType != other.StatusType || s.CustomStatus != other.CustomStatus ||
		!sameTime(s.CustomStatusExpiresAt, other.CustomStatusExpiresAt) || s.Availability != other.Availability
}

func sameTime(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// Status is the true status, but for the platforms, which the nodes know.
func (u *User) Status() UserStatus {
	return UserStatus{
		UserID:                u.ID,
		StatusType:            u.StatusType,
		CustomStatus:          u.CustomStatus,
		CustomStatusExpiresAt: u.CustomStatusExpiresAt,
		LastOnlineAt:          u.LastOnlineAt,
		Availability:          u.availability(),
		Version:               u.Version,
	}
}

// availability is AWAY when nobody is at any of the user's devices, unless the
// user said otherwise.
func (u *User) availability() Availability {
	if u.Chosen != Available || len(u.Sessions) == 0 {
		return u.Chosen
	}
	if slices.ContainsFunc(u.Sessions, func(s Session) bool { return !s.Idle }) {
		return Available
	}
	return Away
}

// connect opens the user's session on a node, or puts its idleness right.
func (u *User) connect(now time.Time, node string, idle bool) {
	u.apply(now, func() {
		u.StatusType, u.LastOnlineAt = Online, nil
		if i := u.session(node); i >= 0 {
			u.Sessions[i].Idle = idle
			return
		}
		u.Sessions = append(slices.Clip(u.Sessions), Session{Node: node, Idle: idle})
	})
}

// disconnect ends the user's session on a node, whose last connection was seen
// at lastSeen. The user is OFFLINE if it was their last session.
func (u *User) disconnect(now time.Time, node string, lastSeen time.Time) {
	u.leave(now, node, lastSeen, Offline)
}

// logout ends the user's session on a node by their own wish.
func (u *User) logout(now time.Time, node string) {
	u.leave(now, node, now, Unlogined)
}

func (u *User) leave(now time.Time, node string, lastSeen time.Time, as StatusType) {
	u.apply(now, func() {
		if i := u.session(node); i >= 0 {
			u.Sessions = slices.Delete(slices.Clone(u.Sessions), i, i+1)
		}
		u.settle(lastSeen, as)
	})
}

// logoutEverywhere ends all of the user's sessions by their own wish.
func (u *User) logoutEverywhere(now time.Time) {
	u.apply(now, func() {
		u.Sessions = nil
		u.settle(now, Unlogined)
	})
}

// settle makes the user as if they had gone, if their last session has.
func (u *User) settle(lastSeen time.Time, as StatusType) {
	if len(u.Sessions) > 0 {
		return
	}
	if u.StatusType == Online {
		u.LastOnlineAt = moment(lastSeen)
	}
	if u.StatusType == Online || as == Unlogined {
		u.StatusType = as
	}
}

func (u *User) session(node string) int {
	return slices.IndexFunc(u.Sessions, func(s Session) bool { return s.Node == node })
}

// setCustomStatus sets the user's own text. It is told even if it is the same
// as before: whoever set it waits for the event.
func (u *User) setCustomStatus(now time.Time, text string, expiresAt *time.Time) {
	u.register(now)
	u.CustomStatus, u.CustomStatusExpiresAt = text, nil
	if expiresAt != nil {
		u.CustomStatusExpiresAt = moment(*expiresAt)
	}
	u.Version = u.issue(now)
}

// expire clears the texts, also of the hidden faces, whose time has come.
func (u *User) expire(now time.Time) {
	u.apply(now, func() {
		if due(u.CustomStatusExpiresAt, now) {
			u.CustomStatus, u.CustomStatusExpiresAt = "", nil
		}
	})
	for _, face := range []**Face{&u.HiddenFromFriends, &u.HiddenFromStrangers} {
		*face = (*face).expired(now, u.issue)
	}
}

// NextExpiry is when expire next has something to do, or nil.
func (u *User) NextExpiry() *time.Time {
	next := u.CustomStatusExpiresAt
	for _, face := range []*Face{u.HiddenFromFriends, u.HiddenFromStrangers} {
		next = earlier(next, face.expiresAt())
	}
	return next
}

func earlier(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.Before(*a) {
		return b
	}
	return a
}

func due(t *time.Time, now time.Time) bool { return t != nil && !t.After(now) }

// choose sets what the user says of their availability.
func (u *User) choose(now time.Time, availability Availability) {
	u.apply(now, func() { u.Chosen = availability })
}

// remove takes the user away, leaving a last status to tell.
func (u *User) remove(now time.Time) UserStatus {
	last := UserStatus{UserID: u.ID, StatusType: Unlogined, Availability: Available, Version: u.issue(now)}
	*u = User{ID: u.ID, Issued: u.Issued}
	return last
}

// moment is t as it is kept: UTC, to the millisecond.
func moment(t time.Time) *time.Time {
	t = t.UTC().Truncate(time.Millisecond)
	return &t
}
