package presence_test

import (
	"maps"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"userstatus/presence"
)

// face is what a test compares of a status: what is told.
type face struct {
	statusType   presence.StatusType
	text         string
	expiresAt    time.Time
	availability presence.Availability
	// earlier comes back when text expires; nobody sees it before.
	earlier string
}

func faceOf(s *presence.UserStatus) face {
	f := face{statusType: s.StatusType, text: s.CustomStatus, availability: s.Availability}
	if s.CustomStatusExpiresAt != nil {
		f.expiresAt = *s.CustomStatusExpiresAt
	}
	return f
}

func (f face) at(now time.Time) face {
	if !f.expiresAt.IsZero() && !now.Before(f.expiresAt) {
		f.text, f.expiresAt, f.earlier = f.earlier, time.Time{}, ""
	}
	return f
}

// says has the user set a text.
func (f *face) says(text string, expiresAt time.Time) {
	switch {
	case expiresAt.IsZero():
		f.earlier = ""
	case f.expiresAt.IsZero():
		f.earlier = f.text
	}
	if f.earlier == text {
		f.earlier = ""
	}
	f.text, f.expiresAt = text, expiresAt
}

type pair struct{ user, viewer string }

// stranger is a viewer who never does anything: what they may see is what
// somebody sees who is new.
const stranger = "stranger"

// modelUser is a user as simply as can be.
type modelUser struct {
	face
	chosen     presence.Availability
	visibility presence.Visibility
	// left is when the last connection went, while the grace runs.
	left     time.Time
	watches  map[string]bool
	friends  map[string]bool
	blocks   map[string]bool
	lastIdle bool
}

func newModelUser() *modelUser {
	return &modelUser{
		face:   face{statusType: presence.Unlogined, availability: presence.Available},
		chosen: presence.Available, visibility: presence.Everyone,
		watches: map[string]bool{}, friends: map[string]bool{}, blocks: map[string]bool{},
	}
}

func (u *modelUser) visibleTo(viewer, self string) bool {
	return viewer == self || !u.blocks[viewer] &&
		(u.visibility == presence.Everyone || u.visibility == presence.Friends && u.friends[viewer])
}

// machine drives a service on a real store and broadcaster, and holds it
// against the model after every step.
type machine struct {
	*fixture
	// rest is how long it takes until everything is known everywhere.
	rest     time.Duration
	users    map[string]*modelUser
	settings presence.Settings
	conns    []*modelConn
	streams  []*modelStream
	// frozen is what a viewer saw last of a user they may see no more.
	frozen map[pair]face
}

type modelConn struct {
	user string
	at   *presence.Service
	*presence.Connection
	idle  bool
	ended bool
}

// modelStream is a client that keeps what it was told.
type modelStream struct {
	viewer   string
	snapshot bool
	presence.Stream
	// words is the last thing told of each user; since is what the client knew
	// when it began to be told of them.
	words map[string]*presence.UserStatus
	since map[string]face
}

const (
	grace = 10 * time.Second
	// maxTest is longer than any run takes by its own clock.
	maxTest = 365 * 24 * time.Hour
)

var everybody = []string{"ann", "ben", "cat", "dan"}

func TestEveryStreamEndsOnWhatItsViewerMaySee(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(noDeadline{t}, func(rt *rapid.T) {
			m := newMachine(newFixture(t, presence.Options{OfflineGrace: grace, HistoryTime: maxTest}), idleTime)
			defer m.close()
			rt.Repeat(m.actions())
		})
	})
}

// The news that pass between the two nodes are lost, all but who has logged out.
func TestEveryStreamOfTwoNodesEndsOnWhatItsViewerMaySee(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(noDeadline{t}, func(rt *rapid.T) {
			f := newPair(t, presence.Options{OfflineGrace: grace, HistoryTime: maxTest})
			nodes := []*presence.Service{f.service, f.second.service}
			m := newMachine(f, grace+round+idleTime)
			defer func() {
				m.service = nodes[0]
				m.close()
			}()
			actions := map[string]func(*rapid.T){}
			for name, act := range m.actions() {
				actions[name] = func(rt *rapid.T) {
					m.service = nodes[rapid.IntRange(0, len(nodes)-1).Draw(rt, "node")]
					act(rt)
				}
			}
			rt.Repeat(actions)
		})
	})
}

// noDeadline hides a method that a bubble's test must not use.
type noDeadline struct{ testing.TB }

func newMachine(f *fixture, rest time.Duration) *machine {
	m := &machine{
		fixture: f, rest: rest,
		users: map[string]*modelUser{}, settings: presence.DefaultSettings, frozen: map[pair]face{},
	}
	for _, id := range everybody {
		m.must(m.service.Admit(m.as(id)))
		m.users[id] = newModelUser()
	}
	return m
}

// watched is of whom a viewer is told.
func (m *machine) watched(viewer string) map[string]bool {
	watched := map[string]bool{viewer: true}
	if m.settings.UserStatusEnabled {
		maps.Copy(watched, m.users[viewer].watches)
		if m.settings.FriendStatusNotificationEnabled {
			maps.Copy(watched, m.users[viewer].friends)
		}
	}
	return watched
}

// settle lets the service come to rest and the model catch up with the clock.
// Idleness may be told a second late.
func (m *machine) settle() {
	time.Sleep(m.rest)
	synctest.Wait()
	now := time.Now()
	for id, u := range m.users {
		u.face = u.at(now)
		if m.connected(id) {
			u.statusType, u.left = presence.Online, time.Time{}
		} else if !u.left.IsZero() && now.Sub(u.left) >= grace {
			u.statusType, u.left = presence.Offline, time.Time{}
		}
		u.availability = m.availability(id)
	}
}

const idleTime = time.Second + time.Millisecond

func (m *machine) availability(id string) presence.Availability {
	u := m.users[id]
	if m.connected(id) {
		u.lastIdle = !slices.ContainsFunc(m.conns, func(c *modelConn) bool { return c.user == id && !c.idle })
	}
	if u.chosen == presence.Available && u.lastIdle && u.statusType == presence.Online {
		return presence.Away
	}
	return u.chosen
}

func (m *machine) check(rt *rapid.T) {
	hidden := m.hide()
	m.settle()
	m.thaw(hidden)
	for _, viewer := range everybody {
		for _, id := range everybody {
			m.checkView(rt, viewer, id)
		}
		m.checkHistory(rt, viewer)
	}
	for _, s := range m.streams {
		m.listen(rt, s)
		m.checkStream(rt, s)
	}
}

// hide freezes what those saw who lost sight of a user by the step.
func (m *machine) hide() map[pair]bool {
	hidden := map[pair]bool{}
	for id, u := range m.users {
		for _, viewer := range append(slices.Clone(everybody), stranger) {
			if p := (pair{id, viewer}); !u.visibleTo(viewer, id) {
				hidden[p] = true
				if _, already := m.frozen[p]; !already {
					m.frozen[p] = m.gone(id)
				}
			}
		}
	}
	return hidden
}

// gone is a user as if they went offline now.
func (m *machine) gone(id string) face {
	u := m.users[id]
	f := u.face
	if f.statusType == presence.Online || m.connected(id) {
		f.statusType = presence.Offline
	}
	f.availability = u.chosen
	return f
}

func (m *machine) thaw(hidden map[pair]bool) {
	maps.DeleteFunc(m.frozen, func(p pair, _ face) bool { return !hidden[p] })
}

// sees is what the model lets a viewer see.
func (m *machine) sees(viewer, id string) face {
	f := m.users[id].face
	if frozen, hidden := m.frozen[pair{id, viewer}]; hidden {
		f = frozen.at(time.Now())
	}
	f.earlier = ""
	return f
}

func (m *machine) hidden(id, viewer string) bool {
	_, hidden := m.frozen[pair{id, viewer}]
	return hidden
}

func (m *machine) checkView(rt *rapid.T, viewer, id string) {
	if !m.settings.UserStatusEnabled && viewer != id {
		return
	}
	got := m.look(viewer, id)
	if faceOf(got) != m.sees(viewer, id) {
		rt.Fatalf("%s asks for %s and gets %+v, not %+v", viewer, id, faceOf(got), m.sees(viewer, id))
	}
	if (got.LastOnlineAt == nil) != (got.StatusType == presence.Online) && got.StatusType == presence.Online {
		rt.Fatalf("%s is ONLINE and lastOnlineAt is %v", id, got.LastOnlineAt)
	}
}

// checkHistory wants an unbroken chain from the registration to what the user is now.
func (m *machine) checkHistory(rt *rapid.T, id string) {
	changes, err := m.store.History(m.ctx, id, 0, math.MaxInt32)
	m.must(err)
	before := presence.StatusChange{StatusType: presence.Unknown}
	for _, c := range slices.Backward(changes) {
		alike := before.OldStatusType != "" && faceOfChange(before) == faceOfChange(c)
		if c.OldStatusType != before.StatusType || c.Version <= before.Version || c.At.Before(before.At) || alike && c.Reason != presence.ReasonCustomStatusSet {
			rt.Fatalf("in %s's history %+v follows %+v", id, c, before)
		}
		before = c
	}
	now := m.users[id].face
	now.earlier = ""
	if faceOfChange(before) != now || changes[len(changes)-1].Reason != presence.ReasonRegistered {
		rt.Fatalf("%s's history ends on %+v, the truth is %+v", id, before, now)
	}
}

func faceOfChange(c presence.StatusChange) face {
	return faceOf(&presence.UserStatus{StatusType: c.StatusType, CustomStatus: c.CustomStatus, CustomStatusExpiresAt: c.CustomStatusExpiresAt, Availability: c.Availability})
}

// listen has the client read, and refuses what it must not be told.
func (m *machine) listen(rt *rapid.T, s *modelStream) {
	watched := m.watched(s.viewer)
	for _, update := range s.Take(nil) {
		told := update.Status
		if _, before := s.since[told.UserID]; !watched[told.UserID] && !before && !update.Final {
			rt.Fatalf("%s is told of %s, whom they don't follow", s.viewer, told.UserID)
		}
		if word := s.words[told.UserID]; word != nil && told.Version <= word.Version && !s.snapshot {
			rt.Fatalf("%s is told version %d of %s after %d", s.viewer, told.Version, told.UserID, word.Version)
		}
		if word := s.words[told.UserID]; word != nil && told.Version < word.Version {
			rt.Fatalf("the version of %s falls for %s from %d to %d", told.UserID, s.viewer, word.Version, told.Version)
		}
		if word := s.words[told.UserID]; word != nil && told.Version > word.Version && !update.Final && m.hidden(told.UserID, s.viewer) && faceOf(word) == faceOf(&told) {
			rt.Fatalf("%s hears that %s, who hides from them, did something: version %d is %d", s.viewer, told.UserID, word.Version, told.Version)
		}
		s.words[told.UserID] = &told
	}
}

// checkStream compares a client's last word on everybody it watches.
func (m *machine) checkStream(rt *rapid.T, s *modelStream) {
	watched := m.watched(s.viewer)
	maps.DeleteFunc(s.since, func(id string, _ face) bool { return !watched[id] })
	for id := range watched {
		now := m.sees(s.viewer, id)
		known, before := s.since[id]
		word := s.words[id]
		switch {
		case word != nil:
			known = faceOf(word)
		case s.snapshot:
			rt.Fatalf("%s began with a snapshot and knows nothing of %s", s.viewer, id)
		case !before:
			known = now
		}
		if !before {
			s.since[id] = now
			if !s.snapshot {
				continue // what changed before it was watched, the client asked for
			}
		}
		if known != now {
			rt.Fatalf("%s's last word on %s is %+v, the truth %+v", s.viewer, id, known, now)
		}
	}
}
