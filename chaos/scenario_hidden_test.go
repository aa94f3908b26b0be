package chaos

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The ways in which users go out of others' sight; all must look like the first.
var waysOut = []string{"offline", "invisible", "blocking"}

func TestWhoHidesLooksLikeOneWhoWentOfflineOnThreeNodes(t *testing.T) {
	t.Parallel()
	hidingLooksLikeLoss(t, newTrio(t, false))
}

func TestWhoHidesLooksLikeOneWhoWentOfflineOnThreeNodesWithoutANATS(t *testing.T) {
	t.Parallel()
	hidingLooksLikeLoss(t, newTrio(t, true))
}

// sighting is what a device on some node is told of those who hide, who are on
// another.
type sighting struct {
	name string
	*device
	// learnt is by user, each as its lines came.
	learnt map[string][]string
}

func hidingLooksLikeLoss(t *testing.T, n trio) {
	n.a.asAdmin(t, `mutation{updateSettings(friendStatusNotificationEnabled:true){userStatusEnabled}}`)
	n.known(t, append(waysOut, "lit", "acquainted")...)
	n.a.asAdmin(t, addFriends("acquainted", append(waysOut, "lit")...))
	n.a.do(t, "subscribed-to-all", subscribeTo(append(waysOut, "lit")...))
	sightings := []*sighting{
		newSighting(t, n.b, "subscribed-to-all"), newSighting(t, n.c, "subscribed-to-all"),
		newSighting(t, n.b, "acquainted"), newSighting(t, n.c, "acquainted"),
	}
	devices := n.enter(t, sightings)
	followClock(t, n.a.versions(t))

	since := time.Now()
	n.hide(t, devices)
	for _, s := range sightings {
		s.awaitAll(since)
	}
	compareSightings(t, sightings)
	before := n.answers(t)
	for asked, rows := range before {
		for _, user := range waysOut {
			if got, want := numberless(user, rows[user]), numberless("offline", rows["offline"]); got != want {
				t.Errorf("%s, one is answered of who is %s\n%s\nand of who is offline\n%s", asked, user, got, want)
			}
		}
	}

	n.actUnseen(t)
	n.silent(t, sightings)
	for asked, rows := range n.answers(t) {
		if !maps.Equal(rows, before[asked]) {
			t.Errorf("%s, one is answered\n%v\nand was before\n%v", asked, rows, before[asked])
		}
	}
	n.showAgain(t, sightings)
}

func newSighting(t *testing.T, n *node, user string) *sighting {
	t.Helper()
	s := &sighting{name: user + " on " + n.name, device: n.device(t, user, ""), learnt: map[string][]string{}}
	s.watch()
	return s
}

// enter connects those who will hide, for all to see.
func (n trio) enter(t *testing.T, sightings []*sighting) map[string]*device {
	t.Helper()
	devices := map[string]*device{}
	for _, user := range waysOut {
		devices[user] = n.a.device(t, user, "web")
		devices[user].do(setText("at my desk"))
		for _, s := range sightings {
			s.untilTold(user, "ONLINE", "at my desk")
		}
	}
	return devices
}

func addFriends(user string, others ...string) string {
	return `mutation{addFriends(userID:"` + user + `",friendIDList:` + encode(others) + `){failureUserList{code}}}`
}

// hide takes each out of sight in their way.
func (n trio) hide(t *testing.T, devices map[string]*device) {
	t.Helper()
	_ = devices["offline"].Close()
	devices["invisible"].do(`mutation{setSelfVisibility(visibility:NOBODY){visibility}}`)
	devices["blocking"].do(`mutation{blockUsers(userIDList:["subscribed-to-all","acquainted","bystander"]){failureUserList{code}}}`)
}

// versions is the highest version of those who hide.
func (n *node) versions(t *testing.T) (highest int) {
	t.Helper()
	for _, user := range append(waysOut, "lit") {
		highest = max(highest, n.status(t, user).Version)
	}
	return highest
}

// clockVersion is the version that the clock gives.
func clockVersion(at time.Time) int {
	return int(at.Sub(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) / time.Second)
}

// followClock returns once a change makes a version that is the clock's.
func followClock(t *testing.T, highest int) {
	t.Helper()
	eventually(t, func() bool { return clockVersion(time.Now()) > highest+1 })
}

// awaitAll notes the first that is told of each who hides.
func (s *sighting) awaitAll(since time.Time) {
	s.t.Helper()
	for len(s.learnt) < len(waysOut) {
		m, err := s.next()
		must(s.t, err)
		for user, row := range rowsOf(s.t, m.Payload) {
			s.learnt[user] = append(s.learnt[user], comparable(user, row, since))
		}
	}
}

// rowsOf are the users in a payload or an answer, as they came.
func rowsOf(t *testing.T, payload json.RawMessage) map[string]string {
	t.Helper()
	var p struct{ Data map[string]json.RawMessage }
	must(t, json.Unmarshal(payload, &p))
	rows := map[string]string{}
	for _, list := range p.Data {
		var result struct{ SuccessUserList json.RawMessage }
		if json.Unmarshal(list, &result) == nil {
			list = result.SuccessUserList
		}
		var each []json.RawMessage
		must(t, json.Unmarshal(list, &each))
		for _, row := range each {
			var s status
			must(t, json.Unmarshal(row, &s))
			rows[s.UserID] = string(row)
		}
	}
	return rows
}

var (
	versionShown = regexp.MustCompile(`"version":(\d+)`)
	momentShown  = regexp.MustCompile(`"lastOnlineAt":"([^"]*)"`)
)

// comparable is a row without what can't be the same of two users; it says
// where that isn't by the clock.
func comparable(user, row string, since time.Time) string {
	now := time.Now()
	row = strings.ReplaceAll(row, user, "user")
	row = versionShown.ReplaceAllStringFunc(row, func(shown string) string {
		version, err := strconv.Atoi(versionShown.FindStringSubmatch(shown)[1])
		if err != nil || version < clockVersion(since) || version > clockVersion(now) {
			return shown + " off the clock"
		}
		return "version"
	})
	return momentShown.ReplaceAllStringFunc(row, func(shown string) string {
		moment, err := time.Parse(time.RFC3339Nano, momentShown.FindStringSubmatch(shown)[1])
		if err != nil || moment.Before(since.Add(-scenarioGrace-time.Millisecond)) || moment.After(now.Add(-scenarioGrace)) {
			return shown + " off the grace"
		}
		return "lastOnlineAt"
	})
}

func compareSightings(t *testing.T, sightings []*sighting) {
	t.Helper()
	for _, s := range sightings {
		want := s.learnt["offline"]
		if len(want) != 1 || strings.Contains(want[0], " off the ") {
			t.Errorf("%s is told %q of who is offline", s.name, want)
		}
		for _, user := range waysOut {
			if !slices.Equal(s.learnt[user], want) {
				t.Errorf("%s is told %q of who is %s, and %q of who is offline", s.name, s.learnt[user], user, want)
			}
		}
	}
}

// answers is each node's of those who hide, to each who looks, as they come.
func (n trio) answers(t *testing.T) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{}
	for _, node := range n.nodes {
		for _, viewer := range []string{"subscribed-to-all", "acquainted", "bystander"} {
			a := node.do(t, viewer, statusOf(waysOut...))
			all[viewer+" on "+node.name] = rowsOf(t, json.RawMessage(encode(map[string]any{"data": a.Data})))
		}
	}
	return all
}

// numberless is a row without its user, version and moment.
func numberless(user, row string) string {
	row = strings.ReplaceAll(row, user, "user")
	return momentShown.ReplaceAllString(versionShown.ReplaceAllString(row, "version"), "lastOnlineAt")
}

// actUnseen has those who hide do all kinds of things on all nodes.
func (n trio) actUnseen(t *testing.T) {
	t.Helper()
	for _, user := range waysOut[1:] {
		n.b.do(t, user, setText("unseen"))
		n.c.do(t, user, `mutation{setSelfAvailability(availability:BUSY)`+fields+`}`)
		n.b.device(t, user, "ios")
		n.c.device(t, user, "android")
		n.a.do(t, user, `mutation{blockUsers(userIDList:["lit"]){failureUserList{code}}}`)
		n.c.do(t, user, `mutation{unblockUsers(userIDList:["lit"]){failureUserList{code}}}`)
		n.a.asAdmin(t, addFriends(user, "lit"))
		n.b.do(t, user, `mutation{logout`+fields+`}`)
		n.c.device(t, user, "web")
		n.c.do(t, user, setTextUntil("for a moment", time.Now().Add(300*time.Millisecond)))
		eventually(t, func() bool { return n.own(t, user).CustomStatus == "unseen" })
	}
}

// own is the user's status as they see it themselves.
func (n trio) own(t *testing.T, user string) (s status) {
	t.Helper()
	a := n.b.do(t, user, `{self{status`+fields+`}}`)
	var own struct{ Status status }
	must(t, a.into(&own))
	return own.Status
}

// silent checks that what somebody else says next, on each node, is told and
// nothing of those who hide.
func (n trio) silent(t *testing.T, sightings []*sighting) {
	t.Helper()
	for i, node := range n.nodes {
		text := fmt.Sprint("lit on node ", i)
		node.do(t, "lit", setText(text))
		for _, s := range sightings {
			for _, told := range s.until(func(one status) bool { return one.UserID == "lit" && one.CustomStatus == text }) {
				if slices.Contains(waysOut, told.UserID) {
					t.Errorf("%s is told %+v", s.name, told)
				}
			}
		}
	}
}

// showAgain brings those who hide back, by another node, which is the next that
// is told of them.
func (n trio) showAgain(t *testing.T, sightings []*sighting) {
	t.Helper()
	n.b.do(t, "invisible", `mutation{setSelfVisibility(visibility:EVERYONE){visibility}}`)
	n.c.do(t, "blocking", `mutation{unblockUsers{failureUserList{code}}}`)
	for _, s := range sightings {
		for _, user := range waysOut[1:] {
			first := s.untilTold(user, "ONLINE", "unseen")[0]
			if first.CustomStatus != "unseen" || first.Availability != "BUSY" {
				t.Errorf("%s is told %+v before the return", s.name, first)
			}
		}
	}
}
