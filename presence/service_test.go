package presence_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"userstatus/presence"
)

// inBubble runs a test on a clock of its own, with a service on a real store.
func inBubble(t *testing.T, name string, o presence.Options, run func(*fixture)) {
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t, o)
			defer func() { f.close() }()
			run(f)
		})
	})
}

func (f *fixture) connect(userID, platform string) *presence.Connection {
	f.Helper()
	c, err := f.service.Connect(f.as(userID), platform, func(string) {})
	f.must(err)
	return c
}

func (f *fixture) expect(userID string, statusType presence.StatusType) *presence.UserStatus {
	f.Helper()
	got := f.look("watcher", userID)
	if got.StatusType != statusType {
		f.Fatalf("%s is %s, not %s", userID, got.StatusType, statusType)
	}
	return got
}

// refused asserts that a call ended in an error of that code whose message has all of words.
func (f *fixture) refused(err error, code presence.Code, words ...string) {
	f.Helper()
	shown, ok := presence.AsError(err)
	if !ok || shown.Code != code {
		f.Fatalf("the error is %v, not one of %s", err, code)
	}
	for _, word := range words {
		if !strings.Contains(shown.Message, word) {
			f.Fatalf("the error %q does not say %q", shown.Message, word)
		}
	}
}

func TestPresenceFollowsConnections(t *testing.T) {
	o := presence.Options{OfflineGrace: grace}
	inBubble(t, "ONLINE with the first, OFFLINE a grace after the last", o, func(f *fixture) {
		phone, laptop := f.connect("ann", "ios"), f.connect("ann", "web")
		if got := f.expect("ann", presence.Online).Platforms; strings.Join(got, " ") != "ios web" {
			f.Fatalf("the platforms are %v", got)
		}
		phone.Close()
		time.Sleep(2 * grace)
		f.expect("ann", presence.Online)
		left := time.Now()
		laptop.Close()
		time.Sleep(grace - time.Millisecond)
		f.expect("ann", presence.Online)
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if at := f.expect("ann", presence.Offline).LastOnlineAt; at == nil || !at.Equal(left.Truncate(time.Millisecond)) {
			f.Fatalf("lastOnlineAt is %v, the connection ended at %v", at, left)
		}
	})
	inBubble(t, "a reload within the grace is no event", o, func(f *fixture) {
		tab := f.connect("ann", "web")
		before := f.expect("ann", presence.Online)
		for range 3 {
			tab.Close()
			time.Sleep(grace - time.Second)
			tab = f.connect("ann", "web")
		}
		time.Sleep(2 * grace)
		if after := f.expect("ann", presence.Online); after.Version != before.Version {
			f.Fatalf("the version went from %d to %d", before.Version, after.Version)
		}
	})
	inBubble(t, "closing twice counts once", o, func(f *fixture) {
		phone := f.connect("ann", "")
		f.connect("ann", "")
		phone.Close()
		phone.Close()
		time.Sleep(2 * grace)
		f.expect("ann", presence.Online)
	})
	inBubble(t, "one over the limit is refused, and the others stay", presence.Options{OfflineGrace: grace, MaxConnectionsPerUser: 2}, func(f *fixture) {
		first := f.connect("ann", "")
		f.connect("ann", "")
		if _, err := f.service.Connect(f.as("ann"), "", nil); !errors.Is(err, presence.ErrTooManyConnections) {
			f.Fatalf("the third is answered %v", err)
		}
		first.Close()
		f.connect("ann", "")
	})
}

func TestLogout(t *testing.T) {
	o := presence.Options{OfflineGrace: grace}
	inBubble(t, "on one of two devices leaves the user ONLINE", o, func(f *fixture) {
		phone := f.connect("ann", "ios")
		f.connect("ann", "web")
		status, err := f.service.Logout(presence.WithConnection(f.as("ann"), phone), false)
		f.must(err)
		if status.StatusType != presence.Online || len(status.Platforms) != 1 {
			f.Fatalf("the answer is %+v", status)
		}
	})
	inBubble(t, "makes connections in their grace count as gone", o, func(f *fixture) {
		phone, laptop := f.connect("ann", ""), f.connect("ann", "")
		laptop.Close()
		_, err := f.service.Logout(presence.WithConnection(f.as("ann"), phone), false)
		f.must(err)
		f.expect("ann", presence.Unlogined)
		time.Sleep(2 * grace)
		f.expect("ann", presence.Unlogined)
	})
	inBubble(t, "by plain HTTP ends all connections, and makes who is OFFLINE UNLOGINED", o, func(f *fixture) {
		ended := 0
		for range 2 {
			_, err := f.service.Connect(f.as("ann"), "", func(string) { ended++ })
			f.must(err)
		}
		_, err := f.service.Logout(f.as("ann"), false)
		f.must(err)
		if f.expect("ann", presence.Unlogined); ended != 2 {
			f.Fatalf("%d connections were ended", ended)
		}
		c := f.connect("ann", "")
		c.Close()
		time.Sleep(2 * grace)
		f.expect("ann", presence.Offline)
		_, err = f.service.Logout(f.as("ann"), false)
		f.must(err)
		f.expect("ann", presence.Unlogined)
	})
	inBubble(t, "keeps what the user watches, and their text", o, func(f *fixture) {
		f.must(f.service.Admit(f.as("ben")))
		_, err := f.service.SetSelfStatus(f.as("ann"), "back soon", nil)
		f.must(err)
		_, err = f.service.SubscribeUserStatus(f.as("ann"), []string{"ben"})
		f.must(err)
		_, err = f.service.Logout(f.as("ann"), true)
		f.must(err)
		watched, err := f.service.SubscribedUserStatus(f.as("ann"))
		f.must(err)
		if len(watched) != 1 || f.look("ben", "ann").CustomStatus != "back soon" {
			f.Fatalf("ann watches %v", watched)
		}
	})
}

func TestARestart(t *testing.T) {
	o := presence.Options{OfflineGrace: grace}
	restart := func(f *fixture, meanwhile time.Duration) {
		f.service.Drain()
		f.close()
		time.Sleep(meanwhile)
		f.start("second")
	}
	inBubble(t, "leaves those who were ONLINE their grace, and makes them OFFLINE after it", o, func(f *fixture) {
		f.connect("ann", "web")
		f.connect("ben", "web")
		stopped := time.Now()
		restart(f, time.Minute)
		before := f.expect("ann", presence.Online)
		f.connect("ann", "web")
		time.Sleep(grace + time.Second)
		synctest.Wait()
		if after := f.expect("ann", presence.Online); after.Version != before.Version {
			f.Fatal("coming back within the grace was an event")
		}
		if at := f.expect("ben", presence.Offline).LastOnlineAt; at == nil || stopped.Sub(*at).Abs() > 3*time.Second {
			f.Fatalf("ben was last online at %v, the stop was at %v", at, stopped)
		}
	})
	inBubble(t, "clears a text whose time has passed meanwhile", o, func(f *fixture) {
		until := time.Now().Add(time.Minute)
		_, err := f.service.SetSelfStatus(f.as("ann"), "for a minute", &until)
		f.must(err)
		restart(f, time.Hour)
		synctest.Wait()
		if got := f.look("watcher", "ann"); got.CustomStatus != "" || got.CustomStatusExpiresAt != nil {
			f.Fatalf("the status is %+v", got)
		}
	})
	inBubble(t, "keeps the switches", o, func(f *fixture) {
		off, on := false, true
		_, err := f.service.UpdateSettings(f.ctx, &off, &on)
		f.must(err)
		restart(f, 0)
		got, err := f.service.Settings(f.ctx)
		f.must(err)
		if got.UserStatusEnabled || !got.FriendStatusNotificationEnabled {
			f.Fatalf("they are %+v", got)
		}
	})
}

func TestATextIsClearedToTheMillisecond(t *testing.T) {
	inBubble(t, "and told", presence.Options{OfflineGrace: grace}, func(f *fixture) {
		woken := 0
		stream, err := f.service.Open(f.as("ann"), true, func() { woken++ })
		f.must(err)
		defer stream.Close()
		until := time.Now().Add(1500 * time.Millisecond)
		_, err = f.service.SetSelfStatus(f.as("ann"), "lunch", &until)
		f.must(err)
		time.Sleep(1499 * time.Millisecond)
		synctest.Wait()
		if got := stream.Take(nil); got[len(got)-1].Status.CustomStatus != "lunch" {
			f.Fatalf("a millisecond before, the last word is %+v", got[len(got)-1].Status)
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if got := stream.Take(nil); len(got) != 1 || got[0].Status.CustomStatus != "" || woken == 0 {
			f.Fatalf("afterwards the stream was told %+v", got)
		}
	})
}

func TestIdlenessIsToldOnceASecondAndEndsOnTheLastWord(t *testing.T) {
	inBubble(t, "", presence.Options{OfflineGrace: grace}, func(f *fixture) {
		c := f.connect("ann", "web")
		ctx := presence.WithConnection(f.as("ann"), c)
		first := f.expect("ann", presence.Online)
		for range 20 {
			for _, idle := range []bool{true, false, true} {
				_, err := f.service.ReportIdle(ctx, idle)
				f.must(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		last := f.expect("ann", presence.Online)
		if last.Availability != presence.Away {
			f.Fatalf("the last word was idle, and ann is %s", last.Availability)
		}
		if told := last.Version - first.Version; told > 5 {
			f.Fatalf("%d changes were told in three seconds", told)
		}
	})
}

func TestLimitsNameThemselves(t *testing.T) {
	inBubble(t, "", presence.Options{OfflineGrace: grace, SetStatusRate: 3, MaxSubscriptions: 2}, func(f *fixture) {
		ids := func(n int) (ids []string) {
			for i := range n {
				ids = append(ids, fmt.Sprint("user", i))
			}
			return ids
		}
		_, err := f.service.RegisterUsers(f.ctx, ids(5))
		f.must(err)
		me := f.as("ann")
		f.must(f.service.Admit(me))
		_, err = f.service.UserStatus(me, ids(501))
		f.refused(err, presence.BadUserInput, "501", "500")
		_, err = f.service.SubscribeUserStatus(me, ids(101))
		f.refused(err, presence.BadUserInput, "101", "100")
		_, err = f.service.SetSelfStatus(me, strings.Repeat("x", 101), nil)
		f.refused(err, presence.BadUserInput, "101", "100")
		_, err = f.service.SetUserStatus(me, "nobody", "", nil)
		if shown, _ := presence.AsError(err); shown == nil || shown.Number != presence.NoSuchUser {
			f.Fatalf("a user who isn't there: %v", err)
		}

		result, err := f.service.SubscribeUserStatus(me, []string{"user0", "ann", "nobody", "", "user1", "user0", "user2"})
		f.must(err)
		var got []string
		for _, failure := range result.FailureUserList {
			got = append(got, fmt.Sprint(failure.UserID, "=", failure.Code))
		}
		if want := "ann=70402 nobody=70107 =70402 user2=72900"; strings.Join(got, " ") != want || len(result.SuccessUserList) != 2 {
			f.Fatalf("the failures are %v, not %s; the successes %v", got, want, result.SuccessUserList)
		}

		time.Sleep(time.Second)
		for range 3 {
			_, err = f.service.SetSelfStatus(me, "", nil)
			f.must(err)
		}
		_, err = f.service.SetSelfStatus(me, "", nil)
		f.refused(err, presence.RateLimited, "3")
		time.Sleep(time.Second)
		_, err = f.service.SetSelfStatus(me, "", nil)
		f.must(err)
	})
}
