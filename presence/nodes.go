package presence

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
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

// node is this node's ID as of now, and empty until it has entered: others are
// heard before. A node that was taken for dead gets another.
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
			s.beaten(time.Now())
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
	_, err := s.Store.Beat(ctx, s.node(), now, Figures{})
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
		if err := s.beat(s.background); err != nil && s.background.Err() == nil {
			s.complain(err)
		}
	}
}

// complain says why a beat failed; of a store that is away, once.
func (s *Service) complain(err error) {
	if errors.Is(err, ErrNameTaken) {
		s.Log.Error("this node was taken for dead and another one has its name by now: its users are not ONLINE, end one of the two", "node", s.node())
		return
	}
	if s.outage.begin() {
		s.Log.Error("the database does not answer: this node can't say that it lives", "error", err)
	}
}

func (s *Service) beat(ctx context.Context) error {
	known, err := s.Store.Beat(ctx, s.node(), time.Now(), s.measure())
	if err == nil && !known {
		err = s.reenter(ctx)
	}
	if err == nil {
		s.beaten(time.Now())
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
	if err := s.sweepNodes(ctx); err != nil {
		return err
	}
	return s.sample(ctx)
}
