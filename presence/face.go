package presence

import "time"

// Face is what a viewer sees who may not see the user: the user as if they had
// gone offline when the viewer lost sight of them, and stayed so.
type Face struct {
	Status UserStatus
	// Since orders faces by when they were made; it is never shown.
	Since int
}

// freeze makes the face of a user who hides now.
func (u *User) freeze(now time.Time) *Face {
	s := u.Status()
	before := s
	if s.StatusType == Online {
		s.StatusType, s.LastOnlineAt = Offline, moment(now)
	}
	s.Availability = u.Chosen
	since := u.issue(now)
	if s.differs(before) {
		s.Version = since
	}
	return &Face{Status: s, Since: since}
}

// expired is the face after its text's time has come.
func (f *Face) expired(now time.Time, issue func(time.Time) int) *Face {
	if !due(f.expiresAt(), now) {
		return f
	}
	next := *f
	next.Status.CustomStatus, next.Status.CustomStatusExpiresAt = "", nil
	next.Status.Version = issue(now)
	return &next
}

func (f *Face) expiresAt() *time.Time {
	if f == nil {
		return nil
	}
	return f.Status.CustomStatusExpiresAt
}

// setVisibility sets who may see the user. Those who lose sight get a face of
// this moment; for those who gain it the true status grows above their face.
func (u *User) setVisibility(now time.Time, to Visibility) {
	u.register(now)
	from := u.Visibility
	u.Visibility = to
	u.turn(now, &u.HiddenFromFriends, from.shows(true), to.shows(true))
	u.turn(now, &u.HiddenFromStrangers, from.shows(false), to.shows(false))
}

func (u *User) turn(now time.Time, face **Face, seen, sees bool) {
	switch {
	case seen && !sees:
		*face = u.freeze(now)
	case !seen && sees:
		*face = nil
		u.Version = u.issue(now)
	}
}

func (v Visibility) shows(friend bool) bool {
	return v == Everyone || v == Friends && friend
}

// Open is true when everybody who watches the user sees the true status.
func (u *User) Open() bool { return u.Visibility == Everyone && !u.HasBlocked }

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
func (v *View) turn(now time.Time, change func()) {
	v.User.Touch(now)
	saw := v.sees()
	var before *Face
	if !saw {
		before = v.face()
	}
	change()
	switch {
	case saw && !v.sees():
		v.Pinned = v.User.freeze(now)
	case !saw && v.sees():
		v.User.Version = v.User.issue(now)
	case !saw && (v.Blocked || v.face() != before):
		v.Pinned = &Face{Status: before.Status, Since: v.User.issue(now)}
	}
}

func (v *View) block(now time.Time) {
	v.turn(now, func() { v.Blocked, v.User.HasBlocked = true, true })
}

func (v *View) unblock(now time.Time)  { v.turn(now, func() { v.Blocked = false }) }
func (v *View) befriend(now time.Time) { v.turn(now, func() { v.Friend = true }) }
func (v *View) unfriend(now time.Time) { v.turn(now, func() { v.Friend = false }) }

// expire clears the text of the viewer's own face when its time has come.
func (v *View) expire(now time.Time) { v.Pinned = v.Pinned.expired(now, v.User.issue) }
