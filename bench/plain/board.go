package main

import (
	"context"
	"sync"
	"time"

	"userstatus/graph"
	"userstatus/presence"
)

// board is who watches whom, and the root of the resolvers. What the load
// program doesn't call is not there.
type board struct {
	mu       sync.RWMutex
	version  int
	streams  map[string]*stream  // by viewer
	watchers map[string][]string // the viewers, by user
}

// stream is one subscriber.
type stream struct {
	updates chan []*presence.UserStatus
	done    <-chan struct{}
}

func newBoard() *board {
	return &board{version: 30_000_000, streams: map[string]*stream{}, watchers: map[string][]string{}}
}

type (
	query    struct{ graph.QueryResolver }
	mutation struct {
		graph.MutationResolver
		*board
	}
	subscription struct{ *board }
	details      struct{ graph.UserDetailsResolver }
)

func (b *board) Query() graph.QueryResolver               { return query{} }
func (b *board) Mutation() graph.MutationResolver         { return mutation{board: b} }
func (b *board) Subscription() graph.SubscriptionResolver { return subscription{b} }
func (b *board) UserDetails() graph.UserDetailsResolver   { return details{} }

func (s subscription) UserStatusUpdated(ctx context.Context, _ bool) (<-chan []*presence.UserStatus, error) {
	viewer, _ := presence.ViewerFrom(ctx)
	made := &stream{updates: make(chan []*presence.UserStatus, 1), done: ctx.Done()}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams[viewer.UserID] = made
	return made.updates, nil
}

func (m mutation) SubscribeUserStatus(ctx context.Context, userIDs []string) (*presence.SubscribeUserStatusResult, error) {
	viewer, _ := presence.ViewerFrom(ctx)
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range userIDs {
		m.watchers[id] = append(m.watchers[id], viewer.UserID)
	}
	return &presence.SubscribeUserStatusResult{}, nil
}

// SetSelfStatus hands the change to each subscriber in turn.
func (m mutation) SetSelfStatus(ctx context.Context, text string, _ *time.Time) (*presence.UserStatus, error) {
	viewer, _ := presence.ViewerFrom(ctx)
	status := m.next(viewer.UserID, text)
	update := []*presence.UserStatus{status}
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, watcher := range m.watchers[viewer.UserID] {
		m.streams[watcher].send(update)
	}
	return status, nil
}

func (b *board) next(userID, text string) *presence.UserStatus {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.version++
	return &presence.UserStatus{UserID: userID, StatusType: presence.Online, CustomStatus: text, Availability: presence.Available, Version: b.version}
}

// send waits until the subscriber has taken the update; nil has not subscribed yet.
func (s *stream) send(update []*presence.UserStatus) {
	if s == nil {
		return
	}
	select {
	case s.updates <- update:
	case <-s.done:
	}
}
