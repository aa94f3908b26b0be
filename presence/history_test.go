package presence_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"userstatus/presence"
)

// recent is a user's changes as reason and what they became, the last first.
func (f *fixture) recent(userID string, first int) (lines []string) {
	f.Helper()
	page, err := f.service.History(f.ctx, userID, first, nil)
	f.must(err)
	for _, e := range page.Edges {
		c := e.Node
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s>%s %s %s", c.Reason, c.OldStatusType, c.StatusType, c.Availability, c.CustomStatus)))
	}
	return lines
}

func (f *fixture) expectRecent(userID string, want ...string) {
	f.Helper()
	synctest.Wait()
	if got := f.recent(userID, len(want)); !slices.Equal(got, want) {
		f.Fatalf("%s's last changes are\n  %s\nand not\n  %s", userID, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestEachChangeHasItsReason(t *testing.T) {
	o := presence.Options{OfflineGrace: grace, HistoryTime: time.Hour}
	for _, c := range []struct {
		name string
		do   func(f *fixture, c *presence.Connection)
		want []string
	}{
		{"a first connection", func(*fixture, *presence.Connection) {}, []string{"LOGIN UNLOGINED>ONLINE AVAILABLE", "REGISTERED UNKNOWN>UNLOGINED AVAILABLE"}},
		{"a connection that is closed", func(f *fixture, c *presence.Connection) {
			c.Close()
			time.Sleep(grace + time.Second)
		}, []string{"CONNECTION_LOST ONLINE>OFFLINE AVAILABLE", "LOGIN UNLOGINED>ONLINE AVAILABLE"}},
		{"a connection that gives no sign of life", func(f *fixture, c *presence.Connection) {
			c.TimeOut()
			time.Sleep(grace + time.Second)
		}, []string{"TIMEOUT ONLINE>OFFLINE AVAILABLE"}},
		{"the last connection decides", func(f *fixture, c *presence.Connection) {
			other := f.connect("ann", "ios")
			c.TimeOut()
			other.Close()
			time.Sleep(grace + time.Second)
		}, []string{"CONNECTION_LOST ONLINE>OFFLINE AVAILABLE", "LOGIN UNLOGINED>ONLINE AVAILABLE"}},
		{"a logout", func(f *fixture, c *presence.Connection) {
			_, err := f.service.Logout(presence.WithConnection(f.as("ann"), c), false)
			f.must(err)
		}, []string{"LOGOUT ONLINE>UNLOGINED AVAILABLE"}},
		{"a logout of all devices", func(f *fixture, c *presence.Connection) {
			_, err := f.service.Logout(f.as("ann"), true)
			f.must(err)
		}, []string{"LOGOUT ONLINE>UNLOGINED AVAILABLE", "LOGIN UNLOGINED>ONLINE AVAILABLE"}},
		{"sessions that an admin ends", func(f *fixture, c *presence.Connection) {
			_, err := f.service.EndSessions(f.ctx, []string{"ann"})
			f.must(err)
		}, []string{"SESSIONS_ENDED ONLINE>UNLOGINED AVAILABLE", "LOGIN UNLOGINED>ONLINE AVAILABLE"}},
		{"a custom status and its end", func(f *fixture, c *presence.Connection) {
			until := time.Now().Add(time.Minute)
			_, err := f.service.SetSelfStatus(f.as("ann"), "lunch", &until)
			f.must(err)
			time.Sleep(time.Minute + time.Second)
		}, []string{"EXPIRED ONLINE>ONLINE AVAILABLE", "CUSTOM_STATUS_SET ONLINE>ONLINE AVAILABLE lunch", "LOGIN UNLOGINED>ONLINE AVAILABLE"}},
		{"a custom status set by an admin", func(f *fixture, c *presence.Connection) {
			_, err := f.service.SetUserStatus(f.ctx, "ann", "by the backend", nil)
			f.must(err)
		}, []string{"CUSTOM_STATUS_SET ONLINE>ONLINE AVAILABLE by the backend"}},
		{"an availability", func(f *fixture, c *presence.Connection) {
			_, err := f.service.SetSelfAvailability(f.as("ann"), presence.Busy)
			f.must(err)
		}, []string{"AVAILABILITY_SET ONLINE>ONLINE BUSY", "LOGIN UNLOGINED>ONLINE AVAILABLE"}},
		{"idleness and its end", func(f *fixture, c *presence.Connection) {
			for _, idle := range []bool{true, false} {
				time.Sleep(2 * time.Second)
				_, err := f.service.ReportIdle(presence.WithConnection(f.as("ann"), c), idle)
				f.must(err)
			}
		}, []string{"IDLENESS ONLINE>ONLINE AVAILABLE", "IDLENESS ONLINE>ONLINE AWAY", "LOGIN UNLOGINED>ONLINE AVAILABLE"}},
		{"what changes no status is no change", func(f *fixture, c *presence.Connection) {
			_, err := f.service.SetSelfVisibility(f.as("ann"), presence.Nobody)
			f.must(err)
			_, err = f.service.RegisterUsers(f.ctx, []string{"ann", "ben"})
			f.must(err)
			_, err = f.service.BlockUsers(f.as("ann"), []string{"ben"})
			f.must(err)
			_, err = f.service.AddFriends(f.ctx, "ann", []string{"ben"})
			f.must(err)
			_, err = f.service.SetSelfAvailability(f.as("ann"), presence.Available)
			f.must(err)
		}, []string{"LOGIN UNLOGINED>ONLINE AVAILABLE", "REGISTERED UNKNOWN>UNLOGINED AVAILABLE"}},
		{"who is removed and comes back begins anew", func(f *fixture, c *presence.Connection) {
			_, err := f.service.RemoveUsers(f.ctx, []string{"ann"})
			f.must(err)
			f.must(f.service.Admit(f.as("ann")))
		}, []string{"REGISTERED UNKNOWN>UNLOGINED AVAILABLE"}},
	} {
		inBubble(t, c.name, o, func(f *fixture) {
			c.do(f, f.connect("ann", "web"))
			f.expectRecent("ann", c.want...)
		})
	}
	inBubble(t, "a crash", o, func(f *fixture) {
		f.connect("ann", "web")
		f.close()
		f.start("first")
		time.Sleep(grace + 5*time.Second)
		f.expectRecent("ann", "CONNECTION_LOST ONLINE>OFFLINE AVAILABLE", "LOGIN UNLOGINED>ONLINE AVAILABLE")
	})
}

func TestASecondNodeIsNoLogin(t *testing.T) {
	inPair(t, "but an end of idleness", func(f *fixture, a, b *presence.Service) {
		here, err := a.Connect(f.as("ann"), "web", func(string) {})
		f.must(err)
		time.Sleep(2 * time.Second)
		_, err = a.ReportIdle(presence.WithConnection(f.as("ann"), here), true)
		f.must(err)
		there, err := b.Connect(f.as("ann"), "ios", func(string) {})
		f.must(err)
		there.Close()
		time.Sleep(grace + time.Second)
		f.expectRecent("ann", "IDLENESS ONLINE>ONLINE AWAY", "IDLENESS ONLINE>ONLINE AVAILABLE", "IDLENESS ONLINE>ONLINE AWAY", "LOGIN UNLOGINED>ONLINE AVAILABLE")
	})
}

func TestHistoryComesInPages(t *testing.T) {
	inBubble(t, "each change once, the last first", presence.Options{HistoryTime: time.Hour}, func(f *fixture) {
		for i := range 7 {
			_, err := f.service.SetSelfStatus(f.as("ann"), fmt.Sprint(i), nil)
			f.must(err)
		}
		var all []string
		var after *string
		for range 4 { // six texts and the registration, then the first text's rest
			page, err := f.service.History(f.ctx, "ann", 2, after)
			f.must(err)
			for _, e := range page.Edges {
				all = append(all, e.Node.CustomStatus)
			}
			after = page.PageInfo.EndCursor
			if page.PageInfo.HasNextPage != (len(all) < 8) {
				f.Fatalf("after %d there is more: %v", len(all), page.PageInfo.HasNextPage)
			}
		}
		if got := strings.Join(all, ","); got != "6,5,4,3,2,1,0," {
			f.Fatalf("the pages have %q", got)
		}
		page, err := f.service.History(f.ctx, "ann", 2, after)
		f.must(err)
		if len(page.Edges) != 0 || page.PageInfo.HasNextPage || page.PageInfo.EndCursor != nil {
			f.Fatalf("past the end there is %+v", page)
		}
	})
	inBubble(t, "what is no page is refused", presence.Options{}, func(f *fixture) {
		for _, first := range []int{-1, 0, 501} {
			_, err := f.service.History(f.ctx, "ann", first, nil)
			f.refused(err, presence.BadUserInput, "500")
			_, err = f.service.Users(f.ctx, "", first, nil)
			f.refused(err, presence.BadUserInput, "500")
			_, err = f.service.Related(f.ctx, presence.FriendsOf, "ann", first, nil)
			f.refused(err, presence.BadUserInput, "500")
			_, err = f.service.WebhooksAside(f.ctx, first, nil)
			f.refused(err, presence.BadUserInput, "500")
		}
		for _, after := range []string{"", "x", "-1", "99999999999999999999"} {
			_, err := f.service.History(f.ctx, "ann", 1, &after)
			f.refused(err, presence.BadUserInput, "cursor")
		}
	})
}

func TestHistoryIsForgottenInTime(t *testing.T) {
	inBubble(t, "a change that is older than the history", presence.Options{HistoryTime: time.Hour}, func(f *fixture) {
		_, err := f.service.SetSelfStatus(f.as("ann"), "early", nil)
		f.must(err)
		time.Sleep(40 * time.Minute)
		_, err = f.service.SetSelfStatus(f.as("ann"), "late", nil)
		f.must(err)
		time.Sleep(19 * time.Minute)
		f.expectRecent("ann", "CUSTOM_STATUS_SET UNLOGINED>UNLOGINED AVAILABLE late", "CUSTOM_STATUS_SET UNLOGINED>UNLOGINED AVAILABLE early", "REGISTERED UNKNOWN>UNLOGINED AVAILABLE")
		time.Sleep(3 * time.Minute)
		if got := f.recent("ann", 10); len(got) != 1 || !strings.HasSuffix(got[0], "late") {
			f.Fatalf("an hour later there is %q", got)
		}
	})
	inBubble(t, "all of it, once it is switched off", presence.Options{HistoryTime: time.Hour}, func(f *fixture) {
		for range 3 {
			_, err := f.service.SetSelfStatus(f.as("ann"), "x", nil)
			f.must(err)
		}
		f.close()
		f.options.HistoryTime = 0
		f.start("first")
		time.Sleep(2 * time.Minute)
		if got := f.recent("ann", 10); len(got) != 0 {
			f.Fatalf("there is still %q", got)
		}
	})
}

func TestTheOperatorSeesAllOfAUser(t *testing.T) {
	inPair(t, "wherever they are, and though they hide", func(f *fixture, a, b *presence.Service) {
		_, err := a.RegisterUsers(f.ctx, []string{"ann"})
		f.must(err)
		time.Sleep(time.Minute)
		came := time.Now()
		for _, c := range []struct {
			at       *presence.Service
			platform string
		}{{a, "web"}, {a, "ios"}, {b, "android"}} {
			_, err := c.at.Connect(f.as("ann"), c.platform, func(string) {})
			f.must(err)
		}
		time.Sleep(3 * time.Second) // for nodes to know each other's platforms
		_, err = a.SetSelfVisibility(f.as("ann"), presence.Nobody)
		f.must(err)
		_, err = a.SetSelfStatus(f.as("ann"), "later", nil)
		f.must(err)
		d, err := b.UserDetails(f.ctx, "ann")
		f.must(err)
		if d.Status.StatusType != presence.Online || d.Visibility != presence.Nobody || d.StatusSince == nil || !d.StatusSince.Equal(came.Truncate(time.Millisecond)) {
			f.Fatalf("the details are %+v of %+v", d, d.Status)
		}
		if len(d.Sessions) != 2 || fmt.Sprint(*d.Sessions[0], *d.Sessions[1]) != "{first [ios web] false} {second [android] false}" {
			f.Fatalf("the sessions are %+v %+v", *d.Sessions[0], *d.Sessions[1])
		}
	})
	inBubble(t, "but nobody who isn't there", presence.Options{}, func(f *fixture) {
		_, err := f.service.UserDetails(f.ctx, "nobody")
		f.refused(err, presence.BadUserInput, "no such user")
	})
}

func TestAnAdminEndsSessions(t *testing.T) {
	inPair(t, "on every node", func(f *fixture, a, b *presence.Service) {
		ended := map[string]string{}
		for name, s := range map[string]*presence.Service{"here": a, "there": b} {
			_, err := s.Connect(f.as("ann"), "web", func(reason string) { ended[name] = reason })
			f.must(err)
		}
		result, err := a.EndSessions(f.ctx, []string{"ann", "nobody", ""})
		f.must(err)
		synctest.Wait()
		if len(ended) != 2 || !strings.Contains(ended["here"], "admin") {
			f.Fatalf("ended are %v", ended)
		}
		if fails := result.FailureUserList; len(fails) != 2 || fails[0].Code != presence.NoSuchUser || fails[1].Code != presence.InvalidUserID {
			f.Fatalf("the failures are %+v", fails)
		}
		time.Sleep(2 * grace)
		f.expectRecent("ann", "SESSIONS_ENDED ONLINE>UNLOGINED AVAILABLE", "LOGIN UNLOGINED>ONLINE AVAILABLE")
		if u, err := f.store.User(context.Background(), "nobody"); err != nil || u.Exists {
			f.Fatalf("nobody is %+v, %v", u, err)
		}
	})
	inBubble(t, "also those in their grace", presence.Options{OfflineGrace: grace}, func(f *fixture) {
		f.connect("ann", "web").Close()
		_, err := f.service.EndSessions(f.ctx, []string{"ann"})
		f.must(err)
		f.expect("ann", presence.Unlogined)
	})
}
