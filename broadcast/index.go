package broadcast

import (
	"hash/maphash"
	"strings"
	"sync"
)

// index finds things by ID. It is sharded, so that those who look for
// different things seldom meet; its locks are held for a look-up and no longer.
type index[T any] struct {
	seed   maphash.Seed
	shards [64]shard[T]
}

type shard[T any] struct {
	mu    sync.RWMutex
	items map[string]*T
}

func newIndex[T any]() *index[T] { return &index[T]{seed: maphash.MakeSeed()} }

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
