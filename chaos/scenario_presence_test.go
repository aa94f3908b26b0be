package chaos

import (
	"slices"
	"testing"
	"time"
)

func twoDevices(t *testing.T, n trio) {
	n.known(t, "double")
	watcher := n.c.watcher(t, "double-c", "double")
	phone, desk := n.a.device(t, "double", ""), n.b.device(t, "double", "")
	watcher.untilTold("double", "ONLINE", "")
	_ = phone.Close()
	afterGrace()
	desk.do(setText("still here"))
	noEvent(t, watcher.untilTold("double", "ONLINE", "still here"))
	_ = desk.Close()
	watcher.untilTold("double", "OFFLINE", "still here")
	if got := n.a.status(t, "double"); got.StatusType != "OFFLINE" || got.LastOnlineAt == nil {
		t.Errorf("got %+v of somebody who has gone", got)
	}
}

// afterGrace returns when whoever left before is past their grace.
func afterGrace() { <-time.After(scenarioGrace + time.Second) }

func moveIsNoEvent(t *testing.T, n trio) {
	n.known(t, "mover")
	watcher := n.c.watcher(t, "mover-c", "mover")
	before := n.a.device(t, "mover", "")
	watcher.untilTold("mover", "ONLINE", "")
	_ = before.Close()
	after := n.b.device(t, "mover", "")
	afterGrace()
	after.do(setText("moved"))
	noEvent(t, watcher.untilTold("mover", "ONLINE", "moved"))
}

func logoutEndsGraces(t *testing.T, n trio) {
	n.known(t, "leaver")
	watcher := n.c.watcher(t, "leaver-c", "leaver")
	_ = n.a.device(t, "leaver", "").Close()
	here := n.b.device(t, "leaver", "")
	watcher.untilTold("leaver", "ONLINE", "")
	here.do(`mutation{logout` + fields + `}`)
	here.untilClosed(closeLoggedOut)
	watcher.untilTold("leaver", "UNLOGINED", "")
	afterGrace()
	n.a.do(t, "leaver", setText("for the record"))
	for _, s := range watcher.untilTold("leaver", "UNLOGINED", "for the record") {
		if s.StatusType != "UNLOGINED" {
			t.Errorf("%+v was told of somebody who had logged out", s)
		}
	}
}

func logoutEverywhere(t *testing.T, n trio) {
	n.known(t, "quitter")
	watcher := n.c.watcher(t, "quitter-c", "quitter")
	phone, desk := n.a.device(t, "quitter", ""), n.b.device(t, "quitter", "")
	watcher.untilTold("quitter", "ONLINE", "")
	phone.do(`mutation{logout(allDevices:true)` + fields + `}`)
	phone.untilClosed(closeLoggedOut)
	desk.untilClosed(closeLoggedOut)
	watcher.untilTold("quitter", "UNLOGINED", "")
	n.b.device(t, "quitter", "")
	watcher.untilTold("quitter", "ONLINE", "")
}

func logoutOfOne(t *testing.T, n trio) {
	n.known(t, "half")
	watcher := n.c.watcher(t, "half-c", "half")
	phone, desk := n.a.device(t, "half", ""), n.b.device(t, "half", "")
	watcher.untilTold("half", "ONLINE", "")
	phone.do(`mutation{logout` + fields + `}`)
	phone.untilClosed(closeLoggedOut)
	desk.do(setText("at my desk"))
	noEvent(t, watcher.untilTold("half", "ONLINE", "at my desk"))
}

func platformsOfAll(t *testing.T, n trio) {
	n.a.device(t, "platforms", "web")
	n.b.device(t, "platforms", "ios")
	gone := n.c.device(t, "platforms", "android")
	has := func(want ...string) func() bool {
		return func() bool {
			return !slices.ContainsFunc(n.nodes, func(node *node) bool {
				return !slices.Equal(node.status(t, "platforms").Platforms, want)
			})
		}
	}
	eventually(t, has("android", "ios", "web"))
	_ = gone.Close()
	eventually(t, has("ios", "web"))
}

func idleEverywhere(t *testing.T, n trio) {
	n.known(t, "idler")
	watcher := n.c.watcher(t, "idler-c", "idler")
	phone, desk := n.a.device(t, "idler", ""), n.b.device(t, "idler", "")
	phone.do(`mutation{reportIdle(idle:true)` + fields + `}`)
	if got := n.c.status(t, "idler"); got.Availability != "AVAILABLE" {
		t.Errorf("got %+v of somebody who is at one device", got)
	}
	desk.do(`mutation{reportIdle(idle:true)` + fields + `}`)
	watcher.until(func(s status) bool { return s.UserID == "idler" && s.Availability == "AWAY" })
	phone.do(`mutation{reportIdle(idle:false)` + fields + `}`)
	watcher.until(func(s status) bool { return s.UserID == "idler" && s.Availability == "AVAILABLE" })
}

func availabilityIsTold(t *testing.T, n trio) {
	n.known(t, "busy")
	watcher := n.b.watcher(t, "busy-b", "busy")
	n.a.do(t, "busy", `mutation{setSelfAvailability(availability:BUSY)`+fields+`}`)
	watcher.until(func(s status) bool { return s.UserID == "busy" && s.Availability == "BUSY" })
}
