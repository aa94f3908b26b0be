package broadcast

import (
	"slices"
	"sync"
	"sync/atomic"

	"userstatus/presence"
)

// topic is one user somebody watches.
type topic struct {
	id string
	mu sync.Mutex
	// newest is the highest version published. One that is not above it is old
	// news to everybody: who watched then was offered the newest, and who came
	// later has read a state that is no older.
	newest uint32
	// checked is up to where every watcher knows all there is to know.
	checked uint32
	// audience is the user's mark since when who sees them is what the entries say.
	audience uint32
	// gone is set under mu, once: the topic has left the index.
	gone    atomic.Bool
	entries []entry
}

// entry is one watcher of a topic. Its other end is viewer.watches[slot].
type entry struct {
	viewer *viewer
	// place is the slot, and in its two highest bits the sight.
	place uint32
	// told is the highest version the viewer knows, and whether quietly. Versions
	// fit 31 bits.
	told uint32
}

// sight is whether a viewer sees the user, as of the topic's audience.
type sight uint32

const (
	unsure sight = iota << 30
	sees
	blind
	sights = sees | blind
)

func (e *entry) slot() uint32       { return e.place &^ uint32(sights) }
func (e *entry) sight() sight       { return sight(e.place) & sights }
func (e *entry) moveTo(slot uint32) { e.place = slot | uint32(e.sight()) }
func (e *entry) setSight(is sight)  { e.place = e.slot() | uint32(is) }

// quiet is set in entry.told where the viewer began to watch at that version:
// their streams without snapshot were not offered it. If it is published yet,
// it was committed after they began, and they are.
const quiet = 1 << 31

func newTopic(id string) *topic { return &topic{id: id} }

// publish offers update to everybody who sees the user, and returns those of
// whom that isn't known. mu is held. Whoever knew all up to what it comes after
// knows all up to it; where news in between are missing, or somebody is left
// out who may see it, the mark stays and what they miss will be looked for.
func (t *topic) publish(update *presence.Update) (unsure []string) {
	version := versionOf(update)
	t.narrow(update.Audience)
	if version > t.newest {
		unsure = t.offer(update, version)
	}
	if len(unsure) > 0 {
		return unsure
	}
	t.newest = max(t.newest, version)
	if int(t.checked) >= update.After {
		t.raise(version)
	}
	return nil
}

func (t *topic) offer(update *presence.Update, version uint32) (left []string) {
	for i := range t.entries {
		e := &t.entries[i]
		switch {
		case update.Audience == 0 || e.sight() == sees:
			e.offer(update, version)
		case e.sight() == unsure:
			left = append(left, e.viewer.id)
		}
	}
	return left
}

// narrow forgets who sees the user if that has changed since it was known. mu
// is held, here and in learn and carry.
func (t *topic) narrow(audience int) {
	if uint32(audience) <= t.audience {
		return
	}
	t.audience = uint32(audience)
	for i := range t.entries {
		t.entries[i].setSight(unsure)
	}
}

// learn notes whether a viewer sees the user, of what was read. What is older
// than what is known says nothing.
func (t *topic) learn(e *entry, read *presence.Update) {
	t.narrow(read.Audience)
	switch {
	case uint32(read.Audience) < t.audience:
	case read.Hidden:
		e.setSight(blind)
	default:
		e.setSight(sees)
	}
}

// carry notes that it has changed for some viewers alone who sees the user.
func (t *topic) carry(before, audience int, others map[string]bool) {
	if t.audience < uint32(before) || t.audience >= uint32(audience) {
		return // somebody else may have changed, too; or it is known already
	}
	t.audience = uint32(audience)
	for i := range t.entries {
		if e := &t.entries[i]; others[e.viewer.id] {
			e.setSight(unsure)
		}
	}
}

// beyond is true where somebody knows more than version. mu is held.
func (t *topic) beyond(version uint32) bool {
	return t.newest > version || slices.ContainsFunc(t.entries, func(e entry) bool { return e.told&^quiet > version })
}

// raise notes that every watcher knows all there was to know when the store's
// mark of the user was that. mu is held. It leaves newest alone: an update that
// comes late still reaches those who began quietly at its version.
func (t *topic) raise(mark uint32) { t.checked = max(t.checked, mark) }

// mark is up to where nothing need be read for anybody who watches here. It
// never claims more than what every one of the entries was offered:
//
//   - An update that is published is offered to all of them, and counts if they
//     knew all up to what it comes after. One that is not above newest brings
//     nobody anything, since all were offered a newer one.
//   - Whoever calls Checked has told all of them.
//   - What one viewer is told, or begins at, counts if theirs is the only entry:
//     so a user just watched is not at once read again. Where there are others
//     it says nothing of them, and the mark stays.
//   - A viewer who comes later reads after they were linked, so they read what
//     the mark claims by then, or what is newer.
//
// It falls only with the topic: the next one begins at nothing.
func (t *topic) mark() (mark int, alive bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return int(t.checked), !t.gone.Load()
}

// tell tells the viewer alone, as how has it. The topic's mu is held.
func (e *entry) tell(update *presence.Update, how presence.Telling) {
	version := versionOf(update)
	switch how {
	case presence.TellNews:
		e.offer(update, version)
	case presence.TellAgain:
		if e.note(version) || !e.offer(update, version) && e.knows(version) {
			e.viewer.put(update, (*stream).full)
		}
	case presence.TellMissed:
		if !e.note(version) && !e.knows(version) {
			e.offer(update, version)
		}
	}
}

// offer tells the viewer's streams what is newer than what they know. The
// topic's mu is held, from the look at told until the update is in the
// mailboxes: so what reaches a stream only grows.
func (e *entry) offer(update *presence.Update, version uint32) (fresh bool) {
	known, quietly := e.told&^quiet, e.told&quiet != 0
	switch {
	case version > known:
		e.viewer.put(update, (*stream).any)
	case version == known && quietly:
		e.viewer.put(update, (*stream).bare)
	default:
		return false
	}
	e.told = version
	return version > known
}

// note is for what the viewer began to watch at, and is true if they just did.
func (e *entry) note(version uint32) bool {
	if e.told != 0 {
		return false
	}
	e.told = version | quiet
	return true
}

// knows is true if version is the one the viewer knows.
func (e *entry) knows(version uint32) bool { return e.told&^quiet == version }

// remove takes the entry at pos out, by moving the last one there. mu is held.
func (t *topic) remove(pos uint32) (told uint32) {
	told = t.entries[pos].told
	last := uint32(len(t.entries) - 1)
	if pos != last {
		moved := t.entries[last]
		t.entries[pos] = moved
		moved.viewer.repoint(moved.slot(), pos)
	}
	t.entries[last] = entry{}
	t.entries = shrunk(t.entries[:last])
	return told
}

// with calls do with the viewer's entry and what was read for them, unless the
// topic is gone. All that there was to know at its version the viewer knows
// after it; if they are the only one, that is everybody.
func (t *topic) with(v *viewer, slot int, read *presence.Update, do func(*entry, *presence.Update)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.gone.Load() {
		return
	}
	e := &t.entries[v.watches[slot].pos]
	t.learn(e, read)
	do(e, read)
	if len(t.entries) == 1 {
		t.raise(versionOf(read))
	}
}

// watchers returns the viewers' IDs. mu is held.
func (t *topic) watchers() []string {
	ids := make([]string, len(t.entries))
	for i, e := range t.entries {
		ids[i] = e.viewer.id
	}
	return ids
}

func versionOf(update *presence.Update) uint32 { return uint32(update.Status.Version) }

// shrunk gives memory back once three quarters of it lie idle.
func shrunk[T any](s []T) []T {
	if cap(s) <= 8 || len(s) > cap(s)/4 {
		return s
	}
	return append(make([]T, 0, len(s)+len(s)/2), s...)
}
