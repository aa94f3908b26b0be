package broadcast

import (
	"sync/atomic"

	"userstatus/presence"
)

// hub is the part of a broadcaster that lies within one process: who watches
// whom, the mailboxes, and the goroutines that wake the streams. A broadcaster
// for several nodes puts its bus in front of publish and Announce, and has the
// rest from here.
//
// What guards what:
//
//   - viewer.turn lets one Open, Watch, Tell, Start or Close at a time work on
//     a viewer. Which topic is in which slot of viewer.watches changes under it.
//   - topic.mu guards the topic's entries and how far it has come, and all links
//     between entries and watches of the topic: entry.slot and watch.pos change
//     under it.
//   - viewer.mu guards the viewer's streams with their mailboxes, and the array
//     of watches: another viewer that leaves a topic writes a pos in it (under
//     topic.mu as well), and what the turn's holder writes there may be in its
//     way. So the holder reads watch.topic with turn alone, and watch.pos with
//     turn and topic.mu.
//   - An index's lock guards its map, a waker's its queue. Under it the index of
//     topics says what has come and gone: the bus's interest has a lock of its
//     own for that, below all others.
//
// They are taken in the order turn, topic.mu, and then one of viewer.mu or an
// index's; a waker's comes last. Nobody holds two turns, two topics or two
// viewers at once, so there is no cycle. All of them are held for work in
// memory alone; wake is called under none of them.
//
// Publish takes no turn. It holds topic.mu from the look at entry.told until
// the update is in the mailboxes, so that for each stream the updates of a
// user come in the order of their versions.
type hub struct {
	topics  *index[topic]
	viewers *index[viewer]
	wakers  *wakers
	// open is how many streams there are, conflated how many updates a newer one
	// took the place of in a mailbox.
	open      atomic.Int64
	conflated atomic.Uint64
}

// newHub starts a hub. changed, if not nil, is told of each user whose first
// watcher comes or last one goes; it must be quick and must not call the hub.
func newHub(changed func(userID string)) *hub {
	return &hub{topics: newIndex[topic](changed), viewers: newIndex[viewer](nil), wakers: startWakers()}
}

// Open registers a stream of the viewer.
func (h *hub) Open(viewer string, snapshot bool, wake func()) presence.Stream {
	v := h.enter(viewer)
	defer v.turn.Unlock()
	s := &stream{hub: h, viewer: v, waker: h.wakers.assign(), wake: wake, snapshot: snapshot}
	v.add(s)
	h.open.Add(1)
	return s
}

// Stats is what a broadcaster tells of its streams.
type Stats struct {
	// Streams is how many are open.
	Streams int
	// Conflated is how many updates a newer one took the place of before they were
	// taken, since the start.
	Conflated uint64
}

// Stats is for statistics.
func (h *hub) Stats() Stats { return Stats{Streams: int(h.open.Load()), Conflated: h.conflated.Load()} }

// Watch makes userIDs those of whom all of the viewer's streams are told, and
// returns the ones that are new. What waits about users who were removed is
// not touched: they had left by themselves.
func (h *hub) Watch(viewer string, userIDs []string) (added []string) {
	v := h.visit(viewer)
	if v == nil {
		return nil
	}
	defer v.turn.Unlock()
	wanted := setOf(userIDs)
	v.purge(h.unwatch(v, wanted))
	v.resize(len(wanted))
	for _, userID := range userIDs {
		if wanted[userID] {
			delete(wanted, userID)
			h.link(v, userID)
			added = append(added, userID)
		}
	}
	return added
}

// unwatch lets go of all topics of the viewer but those wanted, which it takes
// out of wanted.
func (h *hub) unwatch(v *viewer, wanted map[string]bool) (left map[string]bool) {
	left = map[string]bool{}
	for slot := len(v.watches) - 1; slot >= 0; slot-- {
		t := v.watches[slot].topic
		if wanted[t.id] && !t.gone.Load() {
			delete(wanted, t.id)
			continue
		}
		told, alive := h.unlink(v, slot)
		v.remember(t.id, told)
		if alive {
			left[t.id] = true
		}
		v.fill(slot)
	}
	return left
}

// Viewers is everybody with an open stream.
func (h *hub) Viewers() []string { return h.viewers.ids() }

// Watchers is who watches the user.
func (h *hub) Watchers(userID string) []string {
	t := h.lock(userID)
	if t == nil {
		return nil
	}
	defer t.mu.Unlock()
	return t.watchers()
}

// publish offers update to everybody who watches the user and sees them, and
// returns those of whom it isn't known whether they do. It ends the topic
// after a final one: the entries go, what is in the mailboxes stays, and each
// viewer sweeps out the watch at their next Watch. A final one that comes late,
// when the user is back already, ends nothing.
func (h *hub) publish(update *presence.Update) (unsure []string) {
	t := h.lock(update.Status.UserID)
	if t == nil {
		return nil
	}
	defer t.mu.Unlock()
	unsure = t.publish(update)
	if update.Final && !t.beyond(versionOf(update)) {
		h.end(t)
	}
	return unsure
}

// lookAt is the notice that has somebody find out whether those see the user of
// whom an update is, and tell them.
func lookAt(update *presence.Update, unsure []string) presence.Notice {
	return presence.Notice{
		Kind: presence.FaceChanged, UserID: update.Status.UserID, Others: unsure,
		After: update.After, AudienceBefore: update.Audience, Audience: update.Audience,
	}
}

// carry is for each notice before it is heard. What has changed for all, or
// what hasn't changed, it leaves to those who are told.
func (h *hub) carry(n presence.Notice) {
	if n.Kind != presence.FaceChanged || n.Others == nil || n.Audience == n.AudienceBefore {
		return
	}
	if t := h.lock(n.UserID); t != nil {
		defer t.mu.Unlock()
		t.carry(n.AudienceBefore, n.Audience, setOf(n.Others))
	}
}

// Tell tells one viewer, as how has it. Final means nothing here.
func (h *hub) Tell(viewer string, updates []*presence.Update, how presence.Telling) {
	v := h.visit(viewer)
	if v == nil {
		return
	}
	defer v.turn.Unlock()
	h.tell(v, updates, func(e *entry, update *presence.Update) { e.tell(update, how) })
}

// Watched is the users in one of the index's shards, each with how far all of
// their watchers have come.
func (h *hub) Watched(part int) map[string]int {
	topics := h.topics.part(part)
	marks := make(map[string]int, len(topics))
	for _, t := range topics {
		if mark, alive := t.mark(); alive {
			marks[t.id] = mark
		}
	}
	return marks
}

// Checked says that all watchers of the user have been told all that a store
// with this mark has to tell.
func (h *hub) Checked(userID string, mark int) {
	if t := h.lock(userID); t != nil {
		defer t.mu.Unlock()
		t.raise(uint32(mark))
	}
}

// tell does for each of updates whose user the viewer watches, with topic.mu
// held. The viewer's turn is held.
func (h *hub) tell(v *viewer, updates []*presence.Update, do func(*entry, *presence.Update)) {
	find := v.finder(len(updates))
	for _, update := range updates {
		t := h.topics.get(update.Status.UserID)
		if t == nil {
			continue
		}
		if slot := find(t); slot >= 0 {
			t.with(v, slot, update, do)
		}
	}
}

// forget takes a viewer whose last stream is closed out of the index.
func (h *hub) forget(v *viewer) {
	for slot := len(v.watches) - 1; slot >= 0; slot-- {
		h.unlink(v, slot)
		v.fill(slot)
	}
	v.gone = true
	h.viewers.drop(v.id)
}

// enter finds or makes a viewer and takes their turn.
func (h *hub) enter(id string) *viewer {
	for {
		v := h.viewers.getOrMake(id, newViewer)
		v.turn.Lock()
		if !v.gone {
			return v
		}
		v.turn.Unlock()
	}
}

// visit takes the turn of a viewer with streams; nil if there is none.
func (h *hub) visit(id string) *viewer {
	v := h.viewers.get(id)
	if v == nil {
		return nil
	}
	v.turn.Lock()
	if !v.gone {
		return v
	}
	v.turn.Unlock()
	return nil
}

// lock finds a topic and takes its mu; nil if nobody watches the user.
func (h *hub) lock(userID string) *topic {
	for {
		t := h.topics.get(userID)
		if t == nil {
			return nil
		}
		t.mu.Lock()
		if !t.gone.Load() {
			return t
		}
		t.mu.Unlock()
	}
}

// link makes the viewer watch a user.
func (h *hub) link(v *viewer, userID string) {
	for {
		t := h.topics.getOrMake(userID, newTopic)
		t.mu.Lock()
		if !t.gone.Load() {
			v.link(t)
			t.mu.Unlock()
			return
		}
		t.mu.Unlock()
	}
}

// unlink takes the viewer's entry out of the topic in slot. It returns what
// they were told of the user, and whether the topic was still alive.
func (h *hub) unlink(v *viewer, slot int) (told uint32, alive bool) {
	t := v.watches[slot].topic
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.gone.Load() {
		return t.newest, false
	}
	told = t.remove(v.watches[slot].pos)
	if len(t.entries) == 0 {
		h.end(t)
	}
	return told, true
}

// end takes a topic, whose mu is held, out of the index.
func (h *hub) end(t *topic) {
	t.entries = nil
	t.gone.Store(true)
	h.topics.drop(t.id)
}

func setOf(ids []string) map[string]bool {
	set := make(map[string]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}
