package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	crashRounds  = 20
	crashWriters = 16
	crashTargets = 100
)

func TestWhatIsAcknowledgedSurvivesKillAndNobodyStaysOnline(t *testing.T) {
	t.Parallel()
	c := &crashes{t: t, database: newDatabase(t)}
	for i := range crashWriters {
		c.writers = append(c.writers, &crashWriter{id: fmt.Sprint("writer-", i), availability: [2]string{"AVAILABLE", "AVAILABLE"}})
	}
	for round := range rounds(crashRounds) {
		c.round(round)
	}
}

// crashes is a database, and what was acknowledged of it.
type crashes struct {
	t        *testing.T
	database string
	writers  []*crashWriter
	// ghost was connected when the program was killed, and does not come back.
	ghost    status
	began    time.Time
	killedAt time.Time
}

func (c *crashes) round(round int) {
	c.t.Helper()
	began := time.Now()
	p := onSecret(c.t, c.database, "--offline-grace=100ms", "--max-subscriptions=0")
	if round > 0 {
		c.checkGhost(p)
		c.checkWriters(p)
	}
	targets := c.registerTargets(p, round)
	c.began, c.ghost = began, c.haunt(p, round)
	c.writeAndKill(p, targets)
}

func (c *crashes) registerTargets(p *program, round int) (targets []string) {
	c.t.Helper()
	for i := range crashTargets {
		targets = append(targets, fmt.Sprintf("target-%d-%d", round, i))
	}
	p.do(mintAs("backend", true), register(targets...))
	return targets
}

// haunt connects somebody whom the judge watches.
func (c *crashes) haunt(p *program, round int) status {
	c.t.Helper()
	id := fmt.Sprint("ghost-", round)
	p.socket(c.t, id)
	ghost := p.found(p.do(mint("judge"), subscribeTo(id)).Data["subscribeUserStatus"])[id]
	if ghost.StatusType != "ONLINE" || ghost.LastOnlineAt != nil {
		c.t.Fatalf("got %+v of somebody who is connected", ghost)
	}
	return ghost
}

// checkGhost waits until the one who did not come back is OFFLINE.
func (c *crashes) checkGhost(p *program) {
	c.t.Helper()
	judge := p.socket(c.t, "judge")
	defer func() { _ = judge.Close() }()
	judge.watch()
	last := c.ghost.Version
	var offline status
	judge.until(func(s status) bool {
		if s.UserID == c.ghost.UserID && s.Version < last {
			c.t.Errorf("version %d of %s came after %d", s.Version, s.UserID, last)
		}
		offline = s
		return s.UserID == c.ghost.UserID && s.StatusType == "OFFLINE"
	})
	at := offline.LastOnlineAt
	if at == nil || at.Before(c.began.Truncate(time.Millisecond)) || at.After(c.killedAt) {
		c.t.Errorf("last online at %v: it ran from %v to %v", at, c.began, c.killedAt)
	}
}

// checkWriters sees that each is gone, and that all they were told is true.
func (c *crashes) checkWriters(p *program) {
	c.t.Helper()
	var ids []string
	for _, w := range c.writers {
		ids = append(ids, w.id)
	}
	kept := p.statuses(ids...)
	for _, w := range c.writers {
		w.check(c.t, kept[w.id])
		watched := p.watched(w.id)
		for _, id := range w.watched {
			if !slices.Contains(watched, id) {
				c.t.Errorf("%s was told of subscribing to %s, and does not", w.id, id)
			}
		}
		w.watched = nil
	}
}

// writeAndKill has all write at once, and kills the program between two of
// their writes.
func (c *crashes) writeAndKill(p *program, targets []string) {
	c.t.Helper()
	var acknowledged atomic.Int64
	enough := make(chan struct{})
	after := int64(1 + rand.IntN(300))
	var writing sync.WaitGroup
	for _, w := range c.writers {
		s := p.socket(c.t, w.id)
		writing.Go(func() {
			for w.write(c.t, s, targets) {
				if acknowledged.Add(1) == after {
					close(enough)
				}
			}
		})
	}
	select {
	case <-enough:
	case <-time.After(patience):
		c.t.Error("the writers do not get on")
	}
	p.kill()
	c.killedAt = time.Now()
	writing.Wait()
}

// crashWriter is somebody who changes themselves until they are cut off. Of
// each pair the first was acknowledged, and the second may have come through.
type crashWriter struct {
	id           string
	step         int
	text         [2]int
	availability [2]string
	watched      []string
	version      int
}

// write makes one change, and is false when the socket ended.
func (w *crashWriter) write(t *testing.T, s *socket, targets []string) bool {
	w.step++
	target := targets[w.step%len(targets)]
	var query string
	switch w.step % 3 {
	case 0:
		w.text[1]++
		query = setText(strconv.Itoa(w.text[1]))
	case 1:
		w.availability[1] = []string{"AVAILABLE", "AWAY", "BUSY"}[rand.IntN(3)]
		query = `mutation{setSelfAvailability(availability:` + w.availability[1] + `)` + fields + `}`
	case 2:
		query = subscribeTo(target)
	}
	a, err := s.call(query)
	if err != nil {
		return false
	}
	if err := a.err(); err != nil {
		t.Errorf("%s: %v", query, err)
		return false
	}
	w.text[0], w.availability[0] = w.text[1], w.availability[1]
	if w.step%3 == 2 {
		w.watched = append(w.watched, target)
	}
	w.version = max(w.version, versionIn(a))
	return true
}

// check compares what was kept with what was acknowledged.
func (w *crashWriter) check(t *testing.T, kept status) {
	t.Helper()
	text, _ := strconv.Atoi(kept.CustomStatus)
	if !slices.Contains(w.text[:], text) || !slices.Contains(w.availability[:], kept.Availability) {
		t.Errorf("%+v is left of text %d and availability %q", kept, w.text, w.availability)
	}
	if kept.Version < w.version {
		t.Errorf("%s fell from version %d to %d", w.id, w.version, kept.Version)
	}
	if kept.StatusType != "OFFLINE" || kept.LastOnlineAt == nil {
		t.Errorf("%+v is of somebody who has gone", kept)
	}
	w.text, w.availability = [2]int{text, text}, [2]string{kept.Availability, kept.Availability}
	w.version = kept.Version
}

func TestWhoComesBackWithinTheGraceIsNoEvent(t *testing.T) {
	t.Parallel()
	database := newDatabase(t)
	p := onSecret(t, database)
	p.socket(t, "a-returner").do(setText("here"))
	p.socket(t, "ghost")
	p.do(mint("watcher"), subscribeTo("a-returner", "ghost"))
	before := p.statuses("a-returner")["a-returner"]
	p.kill()

	p = onSecret(t, database, "--offline-grace=4s")
	returner := p.socket(t, "a-returner")
	watcher := p.socket(t, "watcher")
	watcher.watch()
	// The sessions that were left behind end together, in the order of IDs.
	read := watcher.until(func(s status) bool { return s.UserID == "ghost" && s.StatusType == "OFFLINE" })
	returner.do(setText("still here"))
	read = append(read, watcher.until(func(s status) bool { return s.CustomStatus == "still here" })...)
	read = slices.DeleteFunc(read, func(s status) bool { return s.UserID != "a-returner" })
	if len(read) != 2 || read[0] != before || read[1].StatusType != "ONLINE" || read[1].Version <= before.Version {
		t.Errorf("the watcher was told %+v, want %+v and then the new text", read, before)
	}
}

func TestAfterACrashOneWasLastOnlineAtTheLastBeat(t *testing.T) {
	t.Parallel()
	database := newDatabase(t)
	p := onSecret(t, database)
	p.socket(t, "alice")
	first := lastBeat(t, database)
	var last time.Time
	eventually(t, func() bool {
		last = lastBeat(t, database)
		return last.After(first)
	})
	p.kill()
	killedAt := time.Now()

	p = onSecret(t, database, "--offline-grace=0s")
	var alice status
	eventually(t, func() bool {
		alice = p.statuses("alice")["alice"]
		return alice.StatusType == "OFFLINE"
	})
	if at := alice.LastOnlineAt; at == nil || at.Before(last) || at.After(killedAt) {
		t.Errorf("last online at %v, with the last beat at %v", at, last)
	}
}

func TestATextThatExpiredMeanwhileIsClearedAtTheStart(t *testing.T) {
	t.Parallel()
	database := newDatabase(t)
	p := onSecret(t, database)
	expiresAt := time.Now().Add(time.Second)
	p.do(mint("alice"), setTextUntil("lunch", expiresAt))
	p.do(mint("bob"), setTextUntil("holiday", expiresAt.Add(time.Hour)))
	p.do(mint("watcher"), subscribeTo("alice", "bob"))
	before := p.statuses("alice")["alice"]
	p.kill()
	<-time.After(time.Until(expiresAt))

	p = onSecret(t, database)
	watcher := p.socket(t, "watcher")
	watcher.watch()
	read := watcher.until(func(s status) bool { return s.UserID == "alice" && s.CustomStatus == "" })
	if cleared := read[len(read)-1]; cleared.Version <= before.Version {
		t.Errorf("cleared with %+v, it was %+v", cleared, before)
	}
	if kept := p.statuses("bob")["bob"]; kept.CustomStatus != "holiday" {
		t.Errorf("%+v is left of a text that has not expired", kept)
	}
}
