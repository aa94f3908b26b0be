package main

import (
	"testing"
	"time"
)

// deed is something that a hidden user does, or that is done to them, and that
// shows to nobody who may not see them.
type deed struct {
	name string
	do   func(*subject)
}

var deeds = []deed{
	{"sets a text", says(`setSelfStatus(customStatus:"unseen"){version}`)},
	{"sets the text they were hidden with", says(`setSelfStatus(customStatus:"at lunch"){version}`)},
	{"has a text expire", func(x *subject) {
		x.sayUntil("for a moment", time.Now().Add(200*time.Millisecond))
		x.await(func(s status) bool { return s.CustomStatus != "for a moment" })
	}},
	{"is given a text", func(x *subject) {
		x.s.admin(`setUserStatus(userID:"` + x.id + `",customStatus:"by the backend"){version}`)
	}},
	{"is busy", says(`setSelfAvailability(availability:BUSY){version}`)},
	{"is available", says(`setSelfAvailability(availability:AVAILABLE){version}`)},
	{"loses all connections", func(x *subject) {
		x.connect("web")
		x.lose()
		x.awaitType("OFFLINE")
	}},
	{"comes back", func(x *subject) { x.connect("web") }},
	{"comes by one more device", func(x *subject) { x.connect("ios") }},
	{"is idle", func(x *subject) {
		x.reportIdle(true)
		x.await(func(s status) bool { return s.Availability == "AWAY" })
	}},
	{"is idle no more", func(x *subject) {
		x.reportIdle(false)
		x.await(func(s status) bool { return s.Availability == "AVAILABLE" })
	}},
	{"logs out", func(x *subject) {
		x.say(`logout{version}`)
		x.lose()
	}},
	{"logs in", func(x *subject) { x.connect("android") }},
	{"blocks others", says(`blockUsers(userIDList:["crowd-01","crowd-02"]){failureUserList{code}}`)},
	{"unblocks others", says(`unblockUsers(userIDList:["crowd-01","crowd-02"]){failureUserList{code}}`)},
	{"gets a friend", func(x *subject) { x.s.befriend(x.id, "crowd-03") }},
	{"loses a friend", func(x *subject) { x.s.unfriend(x.id, "crowd-03") }},
	{"has a friend removed", func(x *subject) {
		x.s.admin(`registerUsers(userIDList:["third"]){failureUserList{code}}`)
		x.s.befriend(x.id, "third")
		x.s.admin(`removeUsers(userIDList:["third"]){failureUserList{code}}`)
	}},
	{"subscribes to others", func(x *subject) { x.s.do(mint(x.id), subscribeTo("crowd-04", subscriber)) }},
	{"unsubscribes from all", says(`unsubscribeUserStatus{failureUserList{code}}`)},
	{"hides in another way, too", (*subject).hideTwice},
	{"hides in one way again", (*subject).hideOnce},
	{"gets and loses the subscriber as a friend", func(x *subject) {
		if x.way != hidFromStrangers {
			x.s.befriend(x.id, subscriber)
			x.s.unfriend(x.id, subscriber)
		}
	}},
}

// hideTwice has the subject hide by their visibility, if they only blocked, and
// by a block else.
func (x *subject) hideTwice() {
	switch x.way {
	case blocked:
		x.say(visible("FRIENDS"))
		x.say(visible("NOBODY"))
	case hidFromStrangers:
		x.say(visible("NOBODY"))
		x.block(everybody...)
	default:
		x.block(everybody...)
	}
}

func (x *subject) hideOnce() {
	switch x.way {
	case blocked:
		x.say(visible("EVERYONE"))
	case hidFromStrangers:
		x.say(visible("FRIENDS"))
		x.say(`unblockUsers{failureUserList{code}}`)
	default:
		x.say(`unblockUsers{failureUserList{code}}`)
	}
}

func (x *subject) reportIdle(idle bool) {
	x.s.t.Helper()
	query := `mutation{reportIdle(idle:false){version}}`
	if idle {
		query = `mutation{reportIdle(idle:true){version}}`
	}
	for _, d := range x.devices {
		d.do(query)
	}
}

func (s *stage) befriend(user, other string) {
	s.admin(`addFriends(userID:"` + user + `",friendIDList:["` + other + `"]){failureUserList{code}}`)
}

func (s *stage) unfriend(user, other string) {
	s.admin(`removeFriends(userID:"` + user + `",friendIDList:["` + other + `"]){failureUserList{code}}`)
}

// answers is all that the onlookers are answered about the subjects, as it comes.
func (s *stage) answers() (all []said) {
	s.t.Helper()
	var ids []string
	for _, x := range s.subjects {
		ids = append(ids, x.id)
	}
	for _, o := range s.onlookers {
		all = append(all, said{o.id, s.whole(o.id, "POST", "/graphql", operation(statusesOf(ids...)))})
	}
	return all
}

// checkUnchanged sees that the onlookers are answered what they were before.
func (s *stage) checkUnchanged(before []said, what string) {
	s.t.Helper()
	for i, now := range s.answers() {
		if now != before[i] {
			s.t.Errorf("%s: the %s is answered\n%s\ninstead of\n%s", what, now.by, now.raw, before[i].raw)
		}
	}
}

// doUnseen has all subjects do all deeds, and checks that none makes a sound.
func (s *stage) doUnseen(before []said) {
	s.t.Helper()
	for _, d := range deeds {
		for _, x := range s.subjects {
			d.do(x)
			what := x.state.name + ", " + string(x.way) + ", who " + d.name
			s.hush(what)
			s.checkUnchanged(before, what)
		}
	}
}

func TestWhatOneDoesWhileHiddenMakesNoSound(t *testing.T) {
	t.Parallel()
	s := newStage(t, []state{expiring, loggedOut}, ways[1:])
	for _, x := range s.subjects {
		x.leave()
	}
	before := s.answers()
	s.doUnseen(before)
	s.reopen()
	s.hush("a reconnect")
	s.checkUnchanged(before, "a reconnect")
	s.doUnseen(before)
}

func TestARestartShowsNothingOfWhoHides(t *testing.T) {
	t.Parallel()
	s := newStage(t, []state{expiring, loggedOut}, ways[1:])
	for _, x := range s.subjects {
		x.leave()
		x.connect("web")
	}
	before := s.answers()
	s.kill()
	s.start()
	for _, o := range s.onlookers {
		o.leave()
	}
	s.listen()
	s.checkUnchanged(before, "a crash")
	for _, x := range s.subjects {
		x.lose()
		x.awaitType("OFFLINE")
	}
	s.hush("all hidden users are gone after a crash")
	s.checkUnchanged(before, "all hidden users are gone after a crash")
	s.doUnseen(before)
}
