package chaos

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// settle waits until all is right again: everybody is connected who should be,
// each client's view and each node's answer is what the database has, nobody is
// a ghost, and no acknowledged write is lost. It returns what was still wrong
// when the time was over, and how long it took.
func (w *crowd) settle(ctx context.Context, limit time.Duration) (wrong []string, took time.Duration) {
	began := time.Now()
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for {
		wrong = w.unsettled(ctx)
		if took = time.Since(began); len(wrong) == 0 || took > limit {
			return wrong, took
		}
		<-again.C
	}
}

func (w *crowd) unsettled(ctx context.Context) []string {
	if wrong := w.missing(); len(wrong) > 0 {
		return wrong
	}
	truth, err := w.cluster.truth(ctx)
	if err != nil {
		return []string{err.Error()}
	}
	all := w.histories()
	wrong := append(checkPresence(all, truth), checkViews(all, truth)...)
	if wrong = append(wrong, checkKept(all, truth)...); len(wrong) > 0 {
		return wrong
	}
	for _, n := range w.cluster.nodes {
		wrong = append(wrong, w.misanswers(ctx, n, shown(all, truth))...)
	}
	return wrong
}

// missing are those who are not connected though they want to be.
func (w *crowd) missing() (wrong []string) {
	for _, c := range w.clients {
		select {
		case <-c.gone:
		default:
			if !c.snapshot().here() {
				wrong = append(wrong, c.user+" does not get a connection")
			}
		}
	}
	return wrong
}

// shown is what a bystander should see.
func shown(all []*history, truth map[string]fact) map[string]fact {
	seen := maps.Clone(truth)
	for _, h := range all {
		if h.face != nil {
			seen[h.user] = *h.face
		}
	}
	return seen
}

// misanswers are where a node's answers differ from what a bystander should see.
func (w *crowd) misanswers(ctx context.Context, n *node, should map[string]fact) (wrong []string) {
	for part := range slices.Chunk(w.users(), 500) {
		answered, err := n.statuses(ctx, part...)
		if err != nil {
			return []string{err.Error()}
		}
		for _, user := range part {
			if got := answered[user].fact(); got != should[user] {
				wrong = append(wrong, fmt.Sprintf("%s answers %v of %s, who has %v", n.name, got, user, should[user]))
			}
		}
	}
	return wrong
}

// statuses are the users' as a bystander sees them at the node.
func (n *node) statuses(ctx context.Context, users ...string) (map[string]status, error) {
	a, err := post(ctx, n.url(), mint("bystander", false), statusOf(users...))
	if err != nil {
		return nil, err
	}
	var result struct{ SuccessUserList []status }
	if err := a.into(&result); err != nil {
		return nil, err
	}
	byID := map[string]status{}
	for _, s := range result.SuccessUserList {
		byID[s.UserID] = s
	}
	return byID, nil
}
