package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func crowd(n int) (users []string) {
	for i := range n {
		users = append(users, fmt.Sprintf("user-%03d", i))
	}
	return users
}

func TestAChangeIsToldAtOnceAsStandardWebhooksHasIt(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		other := "whsec_" + strings.Repeat("A", 64)
		secret, err := ParseSecret(other)
		if err != nil {
			t.Fatal(err)
		}
		s.options.Secrets = append(s.options.Secrets, secret)
		s.start()
		s.after(100 * time.Millisecond)
		s.change("alice")
		s.after(0)
		all := s.receiver.arrivals()
		if len(all) != 1 {
			t.Fatalf("%d have come", len(all))
		}
		a := all[0]
		verify(t, secretText, a)
		verify(t, other, a)
		at := a.at.UTC().Format(milliseconds)
		want := `{"type":"user_status.changed","timestamp":"` + at + `","data":{"userID":"alice","version":1,"reason":"LOGIN","oldStatusType":"OFFLINE",` +
			`"statusType":"ONLINE","customStatus":"\u003c“hi”\u003e","customStatusExpiresAt":null,"availability":"BUSY"}}`
		if string(a.body) != want {
			t.Errorf("got  %s\nwant %s", a.body, want)
		}
		user, password, _ := (&http.Request{Header: a.header}).BasicAuth()
		if a.header.Get("Content-Type") != "application/json" || a.header.Get("User-Agent") != "userstatus/1.2.3" || user+password != "userhidden" ||
			a.header.Get("webhook-timestamp") != strconv.FormatInt(a.at.Unix(), 10) || !strings.HasPrefix(a.event, "evt_") {
			t.Errorf("got %v", a.header)
		}
		s.after(time.Hour)
		if n := len(s.receiver.arrivals()); n != 1 || s.backlog().Pending != 0 {
			t.Errorf("%d have come, %d wait", n, s.backlog().Pending)
		}
	})
}

func TestEventsOfAUserComeInOrderAndThoseOfOthersBesideThem(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.receiver.answer = func(http.ResponseWriter, arrival) { time.Sleep(100 * time.Millisecond) }
		users := crowd(100)
		for range 5 {
			s.change(users...)
		}
		s.start()
		s.after(5 * time.Second)
		for _, u := range users {
			if got := s.receiver.of(u); !slices.Equal(got, []int{1, 2, 3, 4, 5}) {
				t.Fatalf("of %s came %v", u, got)
			}
		}
		if s.receiver.highest != maxFlying {
			t.Errorf("%d were under way at a time", s.receiver.highest)
		}
	})
}

func TestAnEventThatIsNotTakenHoldsUpItsUserAlone(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		var fail atomic.Bool
		fail.Store(true)
		s.receiver.answer = func(w http.ResponseWriter, a arrival) {
			if a.data.UserID == "poisoned" && fail.Load() {
				w.WriteHeader(500)
			}
		}
		s.change("poisoned")
		s.change("poisoned")
		s.start()
		for range 60 {
			s.change("alice")
			s.after(time.Minute)
		}
		if n := len(s.receiver.of("alice")); n != 60 {
			t.Errorf("%d have come of alice", n)
		}
		if got := s.receiver.of("poisoned"); slices.Contains(got, 2) || len(got) < 6 || len(got) > 8 {
			t.Errorf("of the poisoned came %v in an hour", got)
		}
		fail.Store(false)
		s.after(2 * time.Hour)
		got := slices.Compact(s.receiver.of("poisoned"))
		if !slices.Equal(got, []int{1, 2}) || s.backlog().Pending != 0 {
			t.Errorf("in the end came %v", got)
		}
		ids := map[string]bool{}
		for _, a := range s.receiver.arrivals() {
			if a.data.UserID == "poisoned" && a.data.Version == 1 {
				ids[a.event] = true
			}
		}
		if len(ids) != 1 {
			t.Errorf("one event has come by the IDs %v", ids)
		}
	})
}

// Whoever is away for ten minutes has everything about a minute after.
func TestAReceiverThatComesBackGetsAllThatWaits(t *testing.T) {
	for name, users := range map[string]int{"many users": 200, "one user": 1} {
		t.Run(name, func(t *testing.T) {
			onStage(t, func(t *testing.T, s *stage) {
				s.receiver.set(func() { s.receiver.down = true })
				s.start()
				for range 10 {
					s.change(crowd(users)...)
					s.after(time.Minute)
				}
				s.receiver.set(func() { s.receiver.down = false })
				s.after(65 * time.Second)
				if b := s.backlog(); b.Pending != 0 || b.SetAside != 0 {
					t.Errorf("%+v is left", b)
				}
				for _, u := range crowd(users) {
					if got := s.receiver.of(u); !slices.Equal(got, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}) {
						t.Fatalf("of %s came %v", u, got)
					}
				}
				for _, words := range []string{"does not take webhooks", "takes webhooks again"} {
					if n := strings.Count(s.log.String(), words); n != 1 {
						t.Errorf("the log says %d times %q:\n%s", n, words, s.log)
					}
				}
			})
		})
	}
}

func TestAReceiverThatIsDownIsAskedByOneAtATime(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.receiver.answer = answering(500)
		s.change(crowd(200)...)
		s.start()
		s.after(10 * time.Second)
		early := len(s.receiver.arrivals())
		s.after(time.Hour)
		if n := len(s.receiver.arrivals()) - early; early > maxFlying+8 || n < 55 || n > 65 {
			t.Errorf("asked %d times in 10 s, %d times in the hour after", early, n)
		}
	})
}

func TestWhatIsNotTakenForADayIsSetAsideAndCanBeSentAgain(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.receiver.answer = answering(422)
		s.change("alice")
		s.change("alice")
		s.start()
		s.after(24*time.Hour - 5*time.Second)
		if b := s.backlog(); b.SetAside != 0 || b.Pending != 2 {
			t.Fatalf("%+v after almost a day", b)
		}
		s.after(time.Minute)
		if b := s.backlog(); b.SetAside != 2 || b.Pending != 0 {
			t.Fatalf("%+v after a day", b)
		}
		if got := s.receiver.of("alice"); got[len(got)-1] != 2 || got[len(got)-2] != 1 {
			t.Errorf("came %v: each is to be tried", got)
		}
		if n := strings.Count(s.log.String(), "set aside"); n != 2 {
			t.Errorf("the log says %d times that one was set aside:\n%s", n, s.log)
		}
		s.receiver.set(func() { s.receiver.answer = answering(204) })
		before := len(s.receiver.arrivals())
		if n, err := s.store.Resend(t.Context(), nil, time.Now()); n != 2 || err != nil {
			t.Fatal(n, err)
		}
		s.after(time.Second)
		if got := s.receiver.of("alice")[before:]; !slices.Equal(got, []int{1, 2}) || s.backlog().SetAside != 0 {
			t.Errorf("sent again came %v", got)
		}
	})
}

func TestOnlyA2xxIsSuccess(t *testing.T) {
	for code, taken := range map[int]bool{200: true, 204: true, 299: true, 301: false, 307: false, 400: false, 404: false, 410: false, 500: false, 504: false} {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			onStage(t, func(t *testing.T, s *stage) {
				s.receiver.answer = func(w http.ResponseWriter, _ arrival) {
					w.Header().Set("Location", "/elsewhere")
					w.WriteHeader(code)
				}
				s.change("alice")
				s.start()
				s.after(100 * time.Millisecond)
				if n := len(s.receiver.arrivals()); n != 1 || (s.backlog().Pending == 0) != taken {
					t.Errorf("%d requests, %d wait", n, s.backlog().Pending)
				}
				if gone := strings.Contains(s.log.String(), "no webhooks any more"); gone != (code == 410) {
					t.Errorf("the log says\n%s", s.log)
				}
			})
		})
	}
}

func TestOneWhoAsksToWaitIsNotSentToUntilThen(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.receiver.answer = func(w http.ResponseWriter, _ arrival) {
			w.Header().Set("Retry-After", "600")
			w.WriteHeader(429)
		}
		s.change(crowd(100)...)
		s.start()
		s.after(9 * time.Minute)
		early := len(s.receiver.arrivals())
		s.receiver.set(func() { s.receiver.answer = answering(200) })
		s.after(2 * time.Minute)
		if early > maxFlying || s.backlog().Pending != 0 {
			t.Errorf("%d were sent meanwhile, %d wait after", early, s.backlog().Pending)
		}
	})
}

func TestASlowReceiverHasItsTimeAndNoMore(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.receiver.answer = func(w http.ResponseWriter, a arrival) { time.Sleep(timeout + time.Second) }
		s.change("alice")
		s.start()
		s.after(timeout - time.Second)
		if len(s.receiver.arrivals()) != 1 || strings.Contains(s.log.String(), "does not take") {
			t.Errorf("too early:\n%s", s.log)
		}
		s.after(2 * time.Second)
		if !strings.Contains(s.log.String(), "there was no answer within 15s") {
			t.Errorf("the log says\n%s", s.log)
		}
	})
}

func TestALongAnswerIsNotRead(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.receiver.answer = func(w http.ResponseWriter, _ arrival) {
			for range 1000 {
				if _, err := w.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
			t.Error("all of it was read")
		}
		s.change("alice")
		s.start()
		s.after(time.Second)
		if s.backlog().Pending != 0 {
			t.Error("it was not taken")
		}
	})
}

func TestOnlyTheNodeThatLeadsSends(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		var leads, broken atomic.Bool
		s.options.Lead = func(context.Context) (bool, error) {
			if broken.Load() {
				return false, errors.New("no answer")
			}
			return leads.Load(), nil
		}
		sent := func(what string, want int) {
			t.Helper()
			s.after(pollInterval)
			s.change("alice")
			s.after(leadTime + pollInterval)
			s.change("alice")
			s.after(2 * pollInterval)
			if n := len(s.receiver.arrivals()); n != want {
				t.Errorf("%s: %d have come", what, n)
			}
		}
		s.start()
		sent("another one leads", 0)
		leads.Store(true)
		sent("it leads", 4)
		leads.Store(false)
		sent("another one leads again", 4)
		leads.Store(true)
		sent("it leads again", 8)
		broken.Store(true)
		s.after(leadTime + pollInterval)
		sent("nobody knows", 8)
	})
}

func TestCloseWaitsForWhatIsUnderWayAndCutsItOffThen(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.receiver.answer = func(http.ResponseWriter, arrival) { time.Sleep(3 * time.Second) }
		s.change("alice")
		s.change("alice")
		s.start()
		s.after(time.Second)
		began := time.Now()
		s.sender.Close(t.Context())
		if took := time.Since(began); took != 2*time.Second || s.backlog().Pending != 1 {
			t.Errorf("it took %v, %d wait", took, s.backlog().Pending)
		}
		s.start()
		s.after(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began = time.Now()
		s.sender.Close(ctx)
		if took := time.Since(began); took != time.Second || s.backlog().Pending != 1 {
			t.Errorf("it took %v, %d wait", took, s.backlog().Pending)
		}
		s.sender = nil
		s.after(5 * time.Second)
	})
}

func TestAnObserverHearsWhatBecomesOfEvents(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		var delivered, failed, aside int
		var delay time.Duration
		s.options.GiveUpAfter = 2 * time.Second
		s.options.Observer = Observer{
			Delivered: func(d time.Duration) { delivered++; delay = d },
			Failed:    func() { failed++ }, SetAside: func() { aside++ },
		}
		s.receiver.answer = func(w http.ResponseWriter, a arrival) {
			if a.data.UserID == "poisoned" {
				w.WriteHeader(500)
			}
			time.Sleep(time.Millisecond)
		}
		s.start()
		s.after(time.Second)
		s.change("poisoned", "alice")
		s.after(10 * time.Second)
		if delivered != 1 || delay < time.Millisecond || failed < 2 || aside != 1 {
			t.Errorf("%d delivered after %v, %d failed, %d set aside", delivered, delay, failed, aside)
		}
	})
}
