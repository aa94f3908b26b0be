package presence

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// sessions is what this node knows of the users that are connected to it.
type sessions struct {
	shards [Parts]sessionShard
	// connections are those of all sessions, connected how many have one.
	connections, connected atomic.Int64
}

type sessionShard struct {
	mu    sync.Mutex
	users map[string]*session
}

// session is one user's presence on this node. Its lock is held while the
// store is asked to keep what changed, so that changes of one user are kept in
// the order in which they happened; users don't wait for each other.
type session struct {
	userID string
	mu     sync.Mutex
	// dropped is true once the session is no longer in its shard.
	dropped bool

	connections []*Connection
	// counted is how many connections are in the sessions' count.
	counted int
	// platforms is those of connections, sorted, each once. It is read without
	// the lock, and replaced as a whole.
	platforms atomic.Pointer[[]string]

	// stored is what the store has of this session: its node is empty before the
	// first connection, and again after the grace of the last, or a logout.
	stored Session
	// doubtful is set while the store may have the session or not, after a call of
	// which nobody knows the outcome.
	doubtful bool
	// since is the user's LogoutVersion when the session began.
	since int
	// settledAt is when the store was last told of what stored has, and
	// settleTimer tells it again when it may be.
	settledAt   time.Time
	settleTimer *time.Timer
	// lostAt is when the last connection went and lostBy how, and graceTimer ends
	// its grace.
	lostAt     time.Time
	lostBy     ChangeReason
	graceTimer *time.Timer
}

// kept is true while the store has this session.
func (s *session) kept() bool { return s.stored.Node != "" }

func (r *sessions) shard(userID string) *sessionShard {
	return &r.shards[hash(userID)%uint64(len(r.shards))]
}

// lock returns the user's session, made if need be, with its lock held.
func (r *sessions) lock(userID string) *session {
	shard := r.shard(userID)
	for {
		s := shard.get(userID)
		s.mu.Lock()
		if !s.dropped {
			return s
		}
		s.mu.Unlock()
	}
}

func (h *sessionShard) get(userID string) *session {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.users[userID]
	if s == nil {
		s = &session{userID: userID}
		s.attach()
		if h.users == nil {
			h.users = map[string]*session{}
		}
		h.users[userID] = s
	}
	return s
}

// unlock lets go of a session, and forgets it when there is nothing to remember.
func (r *sessions) unlock(s *session) {
	r.count(s)
	if !s.dropped && len(s.connections) == 0 && !s.kept() {
		s.stopTimers()
		s.dropped = true
		shard := r.shard(s.userID)
		shard.mu.Lock()
		delete(shard.users, s.userID)
		shard.mu.Unlock()
	}
	s.mu.Unlock()
}

// count takes in what has changed of a session's connections since its lock was taken.
func (r *sessions) count(s *session) {
	before, now := s.counted, len(s.connections)
	r.connections.Add(int64(now - before))
	switch {
	case before == 0 && now > 0:
		r.connected.Add(1)
	case before > 0 && now == 0:
		r.connected.Add(-1)
	}
	s.counted = now
}

// find is the user's session, or nil.
func (r *sessions) find(userID string) *session {
	shard := r.shard(userID)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	return shard.users[userID]
}

// platforms is those of the user's connections to this node, sorted, each once.
func (r *sessions) platforms(userID string) []string {
	s := r.find(userID)
	if s == nil {
		return nil
	}
	return *s.platforms.Load()
}

// stopTimers ends all that sessions would do later.
func (r *sessions) stopTimers() {
	for i := range r.shards {
		for _, s := range r.shards[i].all() {
			s.mu.Lock()
			s.stopTimers()
			s.mu.Unlock()
		}
	}
}

func (h *sessionShard) all() []*session {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]*session, 0, len(h.users))
	for _, s := range h.users {
		all = append(all, s)
	}
	return all
}

// users is whose sessions are in a part of all of them.
func (r *sessions) users(part int) []string {
	all := r.shards[part].all()
	ids := make([]string, len(all))
	for i, s := range all {
		ids[i] = s.userID
	}
	return ids
}

// noteDoubt is for what a call that begins or ends the session came to.
func (s *session) noteDoubt(err error) { s.doubtful = s.doubtful || errors.Is(err, ErrInDoubt) }

// endsGrace is for one that is back.
func (s *session) endsGrace() {
	if s.graceTimer != nil {
		s.graceTimer.Stop()
		s.graceTimer = nil
	}
}

func (s *session) stopTimers() {
	for _, t := range []*time.Timer{s.settleTimer, s.graceTimer} {
		if t != nil {
			t.Stop()
		}
	}
}

// now is the session as it should be stored for a node.
func (s *session) now(node string) Session {
	return Session{Node: node, Idle: s.allIdle(), Platforms: *s.platforms.Load()}
}

// allIdle is true when somebody is connected and nobody is at any of the devices.
func (s *session) allIdle() bool {
	return len(s.connections) > 0 && !slices.ContainsFunc(s.connections, func(c *Connection) bool { return !c.idle })
}

// heldSessions are sessions whose locks are held.
type heldSessions struct {
	of  *sessions
	all map[string]*session
}

// hold locks the sessions of several users, always in the same order.
func (r *sessions) hold(userIDs []string) heldSessions {
	held := heldSessions{of: r, all: map[string]*session{}}
	for _, id := range slices.Sorted(slices.Values(userIDs)) {
		if held.all[id] == nil {
			held.all[id] = r.lock(id)
		}
	}
	return held
}

func (h heldSessions) release() {
	for _, s := range h.all {
		h.of.unlock(s)
	}
}

// end takes the user's connections out of a held session that the store has
// forgotten, and returns them to be ended.
func (h heldSessions) end(userID string) []*Connection {
	return h.all[userID].clear()
}

// clear takes all connections out of a session that is no longer kept.
func (s *session) clear() []*Connection {
	ended := s.connections
	s.attach()
	s.stored, s.doubtful = Session{}, false
	return ended
}

// attach makes these the session's connections.
func (s *session) attach(connections ...*Connection) {
	s.connections = connections
	var names []string
	for _, c := range connections {
		if c.platform != "" {
			names = append(names, c.platform)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	s.platforms.Store(&names)
}

// without is the session's connections but c, and whether c was among them.
func (s *session) without(c *Connection) ([]*Connection, bool) {
	i := slices.Index(s.connections, c)
	if i < 0 {
		return s.connections, false
	}
	return slices.Delete(slices.Clone(s.connections), i, i+1), true
}
