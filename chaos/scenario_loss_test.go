package chaos

import (
	"testing"
	"time"
)

func TestALostNodeIsMadeUpForByTheOthers(t *testing.T) {
	t.Parallel()
	n := newTrio(t, false)
	n.known(t, "lost", "rescued", "expiring")
	watcher := n.b.watcher(t, "witness", "lost", "rescued", "expiring")
	expiresAt := time.Now().Add(5 * time.Second)
	n.a.do(t, "expiring", setTextUntil("outlives its node", expiresAt))
	n.a.device(t, "lost", "").do(setText("on a"))
	n.a.device(t, "rescued", "").do(setText("on a"))
	watcher.untilTold("rescued", "ONLINE", "on a")
	n.a.kill()
	killedAt := time.Now()

	rescued := n.c.device(t, "rescued", "")
	var expired, gone bool
	read := watcher.until(func(s status) bool {
		expired = expired || s.UserID == "expiring" && s.CustomStatus == "" && time.Now().After(expiresAt)
		gone = gone || s.UserID == "lost" && s.StatusType == "OFFLINE"
		return expired && gone
	})
	if took := time.Since(killedAt); took < scenarioGrace {
		t.Errorf("OFFLINE came %v after the loss, the grace is %v", took, scenarioGrace)
	}
	rescued.do(setText("on c"))
	read = append(read, watcher.untilTold("rescued", "ONLINE", "on c")...)
	for _, s := range read {
		if s.UserID == "rescued" && s.StatusType != "ONLINE" {
			t.Errorf("%+v was told of somebody who had moved", s)
		}
	}
	if at := n.c.status(t, "lost").LastOnlineAt; at == nil || at.After(killedAt) {
		t.Errorf("last online at %v, the node was killed at %v", at, killedAt)
	}
	must(t, n.a.start())
	if got := n.a.status(t, "rescued"); got.CustomStatus != "on c" || got.StatusType != "ONLINE" {
		t.Errorf("the new node answers %+v", got)
	}
}

func TestANodeThatStopsLeavesItsUsersTheirGrace(t *testing.T) {
	t.Parallel()
	n := newTrio(t, false)
	n.known(t, "mover", "goner")
	watcher := n.b.watcher(t, "witness", "mover", "goner")
	mover, goner := n.a.device(t, "mover", ""), n.a.device(t, "goner", "")
	mover.do(setText("on a"))
	goner.do(setText("on a"))
	watcher.untilTold("goner", "ONLINE", "on a")
	stopped := make(chan error, 1)
	go func() { stopped <- n.a.terminate() }()
	mover.untilClosed(closeGoingAway)
	moved := n.c.device(t, "mover", "")
	must(t, <-stopped)
	read := watcher.until(func(s status) bool { return s.UserID == "goner" && s.StatusType == "OFFLINE" })
	afterGrace()
	moved.do(setText("on c"))
	for _, s := range append(read, watcher.untilTold("mover", "ONLINE", "on c")...) {
		if s.UserID == "mover" && s.StatusType != "ONLINE" {
			t.Errorf("%+v was told of somebody who had moved", s)
		}
	}
}

func TestWithoutTheBusTruthIsTheSameSecondsLater(t *testing.T) {
	t.Parallel()
	n := newTrio(t, false)
	n.known(t, "talker", "late")
	watcher := n.b.watcher(t, "witness", "talker")
	desk := n.b.device(t, "talker", "")
	must(t, n.bus.Stop())
	n.a.do(t, "talker", setText("without a bus"))
	watcher.untilTold("talker", "ONLINE", "without a bus")
	n.c.do(t, "witness", subscribeTo("late"))
	n.a.do(t, "late", setText("here too"))
	watcher.untilTold("late", "UNLOGINED", "here too")
	n.c.do(t, "talker", `mutation{logout(allDevices:true)`+fields+`}`)
	desk.untilClosed(closeLoggedOut)
	watcher.untilTold("talker", "UNLOGINED", "without a bus")
	must(t, n.bus.StartAgain())
	n.a.do(t, "talker", setText("with a bus"))
	watcher.untilTold("talker", "UNLOGINED", "with a bus")
}

func TestWithoutTheDatabaseCallsFailInWordsAndSocketsStay(t *testing.T) {
	t.Parallel()
	n := newTrio(t, false)
	user := n.a.device(t, "talker", "")
	user.do(setText("before"))
	watcher := n.b.watcher(t, "witness", "talker")
	for _, node := range n.nodes {
		node.toStore.cut()
	}
	for _, node := range n.nodes {
		_, err := post(t.Context(), node.url(), mint("talker", false), setText("lost"))
		if !isInternal(err) {
			t.Errorf("a write without the database: %v", err)
		}
	}
	for _, node := range n.nodes {
		node.toStore.heal()
	}
	eventually(t, func() bool {
		_, err := post(t.Context(), n.c.url(), mint("talker", false), setText("after"))
		return err == nil
	})
	noEvent(t, watcher.untilTold("talker", "ONLINE", "after"))
	user.do(setText("on the same socket"))
	noEvent(t, watcher.untilTold("talker", "ONLINE", "on the same socket"))
}
