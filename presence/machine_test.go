package presence_test

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"userstatus/presence"
)

// actions is what random users do. Each is done to the service and noted in
// the model; "" is the check after every step.
func (m *machine) actions() map[string]func(*rapid.T) {
	user := rapid.SampledFrom(everybody)
	return map[string]func(*rapid.T){
		"": m.check,
		"connect": func(rt *rapid.T) {
			id := user.Draw(rt, "user")
			c := &modelConn{user: id, at: m.service}
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
			id, text := user.Draw(rt, "user"), rapid.SampledFrom([]string{"", "here", "for a while"}).Draw(rt, "text")
			status, err := m.service.SetSelfStatus(m.as(id), text, nil)
			m.must(err)
			m.users[id].says(status.CustomStatus, time.Time{})
		},
		"set for a while": func(rt *rapid.T) {
			id, until := user.Draw(rt, "user"), time.Now().Add(3*time.Second).UTC().Truncate(time.Millisecond)
			_, err := m.service.SetSelfStatus(m.as(id), "for a while", &until)
			m.must(err)
			m.users[id].says("for a while", until)
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
				_, err := c.at.Logout(presence.WithConnection(m.as(c.user), c.Connection), false)
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
				_, err := c.at.ReportIdle(presence.WithConnection(m.as(c.user), c.Connection), c.idle)
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
	return m.conns[rapid.IntRange(0, len(m.conns)-1).Draw(rt, "connection")]
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
