package presence

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

const (
	// beatInterval is how often a node says in the store that it lives, and looks
	// who else does.
	beatInterval = 2 * time.Second
	// deadAfter is how long a node may be silent before others take it for dead.
	deadAfter = 10 * time.Second
	// nameInterval is how often a node that starts looks whether another one of
	// its name lives.
	nameInterval = 500 * time.Millisecond
	// sweepSize is how many users are put right in one transaction.
	sweepSize = 500
)

// ErrNameTaken refuses a node whose name another one bears that lives.
var ErrNameTaken = errors.New("another node that lives has this name")

// NodeName is the name that is in a node's ID.
func NodeName(id string) string {
	if i := strings.LastIndexByte(id, '/'); i >= 0 {
		return id[:i]
	}
	return id
}

// node is this node's ID as of now: a node that was taken for dead gets another.
func (s *Service) node() string { return *s.nodeID.Load() }

// enter makes the node known to the store. It waits for one of the same name
// to be seen dead: that may be its own predecessor, which crashed.
func (s *Service) enter(ctx context.Context) error {
	id := s.NodeName + "/" + rand.Text()
	for {
		bearer, err := s.Store.Enter(ctx, Node{ID: id, Name: s.NodeName, BeatAt: time.Now()})
		if err != nil {
			return err
		}
		if bearer == "" {
			s.nodeID.Store(&id)
			return s.lookAround(ctx)
		}
		if err := s.outwait(ctx, bearer); err != nil {
			return err
		}
	}
}

// outwait returns once the bearer of this node's name counts as gone.
func (s *Service) outwait(ctx context.Context, bearer string) error {
	s.Log.Warn("a node of the same name has not left: waiting whether it lives", "node", bearer)
	var first time.Time
	for {
		if err := s.lookAround(ctx); err != nil {
			return err
		}
		seen := s.roll.find(bearer)
		switch {
		case seen.node.Gone || seen.node.ID == "":
			return nil
		case first.IsZero():
			first = seen.node.BeatAt
		case !seen.node.BeatAt.Equal(first):
			return fmt.Errorf("node %s: %w", s.NodeName, ErrNameTaken)
		}
		if s.Alone || s.roll.silence(bearer, time.Now()) >= deadAfter {
			_, err := s.Store.Bury(ctx, bearer, seen.node.BeatAt)
			return err
		}
		if !s.pause(nameInterval) || ctx.Err() != nil {
			return context.Canceled
		}
	}
}

func (s *Service) lookAround(ctx context.Context) error {
	nodes, err := s.Store.Nodes(ctx)
	if err == nil {
		s.roll.note(nodes, time.Now())
	}
	return err
}

// leave notes when the node was last there, for those who won't come back.
func (s *Service) leave() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.background), beatInterval)
	defer cancel()
	now := time.Now().Truncate(time.Millisecond)
	_, err := s.Store.Beat(ctx, s.node(), now)
	if err == nil {
		_, err = s.Store.Bury(ctx, s.node(), now)
	}
	if err != nil {
		s.Log.Error("the time of this stop could not be kept", "error", err)
	}
}

// live says regularly that the node lives, and sees to those that don't.
func (s *Service) live() {
	for s.pause(min(beatInterval, s.untilOverdue())) {
		if err := s.beat(s.background); err != nil && s.background.Err() == nil && s.outage.begin() {
			s.Log.Error("the database does not answer: this node can't say that it lives", "error", err)
		}
	}
}

func (s *Service) beat(ctx context.Context) error {
	known, err := s.Store.Beat(ctx, s.node(), time.Now())
	if err == nil && !known {
		err = s.reenter(ctx)
	}
	if err == nil {
		err = s.lookAround(ctx)
	}
	if err != nil {
		return err
	}
	if away := s.outage.end(time.Now()); away > 0 {
		s.Log.Info("the database answers again", "after", away.Round(time.Millisecond))
	}
	return s.sweepNodes(ctx)
}

// reenter is for a node that was taken for dead while it was paused or cut off:
// it goes on under a new ID, and with it those who are connected to it.
func (s *Service) reenter(ctx context.Context) error {
	old := s.node()
	s.Log.Warn("this node was taken for dead while it was silent, and enters anew", "node", old)
	if err := s.enter(ctx); err != nil {
		return err
	}
	s.moving.Store(&old)
	s.comparing.all()
	return s.moveSessions(ctx)
}

// moveSessions has the sessions of this node that are under another ID, which
// the store has taken for dead, go on under the one of now.
func (s *Service) moveSessions(ctx context.Context) error {
	if s.moving.Load() == nil {
		return nil
	}
	for part := range s.sessions.shards {
		users := s.sessions.users(part)
		for len(users) > 0 {
			some := users[:min(sweepSize, len(users))]
			users = users[len(some):]
			if err := s.moveSome(ctx, some); err != nil {
				return err
			}
		}
	}
	s.moving.Store(nil)
	return nil
}

func (s *Service) moveSome(ctx context.Context, userIDs []string) error {
	held := s.sessions.hold(userIDs)
	ended, err := s.moveHeld(ctx, held)
	held.release()
	endAll(ended, loggedOut)
	return err
}

// moveHeld returns the connections of those who have logged out meanwhile. Those
// in their grace stay as they are: the old ID is good enough to end it.
func (s *Service) moveHeld(ctx context.Context, held heldSessions) (ended []*Connection, err error) {
	to := s.node()
	var ids []string
	for id, session := range held.all {
		if session.kept() && session.stored.Node != to && len(session.connections) > 0 {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	users, err := s.changeAll(ctx, ids, func(u *User, now time.Time) {
		if session := held.all[u.ID]; !u.outlived(session.since) {
			u.move(now, session.stored.Node, session.now(to))
		}
	})
	if err != nil {
		return nil, err
	}
	there := map[string]*User{}
	for _, u := range users {
		there[u.ID] = u
	}
	for _, id := range ids {
		session := held.all[id]
		if u := there[id]; u == nil || u.outlived(session.since) {
			ended = append(ended, session.clear()...)
			continue
		}
		session.stored = session.now(to)
	}
	return ended, nil
}

// sweepNodes takes the silent for dead, and clears the sessions of those that
// are gone once their users have had their grace to come back.
func (s *Service) sweepNodes(ctx context.Context) error {
	if err := s.moveSessions(ctx); err != nil {
		return err
	}
	for _, seen := range s.roll.others(s.node()) {
		silence := time.Since(seen.since)
		if !seen.node.Gone && silence >= s.deadAfter() {
			if err := s.bury(ctx, seen.node); err != nil {
				return err
			}
			continue
		}
		if seen.node.Gone && silence >= s.clearAfter() && s.clearing.TryLock() {
			s.running.Go(func() {
				defer s.clearing.Unlock()
				s.clear(seen.node)
			})
		}
	}
	return nil
}

func (s *Service) bury(ctx context.Context, n Node) error {
	dead, err := s.Store.Bury(ctx, n.ID, n.BeatAt)
	if dead {
		s.Log.Warn("a node is silent and taken for dead", "node", n.ID, "lastBeat", n.BeatAt)
	}
	return err
}

// deadAfter is how long another may be silent: no time where there can't be another.
func (s *Service) deadAfter() time.Duration {
	if s.Alone {
		return 0
	}
	return deadAfter
}

// clearAfter is how long after its last beat the users of a node that is gone
// have had their grace: they may have been there until its next one. One of the
// nodes goes first, so that not all do the same at a time.
func (s *Service) clearAfter() time.Duration {
	switch {
	case s.Alone:
		return s.OfflineGrace
	case s.roll.first() == s.node():
		return s.OfflineGrace + beatInterval
	}
	return s.OfflineGrace + 4*beatInterval
}

// untilOverdue is when sweepNodes next has something to do, if anything.
func (s *Service) untilOverdue() time.Duration {
	next := beatInterval
	for _, seen := range s.roll.others(s.node()) {
		due := s.deadAfter()
		if seen.node.Gone {
			due = s.clearAfter()
		}
		if wait := time.Until(seen.since.Add(due)); wait > 0 {
			next = min(next, wait)
		}
	}
	return next
}

// clear ends the sessions of a node that is gone. What fails is tried again
// after the next beat.
func (s *Service) clear(n Node) {
	if err := s.clearNode(s.background, n); err != nil && s.background.Err() == nil {
		s.Log.Error("users who are gone could not be made OFFLINE, trying again", "node", n.ID, "error", err)
	}
}

func (s *Service) clearNode(ctx context.Context, n Node) error {
	for {
		userIDs, err := s.Store.SessionsOf(ctx, n.ID, sweepSize)
		if err != nil {
			return err
		}
		if len(userIDs) == 0 {
			s.roll.drop(n.ID)
			return s.Store.Forget(ctx, n.ID)
		}
		if err := s.clearSome(ctx, n, userIDs); err != nil {
			return err
		}
	}
}

func (s *Service) clearSome(ctx context.Context, n Node, userIDs []string) error {
	lastSeen := n.BeatAt
	if lastSeen.IsZero() {
		lastSeen = time.Now()
	}
	_, err := s.changeAll(ctx, userIDs, func(u *User, now time.Time) { u.disconnect(now, n.ID, lastSeen) })
	return err
}

// outage is the time in which the store didn't answer.
type outage struct {
	mu           sync.Mutex
	since, until time.Time
}

// begin is true if the store answered until now.
func (o *outage) begin() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	began := o.since.IsZero()
	if began {
		o.since = time.Now()
	}
	return began
}

// end returns how long the store was away that answers now.
func (o *outage) end(now time.Time) (away time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.since.IsZero() {
		return 0
	}
	away = now.Sub(o.since)
	o.since, o.until = time.Time{}, now
	return away
}

// more is how much longer a grace goes on: nobody could come back while the
// store was away, so that it begins anew once the store is back.
func (o *outage) more(grace time.Duration, now time.Time) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.since.IsZero() {
		return max(grace, retryAfter)
	}
	return o.until.Add(grace).Sub(now)
}
