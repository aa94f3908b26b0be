package chaos

import (
	"testing"
	"time"
)

func TestWhatIsDueByAClockThatWasSetIsDone(t *testing.T) {
	t.Parallel()
	c := newCluster(t, options{nodes: 1, file: true, clock: true})
	n := c.nodes[0]
	n.asAdmin(t, register("alice"))
	watcher := n.watcher(t, "watcher", "alice")
	n.do(t, "alice", setTextUntil("for an hour", time.Now().Add(time.Hour)))
	watcher.untilTold("alice", "UNLOGINED", "for an hour")
	must(t, setClock(n.dir, 2*time.Hour))
	watcher.untilTold("alice", "UNLOGINED", "")
}

func TestANodeIsHeardThoughItsClockIsSetBack(t *testing.T) {
	t.Parallel()
	c := newCluster(t, options{nodes: 2, clock: true})
	a, b := c.nodes[0].current(), c.nodes[1]
	b.toStore.cut()
	defer b.toStore.heal()
	must(t, setClock(b.dir, -time.Hour))
	if a.stderr.await(a.ended, "a node can't reach the database, and is not taken for dead while it is heard") == nil {
		t.Error("it is not heard of: " + a.stderr.text())
	}
}
