package webhook

import "time"

const (
	// maxFlying is how many requests are under way at most.
	maxFlying = 32
	// maxFailing is how many failures in a row shut the gate: of as many users, where
	// it may be their events that the receiver does not like.
	maxFailing = 4
	// minProbe and maxProbe are how long it is between two attempts while it is shut.
	minProbe = time.Second
	maxProbe = time.Minute
	// steadyAfter is how long it must have been open for the waits to begin anew.
	steadyAfter = time.Minute
)

// gate says how many requests may be under way. While the receiver as a whole is
// down that is one at a time, after growing waits. It opens at the first that goes
// through, a little more with each one after it.
type gate struct {
	width int
	// failing is whose events failed since the last that went through, unanswered how
	// many had no fault of their own.
	failing    map[string]bool
	unanswered int

	shut bool
	// probeAt is when the next one may start while it is shut, wait after how long.
	probeAt  time.Time
	wait     time.Duration
	openedAt time.Time
}

func newGate() gate { return gate{width: maxFlying, failing: map[string]bool{}} }

// room is how many more may start.
func (g *gate) room(now time.Time, flying int) int {
	switch {
	case !g.shut:
		return max(0, g.width-flying)
	case flying == 0 && !now.Before(g.probeAt):
		return 1
	}
	return 0
}

// failed takes in a failure. Of what may be the event's own fault only failures of
// different users count.
func (g *gate) failed(now time.Time, userID string, f *failure) {
	if g.shut {
		g.probeFailed(now, f.retryAfter)
		return
	}
	if f.down {
		g.unanswered++
		g.width = max(1, g.width/2)
	} else {
		g.failing[userID] = true
	}
	if len(g.failing)+g.unanswered < maxFailing {
		return
	}
	g.shut = true
	if now.Sub(g.openedAt) >= steadyAfter {
		g.wait = minProbe / 2
	}
	g.probeAt = now
	g.probeFailed(now, f.retryAfter)
}

// probeFailed has the next one wait longer. One that was under way already when
// the gate was shut changes nothing.
func (g *gate) probeFailed(now time.Time, retryAfter time.Duration) {
	if !now.Before(g.probeAt) {
		g.wait = min(2*g.wait, maxProbe)
	}
	if at := now.Add(max(g.wait, retryAfter)); at.After(g.probeAt) {
		g.probeAt = at
	}
}

// succeeded is true where the receiver is back: what waits need wait no longer.
func (g *gate) succeeded(now time.Time) (back bool) {
	clear(g.failing)
	g.unanswered = 0
	if !g.shut {
		g.width = min(g.width+1, maxFlying)
		return false
	}
	g.shut, g.width, g.openedAt = false, 1, now
	return true
}
