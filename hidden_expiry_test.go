package main

import (
	"testing"
	"time"
)

// A text that was to be seen when its user went out of sight expires to all,
// whichever way they went, and gives way to the one before it.
func TestATextExpiresAlikeWhicheverWayItsUserWent(t *testing.T) {
	t.Parallel()
	for lasts := 8 * time.Second; ; lasts *= 2 {
		if lasts > 2*patience {
			t.Fatal("the subjects don't get away before their texts expire")
		}
		if expiresInTime(t, lasts) {
			return
		}
	}
}

// expiresInTime is false if the text was over before all were out of sight.
func expiresInTime(t *testing.T, lasts time.Duration) bool {
	began := time.Now()
	until := began.Add(lasts).UTC().Truncate(time.Millisecond)
	brief := func(name, base string, connected bool) state {
		return state{name, !connected, func(x *subject) {
			if connected {
				x.connect("web")
			}
			x.say(`setSelfStatus(customStatus:"` + base + `"){version}`)
			x.sayUntil("for a while", until)
		}}
	}
	s := newStage(t, []state{brief("over nothing", "", true), brief("over a text", "at home", true), brief("not ONLINE", "at home", false)}, ways)
	for _, x := range s.subjects {
		if x.state.gone {
			x.beginAt(began, anyClock) // whichever way they go, their status stays what it is
			x.vanish()
		} else {
			x.begin(anyClock)
			x.vanish()
			x.told("told")
		}
		s.note("gone", x)
	}
	s.followClock()
	if !time.Now().Before(until) {
		return false
	}
	s.awaitExpiry(until)
	s.noteTogether("after")
	s.compare()
	return true
}

// awaitExpiry notes the news of each ear until it has heard of all subjects.
func (s *stage) awaitExpiry(until time.Time) {
	s.t.Helper()
	for _, x := range s.subjects {
		x.beginAt(until, 0)
	}
	s.eachEar(func(o *onlooker, e *ear) {
		for missing := s.heardBy(o); missing > 0; {
			f := e.next(s.t)
			missing -= len(rowsIn(s.t, f.raw))
			s.noteRows(o.id, "told of the expiry "+e.name, f)
		}
	})
	s.hush("after the texts expired")
}

func (s *stage) heardBy(o *onlooker) (n int) {
	for _, x := range s.subjects {
		if o.hears(x) {
			n++
		}
	}
	return n
}
