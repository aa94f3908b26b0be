package broadcast

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"userstatus/presence"
)

// TestModel does random things one after another, and compares each payload
// with that of a model too simple to be wrong. After each step it checks that
// all links of the index lead back.
func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := NewChannel()
		defer c.Close()
		m := &model{TB: t, c: c, viewers: map[string]*modelViewer{},
			published: map[string]int{}, highest: map[string]int{}, marks: map[string]int{}, audiences: map[string]int{}}
		c.Listen(func(n presence.Notice) { m.unsure = append(m.unsure, n) })
		steps := []func(*rapid.T){m.open, m.start, m.start, m.close, m.watch, m.watch, m.watch,
			m.publish, m.publish, m.publish, m.publish, m.narrow, m.narrow, m.narrow, m.announce,
			m.final, m.tell, m.tell, m.checked, m.take, m.take, m.take, m.take}
		for range 100 {
			rapid.SampledFrom(steps).Draw(rt, "step")(rt)
			m.check(rt)
		}
		for len(m.streams) > 0 {
			m.end(m.streams[0])
		}
		m.check(rt)
	})
}

type model struct {
	testing.TB
	c       *Channel
	streams []*modelStream
	viewers map[string]*modelViewer
	// published is the highest version published while somebody watched.
	published map[string]int
	// highest is the highest version drawn.
	highest map[string]int
	// marks is up to where all who watch know all.
	marks map[string]int
	// audiences is since when it is known who sees a user.
	audiences map[string]int
	// unsure is what the listener heard.
	unsure []presence.Notice
}

type modelViewer struct {
	watched map[string]bool
	told    map[string]int
	// quiet is of whom the viewer's streams without snapshot were not told that version.
	quiet map[string]bool
	// sights is whom the viewer is known to see, or not to see.
	sights map[string]bool
}

type modelStream struct {
	*reader
	viewer   string
	snapshot bool
	started  bool
	pending  []heard
	last     map[string]int
}

var (
	drawViewer = rapid.SampledFrom([]string{"v0", "v1"})
	drawUser   = rapid.SampledFrom([]string{"u0", "u1", "u2"})
	drawUsers  = rapid.SliceOfN(drawUser, 0, 4)
)

func (m *model) open(rt *rapid.T) {
	if len(m.streams) >= 5 {
		return
	}
	s := &modelStream{viewer: drawViewer.Draw(rt, "viewer"), snapshot: rapid.Bool().Draw(rt, "snapshot"), last: map[string]int{}}
	s.reader = open(m, m.c, s.viewer, s.snapshot)
	m.streams = append(m.streams, s)
	if m.viewers[s.viewer] == nil {
		m.viewers[s.viewer] = &modelViewer{watched: map[string]bool{}, told: map[string]int{}, quiet: map[string]bool{}, sights: map[string]bool{}}
	}
}

// version draws one near the highest, older or newer.
func (m *model) version(rt *rapid.T, userID string) int {
	version := max(1, m.highest[userID]+rapid.IntRange(-3, 2).Draw(rt, "version"))
	m.highest[userID] = max(m.highest[userID], version)
	return version
}

func (m *model) start(rt *rapid.T) {
	i := slices.IndexFunc(m.streams, func(s *modelStream) bool { return !s.started })
	if i < 0 {
		return
	}
	s := m.streams[i]
	snapshot, first := []*presence.Update(nil), []heard(nil)
	if s.snapshot {
		snapshot = m.updates(rt)
	}
	for i, h := range heardOf(snapshot) {
		if m.viewers[s.viewer].watched[h.userID] {
			m.learn(s.viewer, snapshot[i])
			m.only(h)
		}
		if !m.note(s.viewer, h) {
			m.offer(s.viewer, h)
		}
		if m.viewers[s.viewer].watched[h.userID] {
			s.put(h)
		}
	}
	for _, h := range append(heardOf(snapshot), s.pending...) {
		p := slices.IndexFunc(s.pending, h.sameUser)
		if p >= 0 && !slices.ContainsFunc(first, h.sameUser) {
			first = append(first, s.pending[p])
		}
	}
	s.started, s.pending = true, first
	s.Start(snapshot)
}

func (m *model) updates(rt *rapid.T) []*presence.Update {
	var updates []*presence.Update
	for _, userID := range drawUsers.Draw(rt, "users") {
		u := at(userID, m.version(rt, userID))
		u.Audience, u.Hidden = m.audience(rt, userID), rapid.Bool().Draw(rt, "hidden")
		updates = append(updates, u)
	}
	return updates
}

func (h heard) sameUser(other heard) bool { return h.userID == other.userID }

func (s *modelStream) put(h heard) {
	if i := slices.IndexFunc(s.pending, h.sameUser); i >= 0 {
		s.pending[i].version = max(s.pending[i].version, h.version)
		return
	}
	s.pending = append(s.pending, h)
}

// note is for what a viewer begins to watch at.
func (m *model) note(viewer string, h heard) bool {
	v := m.viewers[viewer]
	if v == nil || !v.watched[h.userID] || v.told[h.userID] != 0 {
		return false
	}
	v.told[h.userID], v.quiet[h.userID] = h.version, true
	return true
}

// offer tells a viewer what is news to them.
func (m *model) offer(viewer string, h heard) (fresh bool) {
	v := m.viewers[viewer]
	if v == nil || !v.watched[h.userID] || h.version < v.told[h.userID] {
		return false
	}
	if h.version == v.told[h.userID] {
		if v.quiet[h.userID] {
			m.put(viewer, h, func(s *modelStream) bool { return !s.snapshot })
		}
		v.quiet[h.userID] = false
		return false
	}
	v.told[h.userID], v.quiet[h.userID] = h.version, false
	m.put(viewer, h, func(*modelStream) bool { return true })
	return true
}

func (m *model) put(viewer string, h heard, to func(*modelStream) bool) {
	for _, s := range m.streams {
		if s.viewer == viewer && to(s) {
			s.put(h)
		}
	}
}

func (m *model) publish(rt *rapid.T) {
	u := drawUser.Draw(rt, "user")
	h := heard{u, m.version(rt, u)}
	update := at(h.userID, h.version)
	update.After = max(0, h.version-rapid.IntRange(1, 3).Draw(rt, "after"))
	m.c.Publish(update)
	m.follow(h, update.After)
	m.spread(h)
}

// follow raises the mark where nothing is missing before h.
func (m *model) follow(h heard, after int) {
	if len(m.watchers(h.userID)) > 0 && m.marks[h.userID] >= after {
		m.marks[h.userID] = max(m.marks[h.userID], h.version)
	}
}

func (m *model) spread(h heard) {
	if h.version <= m.published[h.userID] {
		return
	}
	for viewer, v := range m.viewers {
		if v.watched[h.userID] {
			m.published[h.userID] = h.version
			m.offer(viewer, h)
		}
	}
}

// audience draws one near the one that is known.
func (m *model) audience(rt *rapid.T, userID string) int {
	return max(0, m.audiences[userID]+rapid.IntRange(-1, 1).Draw(rt, "audience"))
}

// learn notes what was read for a viewer.
func (m *model) learn(viewer string, read *presence.Update) {
	m.reset(read.Status.UserID, read.Audience)
	if read.Audience == m.audiences[read.Status.UserID] {
		m.viewers[viewer].sights[read.Status.UserID] = !read.Hidden
	}
}

func (m *model) reset(userID string, audience int) {
	if audience <= m.audiences[userID] {
		return
	}
	m.audiences[userID] = audience
	for _, v := range m.viewers {
		delete(v.sights, userID)
	}
}

// narrow publishes what isn't for everybody.
func (m *model) narrow(rt *rapid.T) {
	u := drawUser.Draw(rt, "user")
	h := heard{u, m.version(rt, u)}
	update := at(u, h.version)
	update.Audience = 1 + m.audience(rt, u)
	update.After = max(0, h.version-rapid.IntRange(1, 3).Draw(rt, "after"))
	m.unsure = nil
	m.c.Publish(update)
	var unsure []string
	if len(m.watchers(u)) > 0 {
		m.reset(u, update.Audience)
		unsure = m.offerTo(h)
	}
	if len(unsure) == 0 {
		m.follow(h, update.After)
		m.noteNewest(h)
	}
	m.wantUnsure(rt, u, unsure)
}

// offerTo offers h to those who are known to see its user, and returns those of
// whom that isn't known.
func (m *model) offerTo(h heard) (unsure []string) {
	if h.version <= m.published[h.userID] {
		return nil
	}
	for _, viewer := range m.watchers(h.userID) {
		seen, known := m.viewers[viewer].sights[h.userID]
		if !known {
			unsure = append(unsure, viewer)
		}
		if seen {
			m.offer(viewer, h)
		}
	}
	return unsure
}

func (m *model) noteNewest(h heard) {
	if len(m.watchers(h.userID)) > 0 {
		m.published[h.userID] = max(m.published[h.userID], h.version)
	}
}

func (m *model) wantUnsure(rt *rapid.T, userID string, viewers []string) {
	var got []string
	for _, n := range m.unsure {
		if n.Kind != presence.FaceChanged || n.UserID != userID {
			rt.Fatalf("heard %+v", n)
		}
		got = append(got, n.Others...)
	}
	slices.Sort(got)
	if !slices.Equal(got, viewers) {
		rt.Fatalf("%q are to be looked at, not %q", got, viewers)
	}
}

// announce says that it has changed for some alone who sees a user.
func (m *model) announce(rt *rapid.T) {
	u, others := drawUser.Draw(rt, "user"), rapid.SliceOfN(drawViewer, 1, 2).Draw(rt, "others")
	before := m.audience(rt, u)
	after := before + rapid.IntRange(0, 2).Draw(rt, "changed")
	m.c.Announce(presence.Notice{Kind: presence.FaceChanged, UserID: u, Others: others, AudienceBefore: before, Audience: after})
	if len(m.watchers(u)) == 0 || before == after || m.audiences[u] < before || m.audiences[u] >= after {
		return
	}
	m.audiences[u] = after
	for _, viewer := range others {
		if v := m.viewers[viewer]; v != nil {
			delete(v.sights, u)
		}
	}
}

func (m *model) final(rt *rapid.T) {
	u := drawUser.Draw(rt, "user")
	m.highest[u]++
	h := heard{u, m.highest[u]}
	m.c.Publish(final(h.userID, h.version))
	m.spread(h)
	for _, v := range m.viewers {
		delete(v.watched, u)
		delete(v.sights, u)
	}
}

func (m *model) tell(rt *rapid.T) {
	viewer := drawViewer.Draw(rt, "viewer")
	how := rapid.SampledFrom([]presence.Telling{presence.TellNews, presence.TellAgain, presence.TellMissed}).Draw(rt, "how")
	updates := m.updates(rt)
	for i, h := range heardOf(updates) {
		if v := m.viewers[viewer]; v != nil && v.watched[h.userID] {
			m.learn(viewer, updates[i])
		}
		m.tellOne(viewer, h, how)
	}
	m.c.Tell(viewer, updates, how)
}

func (m *model) tellOne(viewer string, h heard, how presence.Telling) {
	v := m.viewers[viewer]
	if v == nil || !v.watched[h.userID] {
		return
	}
	m.only(h)
	if how != presence.TellNews && m.note(viewer, h) {
		if how == presence.TellAgain {
			m.put(viewer, h, func(s *modelStream) bool { return s.snapshot })
		}
		return
	}
	known := v.told[h.userID] == h.version
	if how == presence.TellMissed && known {
		return
	}
	if !m.offer(viewer, h) && how == presence.TellAgain && known {
		m.put(viewer, h, func(s *modelStream) bool { return s.snapshot })
	}
}

// only raises the mark where one viewer alone watches.
func (m *model) only(h heard) {
	if len(m.watchers(h.userID)) == 1 {
		m.follow(h, 0)
	}
}

func (m *model) checked(rt *rapid.T) {
	h := heard{drawUser.Draw(rt, "user"), 0}
	h.version = m.version(rt, h.userID)
	m.c.Checked(h.userID, h.version)
	m.follow(h, 0)
}

func (m *model) watch(rt *rapid.T) {
	viewer, list := drawViewer.Draw(rt, "viewer"), drawUsers.Draw(rt, "users")
	m.c.Watch(viewer, list)
	v := m.viewers[viewer]
	if v == nil {
		return
	}
	before := v.watched
	v.watched = setOf(list)
	for _, of := range []map[string]bool{v.sights, v.quiet} { // who is watched again is read anew
		maps.DeleteFunc(of, func(userID string, _ bool) bool { return !v.watched[userID] })
	}
	for _, s := range m.streams {
		if s.viewer == viewer {
			s.pending = slices.DeleteFunc(s.pending, func(h heard) bool { return before[h.userID] && !v.watched[h.userID] })
		}
	}
}

func (m *model) take(rt *rapid.T) {
	if len(m.streams) == 0 {
		return
	}
	s := rapid.SampledFrom(m.streams).Draw(rt, "stream")
	var expected []heard
	if s.started {
		expected, s.pending = s.pending, nil
	}
	if len(expected) > 0 {
		s.awaitWake()
	}
	got := heardOf(s.Take(nil))
	if !slices.Equal(got, expected) {
		rt.Fatalf("took %v, not %v", got, expected)
	}
	for _, h := range got {
		if last := s.last[h.userID]; h.version < last || h.version == last && !s.snapshot {
			rt.Fatalf("%v came after version %d", h, last)
		}
		s.last[h.userID] = h.version
	}
}

func (m *model) close(rt *rapid.T) {
	if len(m.streams) > 0 {
		m.end(rapid.SampledFrom(m.streams).Draw(rt, "stream"))
	}
}

func (m *model) end(s *modelStream) {
	s.Close()
	m.streams = slices.DeleteFunc(m.streams, func(other *modelStream) bool { return other == s })
	if !slices.ContainsFunc(m.streams, func(other *modelStream) bool { return other.viewer == s.viewer }) {
		delete(m.viewers, s.viewer)
	}
}

// check compares the index with the model, and has the model forget what was
// published about those whom nobody watches.
func (m *model) check(rt *rapid.T) {
	if err := m.c.broken(); err != nil {
		rt.Fatal(err)
	}
	for _, u := range []string{"u0", "u1", "u2"} {
		watchers := m.watchers(u)
		if got := slices.Sorted(slices.Values(m.c.Watchers(u))); !slices.Equal(got, watchers) {
			rt.Fatalf("%q watch %s, not %q", got, u, watchers)
		}
		if len(watchers) == 0 {
			delete(m.published, u)
			delete(m.marks, u)
			delete(m.audiences, u)
		}
	}
	if got := allWatched(m.c); !maps.Equal(got, m.watched()) {
		rt.Fatalf("the marks are %v, not %v", got, m.watched())
	}
}

// watched is the mark of each user somebody watches.
func (m *model) watched() map[string]int {
	marks := map[string]int{}
	for _, u := range []string{"u0", "u1", "u2"} {
		if len(m.watchers(u)) > 0 {
			marks[u] = m.marks[u]
		}
	}
	return marks
}

func (m *model) watchers(userID string) (ids []string) {
	for viewer, v := range m.viewers {
		if v.watched[userID] {
			ids = append(ids, viewer)
		}
	}
	slices.Sort(ids)
	return ids
}
