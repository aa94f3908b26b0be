package chaos

import (
	"time"
)

// hiddenIn is of how many clients one hides.
const hiddenIn = 20

// hide has some hide from everybody, for the rest of the run. What a bystander
// sees of them then is what all others must see from then on.
func (r *run) hide() {
	r.t.Helper()
	hidden := 0
	for i, c := range r.crowd.clients {
		if i > 0 && r.random.IntN(hiddenIn) > 0 {
			continue // the first one always hides
		}
		hidden++
		n := r.cluster.nodes[i%len(r.cluster.nodes)]
		n.do(r.t, c.user, `mutation{setSelfVisibility(visibility:NOBODY){visibility}}`)
		face := n.status(r.t, c.user).fact()
		c.mu.Lock()
		c.face = &face
		c.mu.Unlock()
	}
	r.t.Logf("%d of %d hide", hidden, len(r.crowd.clients))
	r.check("hiding", 0)
}

// rest lets time go by without a fault: what is told late is not excused. Who
// leaves is back before the check.
func (r *run) rest() {
	r.t.Helper()
	r.crowd.writing.Store(true)
	began := time.Now()
	left := r.someLeave()
	time.Sleep(time.Until(began.Add(grace + tellLimit + slack)))
	r.calm = append(r.calm, calm{began, time.Now()})
	for _, c := range left {
		c.come()
	}
	r.check("a rest", 0)
}
