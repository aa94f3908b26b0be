package presence_test

import (
	"testing"
	"testing/synctest"
	"time"

	"userstatus/presence"
)

func (f *fixture) counts(want presence.Counts) {
	f.Helper()
	if got := f.service.Counts(); got != want {
		f.Errorf("got %+v in place of %+v", got, want)
	}
}

func (f *fixture) enter(userID string) *presence.Connection {
	f.Helper()
	c, err := f.service.Connect(f.as(userID), "", func(string) {})
	f.must(err)
	return c
}

func TestConnectionsAndTheirUsersAreCounted(t *testing.T) {
	f := newFixture(t, presence.Options{OfflineGrace: time.Hour, MaxConnectionsPerUser: 2})
	defer f.close()
	f.counts(presence.Counts{Nodes: 1})
	one, two, other := f.enter("ann"), f.enter("ann"), f.enter("bob")
	if _, err := f.service.Connect(f.as("ann"), "", func(string) {}); err == nil {
		t.Error("a third connection was let in")
	}
	f.counts(presence.Counts{Connections: 3, Users: 2, Nodes: 1, Changes: 2})
	one.Close()
	one.Close()
	f.counts(presence.Counts{Connections: 2, Users: 2, Nodes: 1, Changes: 2})
	two.Close() // and the grace is no connection
	f.counts(presence.Counts{Connections: 1, Users: 1, Nodes: 1, Changes: 2})
	f.enter("ann")
	f.counts(presence.Counts{Connections: 2, Users: 2, Nodes: 1, Changes: 2})
	_, err := f.service.Logout(f.as("ann"), true)
	f.must(err)
	f.counts(presence.Counts{Connections: 1, Users: 1, Nodes: 1, Changes: 3})
	_, err = f.service.RemoveUsers(f.as("admin"), []string{"bob"})
	f.must(err)
	f.counts(presence.Counts{Nodes: 1, Changes: 4})
	other.Close()
	f.counts(presence.Counts{Nodes: 1, Changes: 4})
}

func TestChangesOverTheRateAreTold(t *testing.T) {
	told := 0
	f := newFixture(t, presence.Options{SetStatusRate: 1, RateLimited: func() { told++ }})
	defer f.close()
	for range 3 {
		_, _ = f.service.SetSelfStatus(f.as("ann"), "x", nil)
	}
	if told != 2 {
		t.Errorf("%d were told", told)
	}
}

func TestNewsThatWereMadeUpForAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newPair(t, presence.Options{})
		defer f.close()
		f.follow(f.service, "watcher", "ann")
		f.listenAt(f.service, "watcher")
		time.Sleep(round)
		before := f.service.Counts().MadeUp
		f.connectAt(f.second.service, "ann", "web")
		time.Sleep(round)
		if got := f.service.Counts(); got.MadeUp <= before || got.Nodes != 2 {
			t.Errorf("got %+v", got)
		}
	})
}
