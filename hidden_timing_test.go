package main

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// durations are how long the same took, by the way of whom it was about.
type durations map[way][]time.Duration

// checkOverlap sees that any two overlap in what is left of each without so many
// percent at either end.
func (d durations) checkOverlap(t *testing.T, what string, without int) {
	t.Helper()
	for _, took := range d {
		slices.Sort(took)
	}
	for w, took := range d {
		for other, others := range d {
			if low, high := quantile(took, without), quantile(others, 100-without); low > high {
				t.Errorf("%s: of who %s it takes %v and more, and of who %s %v and less", what, w, low, other, high)
			}
		}
	}
}

func quantile(sorted []time.Duration, percent int) time.Duration {
	return sorted[(len(sorted)-1)*percent/100]
}

// shuffled has do called for the subjects in many rounds, each in an order of
// its own, the same in each run.
func (s *stage) shuffled(many int, do func(*subject)) {
	order := rand.New(rand.NewPCG(1, 2))
	for range many {
		for _, i := range order.Perm(len(s.subjects)) {
			do(s.subjects[i])
		}
	}
}

func TestHowLongAnswersTakeTellsNothingOfWhoHides(t *testing.T) {
	t.Parallel()
	s := newStage(t, []state{text}, ways)
	for _, x := range s.subjects {
		x.leave()
	}
	asker := s.socket(t, stranger)
	queries, subscriptions := durations{}, durations{}
	s.shuffled(rounds(200), func(x *subject) {
		queries[x.way] = append(queries[x.way], timed(func() { asker.do(statusesOf(x.id)) }))
		subscriptions[x.way] = append(subscriptions[x.way], timed(func() { asker.do(subscribeTo(x.id)) }))
		asker.do(`mutation{unsubscribeUserStatus{failureUserList{code}}}`)
	})
	queries.checkOverlap(t, "a query", 25)
	subscriptions.checkOverlap(t, "a subscription", 25)
}

func timed(do func()) time.Duration {
	began := time.Now()
	do()
	return time.Since(began)
}

func TestWhenNewsComeTellsNothingOfWhoHides(t *testing.T) {
	t.Parallel()
	s := newStage(t, []state{text}, ways)
	for _, o := range s.onlookers {
		o.leave()
	}
	e := s.overSocket(subscriber, `subscription{userStatusUpdated(snapshot:true)`+allFields+`}`)
	e.next(t)
	since := durations{}
	s.shuffled(rounds(60), func(x *subject) {
		x.vanishFrom(subscriber)
		f, told := e.awaitType(t, "OFFLINE")
		if told.LastOnlineAt == nil {
			t.Fatalf("%s is told", f.raw)
		}
		since[x.way] = append(since[x.way], f.at.Sub(*told.LastOnlineAt))
		x.appear("web")
		e.awaitType(t, "ONLINE")
	})
	since.checkOverlap(t, "news after lastOnlineAt", 10) // for a timer is up to a millisecond late
}

// awaitType reads up to a status with this type.
func (e *ear) awaitType(t *testing.T, statusType string) (f frame, told status) {
	t.Helper()
	for told.StatusType != statusType {
		f = e.next(t)
		told = status{}
		decode(t, rowsIn(t, f.raw)[0].raw, &told)
	}
	return f, told
}
