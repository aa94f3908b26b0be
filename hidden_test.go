package main

import (
	"testing"
	"time"
)

// state is how a subject is when they go out of sight.
type state struct {
	name string
	// gone is true of who isn't ONLINE, so that going changes nothing to be seen.
	gone  bool
	enter func(*subject)
}

// later is when texts expire that don't within a test.
var later = time.Now().Add(time.Hour).UTC().Truncate(time.Second)

var (
	plain = state{"online", false, func(x *subject) { x.connect("web") }}
	text  = state{"online with a text", false, func(x *subject) {
		x.connect("web")
		x.say(`setSelfStatus(customStatus:"at my desk"){version}`)
	}}
	expiring = state{"online with a text that expires", false, func(x *subject) {
		x.connect("web")
		x.say(`setSelfStatus(customStatus:"at my desk"){version}`)
		x.sayUntil("at lunch", later)
	}}
	busy = state{"busy", false, func(x *subject) {
		x.connect("web")
		x.say(`setSelfAvailability(availability:BUSY){version}`)
		x.say(`setSelfStatus(customStatus:"at work"){version}`)
	}}
	away = state{"away by their word", false, func(x *subject) {
		x.connect("web")
		x.say(`setSelfAvailability(availability:AWAY){version}`)
	}}
	idle = state{"away by idleness", false, func(x *subject) {
		x.connect("web")
		x.devices[0].do(`mutation{reportIdle(idle:true){version}}`)
		x.await(func(s status) bool { return s.Availability == "AWAY" })
	}}
	twoDevices = state{"on two devices", false, func(x *subject) {
		x.connect("web")
		x.connect("ios")
	}}
	noPlatform = state{"online on no platform", false, func(x *subject) { x.connect("") }}
	offline    = state{"offline before", true, func(x *subject) {
		x.connect("web")
		x.say(`setSelfStatus(customStatus:"back soon"){version}`)
		x.lose()
		x.awaitType("OFFLINE")
	}}
	loggedOut = state{"logged out before", true, func(x *subject) {
		x.connect("web")
		x.say(`setSelfAvailability(availability:BUSY){version}`)
		x.sayUntil("on leave", later)
		x.say(`logout{version}`)
		x.lose()
	}}
	neverThere = state{"never connected", true, func(*subject) {}}
)

// compare sees that what each onlooker learnt of who hid is what they learnt of
// who went offline, and that this can be.
func (s *stage) compare() {
	s.t.Helper()
	model := map[string]*subject{}
	for _, x := range s.subjects {
		if x.way == wentOffline {
			model[x.state.name] = x
		}
	}
	for _, x := range s.subjects {
		for _, o := range s.onlookers {
			if o.id == friend && !o.hears(x) {
				continue
			}
			x.compare(o, model[x.state.name])
		}
	}
}

func (x *subject) compare(o *onlooker, model *subject) {
	x.s.t.Helper()
	got := x.seenBy[o.id]
	for _, wrong := range got.wrong {
		x.s.t.Errorf("%s, %s, to the %s: %s", x.state.name, x.way, o.id, wrong)
	}
	if difference := got.differs(model.seenBy[o.id]); difference != "" {
		x.s.t.Errorf("%s, %s, to the %s: %s", x.state.name, x.way, o.id, difference)
	}
}

func TestWhoHidesLooksLikeOneWhoWentOffline(t *testing.T) {
	t.Parallel()
	s := newStage(t, []state{plain, text, expiring, busy, away, idle, twoDevices, noPlatform, offline, loggedOut, neverThere}, ways)
	s.noteTogether("before")
	s.followClock()
	for _, x := range s.subjects {
		x.leave()
	}
	s.noteTogether("after")
	s.reopen()
	s.noteTogether("after a reconnect")
	s.compare()
}

// leave has a subject vanish, and notes what there is to see of it.
func (x *subject) leave() {
	x.s.t.Helper()
	x.s.note("before", x)
	x.begin(0)
	x.vanish()
	if !x.state.gone {
		x.told("told")
	}
	x.s.hush(x.id + " who " + string(x.way) + ", after the first news")
	x.s.note("after", x)
}

// reopen has all onlookers come back.
func (s *stage) reopen() {
	for _, o := range s.onlookers {
		o.leave()
	}
	s.listen()
}

func TestWhoShowsThemselvesLooksLikeOneWhoCameBack(t *testing.T) {
	t.Parallel()
	s := newStage(t, []state{plain, text, expiring, busy, away, noPlatform}, ways)
	s.followClock()
	platform := map[*subject]string{}
	for _, x := range s.subjects {
		platform[x] = x.platforms[0]
		x.leave()
	}
	s.followClock()
	for _, x := range s.subjects {
		x.begin(0)
		x.appear(platform[x])
		x.told("told of the return")
		s.hush(x.id + " who came back, after the first news")
		s.note("back", x)
	}
	s.compare()
}
