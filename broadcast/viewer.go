package broadcast

import (
	"slices"
	"sync"

	"userstatus/presence"
)

// maxLeft is for how many users a viewer remembers what was told of them
// before they were unwatched.
const maxLeft = 4096

// viewer is one user with open streams.
type viewer struct {
	id   string
	turn sync.Mutex
	// gone is guarded by turn: the last stream is closed, the index has let go.
	gone bool
	// left is guarded by turn: what was told of users who are watched no more,
	// so that no version falls if they are watched again.
	left map[string]uint32

	mu      sync.Mutex
	watches []watch
	streams []*stream
}

// watch is one user of whom the viewer is told. Its other end is
// topic.entries[pos], unless the topic is gone.
type watch struct {
	topic *topic
	pos   uint32
}

func newViewer(id string) *viewer { return &viewer{id: id} }

// put puts update into the mailboxes of those of the viewer's streams that are
// of a kind.
func (v *viewer) put(update *presence.Update, kind func(*stream) bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, s := range v.streams {
		if kind(s) {
			s.put(update)
		}
	}
}

// purge takes what waits about users out of all mailboxes.
func (v *viewer) purge(users map[string]bool) {
	if len(users) == 0 {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, s := range v.streams {
		s.mail.purge(users)
	}
}

func (v *viewer) add(s *stream) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.streams = append(v.streams, s)
}

// remove ends a stream and tells whether it was the last one.
func (v *viewer) remove(s *stream) (last bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s.closed = true
	s.mail = mailbox{}
	if i := slices.Index(v.streams, s); i >= 0 {
		v.streams = slices.Delete(v.streams, i, i+1)
	}
	return len(v.streams) == 0
}

// link makes the viewer watch a topic whose mu is held, and which is not gone.
// turn is held here and in all that follows.
func (v *viewer) link(t *topic) {
	v.mu.Lock()
	slot := len(v.watches)
	v.watches = append(v.watches, watch{t, uint32(len(t.entries))})
	v.mu.Unlock()
	t.entries = append(t.entries, entry{viewer: v, place: uint32(slot), told: v.left[t.id]})
	delete(v.left, t.id)
}

// fill moves the last watch to a slot whose topic has let go of it.
func (v *viewer) fill(slot int) {
	last := len(v.watches) - 1
	if slot != last {
		v.move(last, slot)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.watches[last] = watch{}
	v.watches = v.watches[:last]
}

func (v *viewer) move(from, to int) {
	t := v.watches[from].topic
	t.mu.Lock()
	defer t.mu.Unlock()
	v.mu.Lock()
	v.watches[to] = v.watches[from]
	v.mu.Unlock()
	if !t.gone.Load() {
		t.entries[v.watches[to].pos].moveTo(uint32(to))
	}
}

// repoint follows an entry that has moved in its topic, whose mu is held. It
// is for any goroutine, without turn.
func (v *viewer) repoint(slot, pos uint32) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.watches[slot].pos = pos
}

// resize makes room for more watches, or gives room back.
func (v *viewer) resize(more int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if more == 0 {
		v.watches = shrunk(v.watches)
		return
	}
	v.watches = slices.Grow(v.watches, more)
}

// remember keeps what was told of a user for when they are watched again. What
// they are then is read anew, so what a viewer began at is nothing special.
func (v *viewer) remember(userID string, told uint32) {
	told &^= quiet
	if told == 0 {
		return
	}
	if v.left == nil {
		v.left = map[string]uint32{}
	}
	if len(v.left) >= maxLeft {
		v.forgetOne()
	}
	v.left[userID] = told
}

func (v *viewer) forgetOne() {
	for userID := range v.left {
		delete(v.left, userID)
		return
	}
}

// find looks at the topics alone: each pos is another lock's.
func (v *viewer) find(t *topic) int {
	for slot := range v.watches {
		if v.watches[slot].topic == t {
			return slot
		}
	}
	return -1
}

// finder returns a function that finds the slot of a topic, or -1, for about
// that many searches.
func (v *viewer) finder(searches int) func(*topic) int {
	if searches < 16 {
		return v.find
	}
	slots := make(map[*topic]int, len(v.watches))
	for slot := range v.watches {
		slots[v.watches[slot].topic] = slot
	}
	return func(t *topic) int {
		if slot, ok := slots[t]; ok {
			return slot
		}
		return -1
	}
}
