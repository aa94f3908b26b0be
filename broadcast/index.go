package broadcast

import (
	"hash/maphash"
	"strings"
	"sync"

	"userstatus/presence"
)

// index finds things by ID. It is sharded, so that those who look for
// different things seldom meet; its locks are held for a look-up and no longer.
type index[T any] struct {
	seed   maphash.Seed
	shards [presence.Parts]shard[T]
	// changed, if not nil, is told of what comes and what goes, with the shard's
	// lock held: whoever asks the index after it was told sees no less.
	changed func(id string)
}

type shard[T any] struct {
	mu    sync.RWMutex
	items map[string]*T
}

func newIndex[T any](changed func(id string)) *index[T] {
	return &index[T]{seed: maphash.MakeSeed(), changed: changed}
}

func (x *index[T]) shard(id string) *shard[T] {
	return &x.shards[maphash.String(x.seed, id)%uint64(len(x.shards))]
}

func (x *index[T]) get(id string) *T {
	s := x.shard(id)
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.items[id]
}

// getOrMake gives create an ID that may be kept: nothing larger hangs on it.
func (x *index[T]) getOrMake(id string, create func(id string) *T) *T {
	s := x.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if item := s.items[id]; item != nil {
		return item
	}
	if s.items == nil {
		s.items = map[string]*T{}
	}
	id = strings.Clone(id)
	item := create(id)
	s.items[id] = item
	x.tell(id)
	return item
}

func (x *index[T]) drop(id string) {
	s := x.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.items, id)
	if len(s.items) == 0 {
		s.items = nil // a map does not shrink by itself
	}
	x.tell(id)
}

func (x *index[T]) tell(id string) {
	if x.changed != nil {
		x.changed(id)
	}
}

// part is all that is in one of the shards.
func (x *index[T]) part(n int) []*T {
	s := &x.shards[n]
	s.mu.RLock()
	defer s.mu.RUnlock()
	items := make([]*T, 0, len(s.items))
	for _, item := range s.items {
		items = append(items, item)
	}
	return items
}

func (x *index[T]) ids() []string {
	var ids []string
	for i := range x.shards {
		ids = x.shards[i].appendIDs(ids)
	}
	return ids
}

func (s *shard[T]) appendIDs(ids []string) []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for id := range s.items {
		ids = append(ids, id)
	}
	return ids
}
