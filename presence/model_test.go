package presence_test

import (
	"maps"
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
		f.text, f.expiresAt = "", time.Time{}
	}
	return f
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
	users    map[string]*modelUser
	settings presence.Settings
	conns    []*modelConn
	streams  []*modelStream
	// frozen is what a viewer saw last of a user they may see no more.
	frozen map[pair]face
}

type modelConn struct {
	user string
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

const grace = 10 * time.Second

var everybody = []string{"ann", "ben", "cat", "dan"}

func TestEveryStreamEndsOnWhatItsViewerMaySee(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(noDeadline{t}, func(rt *rapid.T) {
			m := newMachine(t)
			defer m.close()
			rt.Repeat(m.actions())
		})
	})
}

// noDeadline hides a method that a bubble's test must not use.
type noDeadline struct{ testing.TB }

func newMachine(t *testing.T) *machine {
	m := &machine{
		fixture: newFixture(t, presence.Options{OfflineGrace: grace}),
		users:   map[string]*modelUser{}, settings: presence.DefaultSettings, frozen: map[pair]face{},
	}
	for _, id := range everybody {
		m.must(m.service.Admit(m.as(id)))
		m.users[id] = newModelUser()
	}
	return m
}

func (m *machine) actions() map[string]func(*rapid.T) {
	user := rapid.SampledFrom(everybody)
	return map[string]func(*rapid.T){
		"": m.check,
		"connect": func(rt *rapid.T) {
			id := user.Draw(rt, "user")
			c := &modelConn{user: id}
			connection, err := m.service.Connect(m.as(id), "web", func(string) { c.ended = true })
			m.must(err)
			c.Connection = connection
			m.conns = append(m.conns, c)
		},
		"drop": func(rt *rapid.T) {
			if c := m.drawConn(rt); c != nil {
				c.Close()
				m.forget(c)
			}
		},
		"wait": func(rt *rapid.T) {
			time.Sleep(rapid.SampledFrom([]time.Duration{time.Second, grace / 2, grace + time.Second}).Draw(rt, "time"))
		},
		"set": func(rt *rapid.T) {
			id, text := user.Draw(rt, "user"), rapid.SampledFrom([]string{"", "here", "lunch"}).Draw(rt, "text")
			status, err := m.service.SetSelfStatus(m.as(id), text, nil)
			m.must(err)
			m.users[id].text, m.users[id].expiresAt = status.CustomStatus, time.Time{}
		},
		"set for a while": func(rt *rapid.T) {
			id, until := user.Draw(rt, "user"), time.Now().Add(3*time.Second).UTC().Truncate(time.Millisecond)
			_, err := m.service.SetSelfStatus(m.as(id), "for a while", &until)
			m.must(err)
			m.users[id].text, m.users[id].expiresAt = "for a while", until
		},
		"follow": func(rt *rapid.T) {
			id, other := user.Draw(rt, "user"), user.Draw(rt, "other")
			if !m.settings.UserStatusEnabled || id == other {
				return
			}
			_, err := m.service.SubscribeUserStatus(m.as(id), []string{other})
			m.must(err)
			m.users[id].watches[other] = true
		},
		"unfollow": func(rt *rapid.T) {
			id, other := user.Draw(rt, "user"), user.Draw(rt, "other")
			_, err := m.service.UnsubscribeUserStatus(m.as(id), []string{other})
			m.must(err)
			delete(m.users[id].watches, other)
		},
		"open a stream":               func(rt *rapid.T) { m.openStream(user.Draw(rt, "user"), false) },
		"open a stream with snapshot": func(rt *rapid.T) { m.openStream(user.Draw(rt, "user"), true) },
		"close a stream": func(rt *rapid.T) {
			if len(m.streams) > 0 {
				i := rapid.IntRange(0, len(m.streams)-1).Draw(rt, "stream")
				m.streams[i].Close()
				m.streams = slices.Delete(m.streams, i, i+1)
			}
		},
		"log out a device": func(rt *rapid.T) {
			if c := m.drawConn(rt); c != nil {
				_, err := m.service.Logout(presence.WithConnection(m.as(c.user), c.Connection), false)
				m.must(err)
				m.forget(c)
				m.users[c.user].left = time.Time{}
				m.loggedOut(c.user)
			}
		},
		"log out": func(rt *rapid.T) {
			id := user.Draw(rt, "user")
			_, err := m.service.Logout(m.as(id), true)
			m.must(err)
			m.conns = slices.DeleteFunc(m.conns, func(c *modelConn) bool { return c.user == id })
			m.users[id].left = time.Time{}
			m.loggedOut(id)
		},
		"report idle": func(rt *rapid.T) {
			if c := m.drawConn(rt); c != nil {
				c.idle = rapid.Bool().Draw(rt, "idle")
				_, err := m.service.ReportIdle(presence.WithConnection(m.as(c.user), c.Connection), c.idle)
				m.must(err)
			}
		},
		"say availability": func(rt *rapid.T) {
			id := user.Draw(rt, "user")
			m.users[id].chosen = rapid.SampledFrom([]presence.Availability{presence.Available, presence.Away, presence.Busy}).Draw(rt, "availability")
			_, err := m.service.SetSelfAvailability(m.as(id), m.users[id].chosen)
			m.must(err)
		},
		"show oneself": func(rt *rapid.T) {
			id := user.Draw(rt, "user")
			m.users[id].visibility = rapid.SampledFrom([]presence.Visibility{presence.Everyone, presence.Friends, presence.Nobody}).Draw(rt, "visibility")
			_, err := m.service.SetSelfVisibility(m.as(id), m.users[id].visibility)
			m.must(err)
		},
		"block": func(rt *rapid.T) {
			if id, other := user.Draw(rt, "user"), user.Draw(rt, "other"); id != other {
				_, err := m.service.BlockUsers(m.as(id), []string{other})
				m.must(err)
				m.users[id].blocks[other] = true
			}
		},
		"unblock": func(rt *rapid.T) {
			id, other := user.Draw(rt, "user"), user.Draw(rt, "other")
			_, err := m.service.UnblockUsers(m.as(id), []string{other})
			m.must(err)
			delete(m.users[id].blocks, other)
		},
		"befriend": func(rt *rapid.T) {
			if id, other := user.Draw(rt, "user"), user.Draw(rt, "other"); id != other {
				_, err := m.service.AddFriends(m.ctx, id, []string{other})
				m.must(err)
				m.users[id].friends[other], m.users[other].friends[id] = true, true
			}
		},
		"unfriend": func(rt *rapid.T) {
			if id, other := user.Draw(rt, "user"), user.Draw(rt, "other"); id != other {
				_, err := m.service.RemoveFriends(m.ctx, id, []string{other})
				m.must(err)
				delete(m.users[id].friends, other)
				delete(m.users[other].friends, id)
			}
		},
		"flip a switch": func(rt *rapid.T) {
			on, friends := rapid.Bool().Draw(rt, "userStatusEnabled"), rapid.Bool().Draw(rt, "friendStatusNotificationEnabled")
			_, err := m.service.UpdateSettings(m.ctx, &on, &friends)
			m.must(err)
			m.settings = presence.Settings{UserStatusEnabled: on, FriendStatusNotificationEnabled: friends}
		},
		"remove": func(rt *rapid.T) { m.remove(rt, user.Draw(rt, "user")) },
	}
}

func (m *machine) drawConn(rt *rapid.T) *modelConn {
	if len(m.conns) == 0 {
		return nil
	}
	return rapid.SampledFrom(m.conns).Draw(rt, "connection")
}

// forget takes a connection away and begins the grace if it was the last.
func (m *machine) forget(c *modelConn) {
	m.conns = slices.DeleteFunc(m.conns, func(other *modelConn) bool { return other == c })
	if !m.connected(c.user) {
		m.users[c.user].left = time.Now()
	}
}

func (m *machine) connected(id string) bool {
	return slices.ContainsFunc(m.conns, func(c *modelConn) bool { return c.user == id })
}

func (m *machine) loggedOut(id string) {
	if !m.connected(id) {
		m.users[id].statusType = presence.Unlogined
	}
}

func (m *machine) openStream(viewer string, snapshot bool) {
	s := &modelStream{viewer: viewer, snapshot: snapshot, words: map[string]*presence.UserStatus{}, since: map[string]face{}}
	stream, err := m.service.Open(m.as(viewer), snapshot, func() {})
	m.must(err)
	s.Stream = stream
	m.streams = append(m.streams, s)
}

// remove takes a user away and has them come back at once with their token.
func (m *machine) remove(rt *rapid.T, id string) {
	_, err := m.service.RemoveUsers(m.ctx, []string{id})
	m.must(err)
	m.settle()
	for _, s := range m.streams {
		m.listen(rt, s)
		if word := s.words[id]; s.viewer != id && m.watched(s.viewer)[id] && (word == nil || faceOf(word) != newModelUser().face) {
			rt.Fatalf("%s, who watches %s, was told %+v at their removal", s.viewer, id, word)
		}
		delete(s.since, id)
		delete(s.words, id)
	}
	m.conns = slices.DeleteFunc(m.conns, func(c *modelConn) bool { return c.user == id })
	m.streams = slices.DeleteFunc(m.streams, func(s *modelStream) bool { return m.closeIf(s, id) })
	for _, u := range m.users {
		delete(u.watches, id)
		delete(u.friends, id)
		delete(u.blocks, id)
	}
	m.must(m.service.Admit(m.as(id)))
	m.users[id] = newModelUser()
	for _, other := range everybody {
		delete(m.frozen, pair{id, other})
		m.frozen[pair{other, id}] = m.frozen[pair{other, stranger}]
	}
}

func (m *machine) closeIf(s *modelStream, viewer string) bool {
	if s.viewer == viewer {
		s.Close()
	}
	return s.viewer == viewer
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
	time.Sleep(idleTime)
	synctest.Wait()
	now := time.Now()
	for id, u := range m.users {
		u.face = u.face.at(now)
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
	if f, hidden := m.frozen[pair{id, viewer}]; hidden {
		return f.at(time.Now())
	}
	return m.users[id].face
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
