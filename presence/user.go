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
	// EarlierStatus comes back when CustomStatus expires.
	EarlierStatus string
	LastOnlineAt  *time.Time

	// Chosen is what the user said; AVAILABLE leaves the say to their devices.
	Chosen     Availability
	Visibility Visibility
	// HasBlocked is true once the user has hidden from somebody in particular:
	// then each viewer's own relation decides which face they see.
	HasBlocked bool
	// Audience is the user's mark of when it changed last who sees their true status.
	Audience int

	// Version is of the true status; Issued is the highest version given to any
	// face of the user, so that a viewer who changes face sees it grow. Issued
	// also grows with whatever else the nodes must hear of: it is the user's mark.
	Version int
	Issued  int
	// LogoutVersion is what was issued when the user last logged out of all
	// devices, or was removed: a session from before that has ended, whatever its
	// node has heard.
	LogoutVersion int

	// HiddenFromFriends and HiddenFromStrangers are what those see who lost
	// sight of the user by a change of Visibility.
	HiddenFromFriends   *Face
	HiddenFromStrangers *Face

	// StatusSince is when StatusType changed last; nil where that isn't known.
	StatusSince *time.Time

	// Changed is the version of the user's last change, which need not be that of
	// the status: who becomes visible again has a new one without any.
	Changed int
	// Changes is what has changed since the user was loaded. A store keeps it with
	// the user, where it keeps a history or an outbox, and never loads it.
	Changes []StatusChange

	// Sessions has one entry for each node with a connection of the user, or
	// with one that may still come back within the grace.
	Sessions []Session
}

// Session is a user's presence on one node, however many connections it is made of.
type Session struct {
	Node string
	// Idle is true when all of the connections have reported idle.
	Idle bool
	// Platforms is those of the connections, sorted, each once.
	Platforms []string
}

// versionEpoch is where versions start from.
var versionEpoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// nextVersion grows by one at least, and follows the clock in seconds where
// it can. So a gap between two versions tells of time and never of how many
// changes a viewer could not see, a user who is removed and made anew goes on
// above their old version, and the number fits GraphQL's 32-bit Int until 2094.
func nextVersion(last int, now time.Time) int {
	return max(last+1, sinceEpoch(now))
}

func sinceEpoch(t time.Time) (seconds int) { return int(t.Sub(versionEpoch) / time.Second) }

// issue gives out the next version.
func (u *User) issue(now time.Time) int {
	u.Issued = nextVersion(u.Issued, now)
	return u.Issued
}

// Touch moves the user's mark, for a change that is in none of their statuses.
func (u *User) Touch(now time.Time) { u.issue(now) }

// register makes a user nobody has heard of.
func (u *User) register(now time.Time) {
	if u.Exists {
		return
	}
	*u = User{ID: u.ID, Exists: true, StatusType: Unlogined, Chosen: Available, Visibility: Everyone, Issued: u.Issued, LogoutVersion: u.Issued, Changes: u.Changes}
	u.Version = u.issue(now)
	u.note(now, ReasonRegistered, Unknown)
}

// apply changes the user by rule, and gives the status a new version if the
// rule changed it.
func (u *User) apply(now time.Time, reason ChangeReason, rule func()) {
	u.register(now)
	before := u.Status()
	rule()
	if after := u.Status(); after.differs(before) {
		u.Version = u.issue(now)
		u.note(now, reason.of(before, after), before.StatusType)
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

// connect opens the user's session on a node, or puts right what is known of it.
func (u *User) connect(now time.Time, s Session) {
	u.move(now, s.Node, s)
}

// move has a session go on under another node's ID, also where it was cleared
// meanwhile because the first node was taken for dead.
func (u *User) move(now time.Time, from string, s Session) {
	u.apply(now, ReasonLogin, func() {
		u.StatusType, u.LastOnlineAt = Online, nil
		u.Sessions = append(u.without(from, s.Node), s)
	})
}

// outlived is true for a session that began when LogoutVersion was since, and
// that has ended by a logout from all devices or the user's removal.
func (u *User) outlived(since int) bool { return !u.Exists || u.LogoutVersion > since }

// disconnect ends the user's session on a node, whose last connection was seen
// at lastSeen. The user is OFFLINE if it was their last session.
func (u *User) disconnect(now time.Time, reason ChangeReason, node string, lastSeen time.Time) {
	u.leave(now, reason, []string{node}, lastSeen, Offline)
}

// logout ends the user's sessions on nodes by their own wish.
func (u *User) logout(now time.Time, nodes ...string) {
	u.leave(now, ReasonLogout, nodes, now, Unlogined)
}

func (u *User) leave(now time.Time, reason ChangeReason, nodes []string, lastSeen time.Time, as StatusType) {
	u.apply(now, reason, func() {
		u.Sessions = u.without(nodes...)
		u.settle(lastSeen, as)
	})
}

// logoutEverywhere ends all of the user's sessions by their own or an admin's
// wish, also those that a node still believes in.
func (u *User) logoutEverywhere(now time.Time, reason ChangeReason) {
	u.apply(now, reason, func() {
		u.Sessions = nil
		u.settle(now, Unlogined)
	})
	u.LogoutVersion = u.issue(now)
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

// without is the sessions but those on nodes, in a slice of its own.
func (u *User) without(nodes ...string) (rest []Session) {
	for _, s := range u.Sessions {
		if !slices.Contains(nodes, s.Node) {
			rest = append(rest, s)
		}
	}
	return rest
}

// setCustomStatus sets the user's own text. It is told even if it is the same
// as before: whoever set it waits for the event. One that expires gives way to
// the last one that doesn't.
func (u *User) setCustomStatus(now time.Time, text string, expiresAt *time.Time) {
	u.register(now)
	u.EarlierStatus = u.lasting(text, expiresAt)
	u.CustomStatus, u.CustomStatusExpiresAt = text, nil
	if expiresAt != nil {
		u.CustomStatusExpiresAt = moment(*expiresAt)
	}
	u.Version = u.issue(now)
	u.note(now, ReasonCustomStatusSet, u.StatusType)
}

// lasting is what comes back after a new text, if that expires: not the same
// one, which is to end.
func (u *User) lasting(text string, expiresAt *time.Time) string {
	earlier := u.EarlierStatus
	if u.CustomStatusExpiresAt == nil {
		earlier = u.CustomStatus
	}
	if expiresAt == nil || earlier == text {
		return ""
	}
	return earlier
}

// expire ends the texts, also of the hidden faces, whose time has come.
func (u *User) expire(now time.Time) {
	u.apply(now, ReasonExpired, func() {
		if due(u.CustomStatusExpiresAt, now) {
			u.CustomStatus, u.CustomStatusExpiresAt, u.EarlierStatus = u.EarlierStatus, nil, ""
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
	u.apply(now, ReasonAvailabilitySet, func() { u.Chosen = availability })
}

// remove takes the user away, leaving a last status to tell.
func (u *User) remove(now time.Time) UserStatus {
	last := lastStatus(u.ID, u.issue(now))
	changes := append(u.Changes, changeTo(last, now, ReasonRemoved, u.StatusType))
	*u = User{ID: u.ID, Issued: u.Issued, Changes: changes}
	return last
}

// lastStatus is what is told last of a user who was removed.
func lastStatus(userID string, version int) UserStatus {
	return UserStatus{UserID: userID, StatusType: Unlogined, Availability: Available, Version: version}
}

// moment is t as it is kept: UTC, to the millisecond.
func moment(t time.Time) *time.Time {
	t = t.UTC().Truncate(time.Millisecond)
	return &t
}
