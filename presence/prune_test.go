package presence_test

import (
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"userstatus/presence"
)

// A database must not grow for ever by guests who come and are removed.
func TestUsersWhoWereRemovedAreForgottenAfterADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC))) // bubbles begin before versions do
		f := newFixture(t, presence.Options{HistoryTime: time.Hour})
		defer func() { f.close() }()
		known := func(want ...string) {
			t.Helper()
			marks, err := f.store.Marks(f.ctx, []string{"ann", "bob", "cleo"})
			f.must(err)
			if got := slices.Sorted(maps.Keys(marks)); !slices.Equal(got, want) {
				t.Fatalf("%v are known, not %v", got, want)
			}
		}
		for _, id := range []string{"ann", "bob", "cleo"} {
			f.must(f.service.Admit(f.as(id)))
		}
		_, err := f.service.RemoveUsers(f.ctx, []string{"ann", "bob"})
		f.must(err)
		f.must(f.service.Admit(f.as("bob")))
		rest := func(d time.Duration) {
			f.close() // so that the hours cost no heartbeats
			time.Sleep(d)
			f.start("first")
			time.Sleep(2 * time.Minute)
		}
		rest(23 * time.Hour)
		known("ann", "bob", "cleo")
		rest(time.Hour)
		known("bob", "cleo")
	})
}
