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
	// gone is set under mu, once: the topic has left the index.
	gone    atomic.Bool
	entries []entry
}

// entry is one watcher of a topic. Its other end is viewer.watches[slot].
type entry struct {
	viewer *viewer
	slot   uint32
	// told is the highest version the viewer knows, and whether quietly. Versions
	// fit 31 bits.
	told uint32
}

// quiet is set in entry.told where the viewer began to watch at that version:
// their streams without snapshot were not offered it. If it is published yet,
// it was committed after they began, and they are.
const quiet = 1 << 31

func newTopic(id string) *topic { return &topic{id: id} }

// publish offers update to everybody. mu is held. Whoever knew all up to what
// it comes after knows all up to it; where news in between are missing, the
// mark stays and they will be looked for.
func (t *topic) publish(update *presence.Update) {
	version := versionOf(update)
	if int(t.checked) >= update.After {
		t.raise(version)
	}
	if version <= t.newest {
		return
	}
	t.newest = version
	for i := range t.entries {
		t.entries[i].offer(update, version)
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
		moved.viewer.repoint(moved.slot, pos)
	}
	t.entries[last] = entry{}
	t.entries = shrunk(t.entries[:last])
	return told
}

// with calls do with the viewer's entry, unless the topic is gone. All that
// there was to know at version the viewer knows after it; if they are the only
// one, that is everybody.
func (t *topic) with(v *viewer, slot int, version uint32, do func(*entry)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.gone.Load() {
		return
	}
	do(&t.entries[v.watches[slot].pos])
	if len(t.entries) == 1 {
		t.raise(version)
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
