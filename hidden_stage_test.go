package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// allFields is whatever there is to see of a user.
const allFields = `{userID statusType customStatus customStatusExpiresAt lastOnlineAt platforms availability version __typename}`

// hiddenGrace is short, so that somebody who is lost is soon told to be.
const hiddenGrace = 100 * time.Millisecond

// The onlookers, and the one whom they all see.
const (
	subscriber = "subscriber" // to everybody
	friend     = "friend"     // of those who don't hide from strangers alone; subscribed to nobody
	newcomer   = "newcomer"   // subscribed to everybody, who hears nothing but changes
	stranger   = "stranger"   // who asks
	beacon     = "beacon"
)

var everybody = []string{subscriber, friend, newcomer, stranger}

// stage is a program with subjects and onlookers.
type stage struct {
	t *testing.T
	*program
	database  string
	subjects  []*subject
	onlookers []*onlooker
	// lit is how often the beacon said something.
	lit int
}

func newStage(t *testing.T, states []state, ways []way) *stage {
	t.Helper()
	s := &stage{t: t, database: newDatabase(t)}
	s.start()
	s.admin(`updateSettings(friendStatusNotificationEnabled:true){userStatusEnabled}`)
	s.admin(`registerUsers(userIDList:` + quoted(crowd()) + `){failureUserList{code}}`)
	for i, st := range states {
		for j, w := range ways {
			s.subjects = append(s.subjects, s.subject(fmt.Sprintf("subject-%d%02d", j, i), w, st))
		}
	}
	s.introduce()
	for _, x := range s.subjects {
		x.state.enter(x)
	}
	for _, id := range everybody {
		s.onlookers = append(s.onlookers, &onlooker{s: s, id: id})
	}
	s.listen()
	return s
}

func (s *stage) start() {
	s.program = onSecret(s.t, s.database, "--offline-grace="+hiddenGrace.String(), "--ping-interval=1h")
}

func (s *stage) subject(id string, w way, st state) *subject {
	x := &subject{s: s, id: id, way: w, state: st, seenBy: map[string]*transcript{}}
	for _, o := range everybody {
		x.seenBy[o] = &transcript{of: id}
	}
	return x
}

// introduce makes the subjects known to those who are to hear of them.
func (s *stage) introduce() {
	all, befriended := []string{beacon}, []string{beacon}
	for _, x := range s.subjects {
		all = append(all, x.id)
		if x.way != hidFromStrangers {
			befriended = append(befriended, x.id)
		}
	}
	s.admin(`registerUsers(userIDList:` + quoted(append(all, friend)) + `){failureUserList{code}}`)
	s.admin(`addFriends(userID:"` + friend + `",friendIDList:` + quoted(befriended) + `){failureUserList{code}}`)
	s.do(mint(subscriber), subscribeTo(all...))
	s.do(mint(newcomer), subscribeTo(all...))
}

func (s *stage) admin(mutation string) { s.do(mintAs("admin", true), "mutation{"+mutation+"}") }

// crowd are users who are blocked along with the onlookers.
func crowd() (ids []string) {
	for i := range 96 {
		ids = append(ids, fmt.Sprintf("crowd-%02d", i))
	}
	return ids
}

// listen opens the onlookers' streams, and returns once all of them hear.
func (s *stage) listen() {
	for _, o := range s.onlookers {
		o.listen()
	}
	for _, o := range s.onlookers {
		for _, e := range o.ears {
			s.opened(e)
		}
	}
	text := s.light()
	for _, o := range s.onlookers {
		for _, e := range o.ears {
			e.until(s.t, text)
		}
	}
}

// opened waits for a stream to be open: one without snapshot says so by nothing
// but news. What a snapshot has of subjects is noted.
func (s *stage) opened(e *ear) {
	if e.snapshot {
		s.noteRows(strings.SplitN(e.name, " ", 2)[0], "snapshot", e.next(s.t))
		return
	}
	eventually(s.t, func() bool {
		s.light()
		select {
		case <-e.frames:
			return true
		default:
			return false
		}
	})
}

// light has the beacon say something new, and returns it.
func (s *stage) light() (text string) {
	s.lit++
	text = fmt.Sprintf("lit %d times", s.lit)
	s.do(mint(beacon), setText(text))
	return text
}

// until reads up to a frame with these words.
func (e *ear) until(t *testing.T, words string) {
	t.Helper()
	for !strings.Contains(e.next(t).raw, words) {
	}
}

// hush checks that nobody has been told anything: what the beacon says now is
// what all hear next.
func (s *stage) hush(what string) {
	s.t.Helper()
	text := s.light()
	s.eachEar(func(_ *onlooker, e *ear) {
		f := e.next(s.t)
		if rows := rowsIn(s.t, f.raw); len(rows) == 1 && strings.Contains(f.raw, text) {
			return
		}
		s.t.Errorf("%s: %s hears %s", what, e.name, f.raw)
		if !strings.Contains(f.raw, text) {
			e.until(s.t, text)
		}
	})
}

func (s *stage) eachEar(do func(o *onlooker, e *ear)) {
	for _, o := range s.onlookers {
		for _, e := range o.ears {
			do(o, e)
		}
	}
}

// gather notes of subjects what has been told until now.
func (s *stage) gather(label string) {
	s.t.Helper()
	text := s.light()
	s.eachEar(func(o *onlooker, e *ear) {
		for lit := false; !lit; {
			f := e.next(s.t)
			lit = strings.Contains(f.raw, text)
			s.noteRows(o.id, label+" "+e.name, f)
		}
	})
}

func (s *stage) noteRows(onlooker, label string, f frame) {
	for _, r := range rowsIn(s.t, f.raw) {
		if x := s.find(r.userID); x != nil {
			x.seenBy[onlooker].add(label, r.raw, f.at)
		}
	}
}

func (s *stage) find(id string) *subject {
	for _, x := range s.subjects {
		if x.id == id {
			return x
		}
	}
	return nil
}

// note has all onlookers look at a subject, in each way there is.
func (s *stage) note(label string, x *subject) {
	s.t.Helper()
	for _, o := range s.onlookers {
		for _, answer := range o.ask(statusesOf(x.id)) {
			x.seenBy[o.id].add(label+" "+answer.by, answer.raw, time.Now())
		}
	}
}

// noteTogether has all onlookers look at all subjects at once, among others,
// and checks that they come in the order asked.
func (s *stage) noteTogether(label string) {
	s.t.Helper()
	asked := []string{"nobody", beacon, ""}
	for _, x := range s.subjects {
		asked = append(asked, x.id, "nobody "+x.id)
	}
	for _, o := range s.onlookers {
		for _, query := range []string{statusesOf(asked...), `{subscribedUserStatus` + allFields + `}`} {
			body := s.whole(o.id, http.MethodPost, "/graphql", operation(query))
			s.checkOrder(body)
			s.noteRows(o.id, label, frame{body, time.Now()})
		}
	}
}

// checkOrder is for lists that have the subjects by their IDs or as they were made.
func (s *stage) checkOrder(body string) {
	s.t.Helper()
	var ids, made []string
	for _, r := range rowsIn(s.t, body) {
		if s.find(r.userID) != nil {
			ids = append(ids, r.userID)
		}
	}
	if len(ids) == 0 {
		return
	}
	for _, x := range s.subjects {
		made = append(made, x.id)
	}
	if got := quoted(ids); got != quoted(made) && got != quoted(slices.Sorted(slices.Values(made))) {
		s.t.Errorf("subjects come as %s", got)
	}
}

// followClock returns once a change makes a version that is the clock's.
func (s *stage) followClock() {
	latest := 0
	for _, x := range s.subjects {
		latest = max(latest, x.self().Status.Version)
	}
	eventually(s.t, func() bool { return clockAt(time.Now()) > latest+1 })
}
