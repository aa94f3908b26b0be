package main

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// call is something that an onlooker asks for about a subject.
type call struct {
	name  string
	query func(id string) string
}

func listing(field, rest string) func(string) string {
	return func(id string) string {
		return `mutation{` + field + `(userIDList:["` + id + `"])` + rest + `}`
	}
}

const (
	failures   = `{failureUserList{userID code message}}`
	subscribed = `{successUserList` + allFields + ` failureUserList{userID code message}}`
)

var calls = []call{
	{"ask among others", func(id string) string { return statusesOf("", "nobody", id, "nobody else", id, "not\na user") }},
	{"subscribe", listing("subscribeUserStatus", subscribed)},
	{"subscribe again", listing("subscribeUserStatus", subscribed)},
	{"unsubscribe", listing("unsubscribeUserStatus", failures)},
	{"unsubscribe again", listing("unsubscribeUserStatus", failures)},
	{"subscribe anew", listing("subscribeUserStatus", subscribed)},
	{"block", listing("blockUsers", failures)},
	{"unblock", listing("unblockUsers", failures)},
	{"unblock again", listing("unblockUsers", failures)},
	{"ask for too many", func(id string) string { return statusesOf(numberedIDs(id, "other-", 500)...) }},
	{"subscribe to too many", func(id string) string { return subscribeTo(numberedIDs(id, "other-", 100)...) }},
	{"set their text", func(id string) string {
		return `mutation{setUserStatus(userID:"` + id + `",customStatus:"x"){version}}`
	}},
	{"befriend them", func(id string) string {
		return `mutation{addFriends(userID:"` + stranger + `",friendIDList:["` + id + `"])` + failures + `}`
	}},
}

// numberedIDs are an ID and n others.
func numberedIDs(first, others string, n int) []string {
	ids := []string{first}
	for i := range n {
		ids = append(ids, fmt.Sprint(others, i))
	}
	return ids
}

// try has a user make a call about each subject, and notes the answer and what
// is told.
func (s *stage) try(user, label string, query func(id string) string) {
	s.t.Helper()
	for _, x := range s.subjects {
		s.tryOn(x, user, label, query)
	}
}

func (s *stage) tryOn(x *subject, user, label string, query func(id string) string) {
	s.t.Helper()
	s.ask(x, user, label, query)
	s.gather("after " + user + ": " + label)
}

func (s *stage) ask(x *subject, user, label string, query func(id string) string) {
	s.t.Helper()
	raw := s.whole(user, http.MethodPost, "/graphql", operation(query(x.id)))
	x.seenBy[user].add(user+": "+label, raw, time.Now())
}

// twoOfEach are subjects of whom going is seen, and of whom it is not.
func twoOfEach(t *testing.T, ways ...way) *stage {
	t.Helper()
	s := newStage(t, []state{expiring, offline}, ways)
	s.followClock()
	for _, x := range s.subjects {
		x.leave()
	}
	return s
}

func TestCallsAboutWhoHidesAreAnsweredAsAboutWhoWentOffline(t *testing.T) {
	t.Parallel()
	s := twoOfEach(t, ways...)
	for _, user := range []string{subscriber, friend, stranger, newcomer} {
		for _, c := range calls {
			if user != friend || c.name != "befriend them" {
				s.try(user, c.name, c.query)
			}
		}
	}
	s.compare()
}

func TestAFullListAnswersAlikeAboutWhoHides(t *testing.T) {
	t.Parallel()
	s := twoOfEach(t, ways...)
	const full, perCall = 1000, 100
	for i := range full / perCall {
		ids := numberedIDs(fmt.Sprint("first-of-", i), fmt.Sprint("filler-", i, "-"), perCall-1)
		s.admin(`registerUsers(userIDList:` + quoted(ids) + `)` + failures)
		s.do(mint(stranger), subscribeTo(ids...))
	}
	s.try(stranger, "subscribe to one too many", listing("subscribeUserStatus", subscribed))
	s.do(mint(stranger), `mutation{unsubscribeUserStatus(userIDList:["first-of-0"])`+failures+`}`)
	for _, x := range s.subjects {
		s.tryOn(x, stranger, "subscribe to the last that goes", listing("subscribeUserStatus", subscribed))
		s.tryOn(x, stranger, "give it up", listing("unsubscribeUserStatus", failures))
	}
	s.compare()
}

func TestSwitchesShowNothingOfWhoHides(t *testing.T) {
	t.Parallel()
	s := twoOfEach(t, ways...)
	s.admin(`updateSettings(userStatusEnabled:false){userStatusEnabled}`)
	for _, c := range calls[:4] {
		for _, x := range s.subjects {
			s.ask(x, stranger, c.name+" while it is off", c.query)
		}
	}
	s.admin(`updateSettings(userStatusEnabled:true){userStatusEnabled}`)
	s.gather("seeing others is on again")
	s.admin(`updateSettings(friendStatusNotificationEnabled:false){userStatusEnabled}`)
	s.admin(`updateSettings(friendStatusNotificationEnabled:true){userStatusEnabled}`)
	s.gather("friends hear again")
	s.compare()
}

func TestFriendsComeAndGoAlikeWhoeverHides(t *testing.T) {
	t.Parallel()
	s := twoOfEach(t, wentOffline, hidFromAll, blocked)
	for _, x := range s.subjects {
		s.unfriend(x.id, friend)
		s.gather("a friend no more")
		s.note("a friend no more", x)
		s.befriend(x.id, friend)
		s.gather("a friend again")
		s.note("a friend again", x)
	}
	s.compare()
}

func TestWhoIsRemovedGoesAlikeWhoeverHides(t *testing.T) {
	t.Parallel()
	s := twoOfEach(t, ways...)
	s.followClock()
	for _, x := range s.subjects {
		x.begin(anyClock)
		s.admin(`removeUsers(userIDList:["` + x.id + `"])` + failures)
		s.gather("removed")
		s.note("removed", x)
		s.admin(`registerUsers(userIDList:["` + x.id + `"])` + failures)
		s.gather("there anew")
		s.note("there anew", x)
	}
	s.compare()
}
