package presence

import (
	"sync"
	"time"
)

// Face is what a viewer sees who may not see the user: the user as if they had
// gone offline when the viewer lost sight of them, and stayed so. Nothing in it
// tells of what the user did since, or of how they hid.
type Face struct {
	Status UserStatus
	// Earlier comes back when the text expires.
	Earlier string
	// Since is the user's mark of when the face was made, and Changed of when what
	// it shows changed last. They are never shown.
	Since, Changed int
}

// turning is one deed that may change who sees users: whoever hides by it is
// OFFLINE from now on, after their last connection was lost at lastSeen. It moves
// each user's mark once, whomever it concerns: so no version tells of how many.
type turning struct {
	now, lastSeen time.Time
	marks         map[*User]int
}

func newTurning(now, lastSeen time.Time) *turning {
	return &turning{now, lastSeen, map[*User]int{}}
}

func (t *turning) mark(u *User) int {
	if _, moved := t.marks[u]; !moved {
		t.marks[u] = u.issue(t.now)
	}
	return t.marks[u]
}

// freeze makes the face of a user who hides now.
func (u *User) freeze(t *turning) *Face {
	s := u.Status()
	before := s
	if s.StatusType == Online {
		s.StatusType, s.LastOnlineAt = Offline, moment(t.lastSeen)
	}
	s.Availability = u.Chosen
	face := Face{Earlier: u.EarlierStatus, Since: t.mark(u), Changed: u.Version}
	if s.differs(before) {
		s.Version, face.Changed = nextVersion(s.Version, t.now), face.Since
	}
	face.Status = s
	return &face
}

// expired is the face after its text's time has come.
func (f *Face) expired(now time.Time, issue func(time.Time) int) *Face {
	if !due(f.expiresAt(), now) {
		return f
	}
	next := *f
	next.Status.CustomStatus, next.Status.CustomStatusExpiresAt, next.Earlier = f.Earlier, nil, ""
	next.Status.Version, next.Changed = nextVersion(f.Status.Version, now), issue(now)
	return &next
}

func (f *Face) expiresAt() *time.Time {
	if f == nil {
		return nil
	}
	return f.Status.CustomStatusExpiresAt
}

// setVisibility sets who may see the user. Those who lose sight get a face of
// this moment, the same for all; for those who gain it the true status grows
// above their face.
func (u *User) setVisibility(t *turning, to Visibility) {
	u.register(t.now)
	from := u.Visibility
	if from == to {
		return
	}
	u.Visibility, u.Audience = to, t.mark(u)
	frozen := sync.OnceValue(func() *Face { return u.freeze(t) })
	u.turn(t, &u.HiddenFromFriends, from.shows(true), to.shows(true), frozen)
	u.turn(t, &u.HiddenFromStrangers, from.shows(false), to.shows(false), frozen)
}

func (u *User) turn(t *turning, face **Face, seen, sees bool, frozen func() *Face) {
	switch {
	case seen && !sees:
		*face = frozen()
	case !seen && sees:
		*face = nil
		u.Version = t.mark(u)
	}
}

func (v Visibility) shows(friend bool) bool {
	return v == Everyone || v == Friends && friend
}

// open is true when everybody who watches the user sees the true status.
func (u *User) open() bool { return u.Visibility == Everyone && !u.HasBlocked }

// narrowed is the user's Audience, or 0 where that is everybody. A node that
// doesn't know of audiences may have hidden the user: then nobody is known to see
// them.
func (u *User) narrowed() int {
	switch {
	case u.open():
		return 0
	case u.Audience == 0:
		return u.Issued
	}
	return u.Audience
}

// View is one user as one other may see them.
type View struct {
	User   *User
	Viewer string
	// Friend is true when the two are friends.
	Friend bool
	// Blocked is true when the user has blocked the viewer.
	Blocked bool
	// Pinned is the face that this viewer alone got by a change between the two, if any.
	Pinned *Face
}

func (v *View) sees() bool {
	return v.User.ID == v.Viewer || !v.Blocked && v.User.Visibility.shows(v.Friend)
}

// Status is what the viewer may know.
func (v *View) Status() UserStatus {
	if v.sees() {
		return v.User.Status()
	}
	return v.face().Status
}

// hidden is the hidden face that the viewer sees, or nil.
func (v *View) hidden() *Face {
	if v.sees() {
		return nil
	}
	return v.face()
}

// face is the hidden face. A blocked viewer keeps the one of the block; to
// others the newer of their own and their audience's is shown.
func (v *View) face() *Face {
	common := v.User.HiddenFromStrangers
	if v.Friend {
		common = v.User.HiddenFromFriends
	}
	if common == nil || v.Pinned != nil && (v.Blocked || v.Pinned.Since > common.Since) {
		return v.Pinned
	}
	return common
}

// turn applies a change between the two and keeps what the viewer sees
// continuous: losing sight looks like going offline, gaining it never lets a
// version fall, and a viewer who stays blind notices nothing.
//
// The user's mark moves in any case: who may see them, or whom they watch, is
// not what it was.
func (v *View) turn(t *turning, change func()) {
	v.User.Audience = t.mark(v.User)
	saw := v.sees()
	var before *Face
	if !saw {
		before = v.face()
	}
	change()
	switch {
	case saw && !v.sees():
		v.Pinned = v.User.freeze(t)
	case !saw && v.sees():
		v.User.Version = t.mark(v.User)
	case !saw && (v.Blocked || v.face() != before):
		v.Pinned = before.since(t.mark(v.User))
	}
}

// since is the same face, made at another mark.
func (f *Face) since(mark int) *Face {
	next := *f
	next.Since = mark
	return &next
}

func (v *View) block(t *turning) {
	v.turn(t, func() { v.Blocked, v.User.HasBlocked = true, true })
}

func (v *View) unblock(t *turning)  { v.turn(t, func() { v.Blocked = false }) }
func (v *View) befriend(t *turning) { v.turn(t, func() { v.Friend = true }) }
func (v *View) unfriend(t *turning) { v.turn(t, func() { v.Friend = false }) }

// changed is the user's mark of when it changed last what the viewer sees.
func (v *View) changed() int {
	if v.sees() {
		return v.User.Version
	}
	return v.face().Changed
}

// expire clears the text of the viewer's own face when its time has come.
func (v *View) expire(now time.Time) { v.Pinned = v.Pinned.expired(now, v.User.issue) }
