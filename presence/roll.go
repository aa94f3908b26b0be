package presence

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// roll is what this node has seen of the others. Their silence is counted by
// its own clock, and only while it looked: clocks that differ, a store that was
// away, or a pause of its own make nobody look dead.
type roll struct {
	mu   sync.Mutex
	seen map[string]sighting
	last time.Time
	// heard is when a node said last, past the store, that it lives.
	heard map[string]time.Time
}

// sighting is a node as it was seen last, and since when its beat is the same.
type sighting struct {
	node  Node
	since time.Time
}

// lookGap is the longest time between two looks that counts as looking.
const lookGap = 2 * beatInterval

// note takes in who is there now.
func (r *roll) note(nodes []Node, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before, looking := r.seen, now.Sub(r.last) <= lookGap
	r.seen, r.last = make(map[string]sighting, len(nodes)), now
	for _, n := range nodes {
		s, known := before[n.ID]
		if !known || !looking || !s.node.BeatAt.Equal(n.BeatAt) {
			s.since = now
		}
		s.node = n
		r.seen[n.ID] = s
	}
	maps.DeleteFunc(r.heard, func(id string, _ time.Time) bool { return r.seen[id].node.ID == "" })
}

// hear notes that a node lives that can't say so in the store, and is true if
// that is news.
func (r *roll) hear(id string, now time.Time) (news bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.heard == nil {
		r.heard = map[string]time.Time{}
	}
	news = now.Sub(r.heard[id]) >= deadAfter
	r.heard[id] = now
	return news
}

// heardOf is true for a node that said not long ago that it lives.
func (r *roll) heardOf(id string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return now.Sub(r.heard[id]) < deadAfter
}

func (r *roll) find(id string) sighting {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen[id]
}

func (r *roll) silence(id string, now time.Time) time.Duration {
	return now.Sub(r.find(id).since)
}

// others is all nodes but this one, by ID.
func (r *roll) others(self string) (others []sighting) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(r.seen)) {
		if id != self {
			others = append(others, r.seen[id])
		}
	}
	return others
}

// gone is the IDs of the nodes that have left, or were taken for dead.
func (r *roll) gone() (ids []string) {
	for _, s := range r.others("") {
		if s.node.Gone {
			ids = append(ids, s.node.ID)
		}
	}
	return ids
}

// alive is how many nodes haven't left and aren't taken for dead.
func (r *roll) alive() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.seen {
		if !s.node.Gone {
			n++
		}
	}
	return n
}

// first is the first by ID of the nodes that aren't gone.
func (r *roll) first() string {
	for _, s := range r.others("") {
		if !s.node.Gone {
			return s.node.ID
		}
	}
	return ""
}

// drop forgets a node that is no more.
func (r *roll) drop(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.seen, id)
}
