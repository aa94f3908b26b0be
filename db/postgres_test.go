package db

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"userstatus/presence"
)

// openTwo opens two stores on one database, as two nodes do.
func openTwo(t testing.TB) (address string, stores [2]*Store) {
	t.Helper()
	address = newSchema(t)
	for i := range stores {
		stores[i] = openShared(t, address, Options{})
	}
	return address, stores
}

func count(t *testing.T, s *Store, query string) int {
	t.Helper()
	n, err := one[int](s.read.WithContext(ctx), query)
	harness{t, s}.ok(err)
	return n
}

func TestTwoNodesLoseNoChange(t *testing.T) {
	_, stores := openTwo(t)
	noChangeIsLost(t, 3, stores[:]...)
}

// A node's list of many and another's of the same in another order lock each
// other out, and never for good.
func TestTwoNodesChangeManyUsersInAnyOrder(t *testing.T) {
	_, stores := openTwo(t)
	h := harness{t, stores[0]}
	ids := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	for _, err := range inParallel(16, func(i int) error {
		order := slices.Clone(ids)
		if i%4 < 2 {
			slices.Reverse(order)
		}
		for range 25 {
			if _, err := stores[i%2].UpdateAll(ctx, order, makeUser); err != nil {
				return err
			}
		}
		return nil
	}) {
		h.ok(err)
	}
	for _, id := range ids {
		h.equal("version of "+id, h.user(id).Version, 400)
	}
}

func TestAListHasItsLimitWithTwoNodes(t *testing.T) {
	_, stores := openTwo(t)
	h := harness{t, stores[0]}
	ids := make([]string, 40)
	for i := range ids {
		ids[i] = fmt.Sprint("user-", i)
	}
	h.make(slices.Concat(ids, []string{"viewer"})...)
	refusals := make([]int, len(ids))
	for _, err := range inParallel(len(ids), func(i int) error {
		_, refused, err := stores[i%2].Subscribe(ctx, "viewer", ids[i:i+1], 10)
		refusals[i] = len(refused)
		return err
	}) {
		h.ok(err)
	}
	list, err := h.Subscriptions(ctx, "viewer")
	h.ok(err)
	h.equal("on the list", len(list), 10)
	h.equal("refused", slices.Index(slices.Sorted(slices.Values(refusals)), 1), 10)
}

// Both nodes do all at once that concerns two users.
func TestWhatLiesBetweenTwoStaysWholeWithTwoNodes(t *testing.T) {
	_, stores := openTwo(t)
	h := harness{t, stores[0]}
	ids := []string{"a", "b", "c", "d"}
	for _, err := range inParallel(16, func(i int) error {
		s := stores[i%2]
		for n := range 20 {
			id, others := ids[(i+n)%4], []string{ids[(i+n+1)%4], ids[(i+2*n)%4]}
			_, updateErr := s.Update(ctx, id, makeUser)
			_, _, subscribeErr := s.Subscribe(ctx, id, others, 0)
			_, relateErr := s.UpdateViews(ctx, id, others, func(theirs, mine *presence.View) error {
				on := (i+n)%3 > 0
				theirs.Friend, mine.Friend, theirs.Blocked = on, on, on
				return nil
			})
			var removeErr error
			if n%5 == 4 {
				_, removeErr = s.Remove(ctx, others[:1], func(u *presence.User) { u.Issued++ })
			}
			if err := errors.Join(updateErr, subscribeErr, relateErr, removeErr, s.Unsubscribe(ctx, others[0], others)); err != nil {
				return err
			}
		}
		return nil
	}) {
		h.ok(err)
	}
	const gone = "(SELECT id FROM users WHERE removed)"
	h.equal("friendships of one side", count(t, stores[0], `SELECT count(*) FROM friendships f
		WHERE NOT EXISTS (SELECT FROM friendships b WHERE b.user_id = f.friend_id AND b.friend_id = f.user_id)`), 0)
	h.equal("friends who are gone", count(t, stores[0], "SELECT count(*) FROM friendships WHERE user_id IN "+gone), 0)
	h.equal("subscriptions to who is gone", count(t, stores[0], "SELECT count(*) FROM watches WHERE user_id IN "+gone), 0)
	h.equal("views of who is gone", count(t, stores[0], "SELECT count(*) FROM views WHERE user_id IN "+gone+" OR viewer_id IN "+gone), 0)
}

func TestTwoNodesFlipASwitchInTurn(t *testing.T) {
	_, stores := openTwo(t)
	h := harness{t, stores[0]}
	for _, err := range inParallel(101, func(i int) error {
		_, err := stores[i%2].UpdateSettings(ctx, func(s *presence.Settings) { s.UserStatusEnabled = !s.UserStatusEnabled })
		return err
	}) {
		h.ok(err)
	}
	got, err := h.Settings(ctx)
	h.ok(err)
	h.equal("after an odd number", got.UserStatusEnabled, !presence.DefaultSettings.UserStatusEnabled)
}

func TestTwoNodesThatClearADeadOneChangeEachUserOnce(t *testing.T) {
	_, stores := openTwo(t)
	h := harness{t, stores[0]}
	ids := crowdIDs()
	_, err := h.UpdateAll(ctx, ids, func(u *presence.User) error {
		u.Sessions = []presence.Session{{Node: "dead"}}
		return makeUser(u)
	})
	h.ok(err)
	for _, err := range inParallel(8, func(i int) error {
		for {
			left, err := stores[i%2].SessionsOf(ctx, "dead", 100)
			if err != nil || len(left) == 0 {
				return errors.Join(err, stores[i%2].Forget(ctx, "dead"))
			}
			_, err = stores[i%2].UpdateAll(ctx, left, func(u *presence.User) error {
				if len(u.Sessions) > 0 {
					u.Issued++
				}
				u.Sessions = nil
				return nil
			})
			if err != nil {
				return err
			}
		}
	}) {
		h.ok(err)
	}
	h.equal("changed other than once", count(t, stores[0], "SELECT count(*) FROM users WHERE issued <> 2"), 0)
}

func TestWhoIsNotMadeLeavesNoRow(t *testing.T) {
	s := openSchema(t, Options{})
	h := harness{t, s}
	h.make("alice")
	ghost := newUpdate("ghost", func(*presence.User) error { return nil })
	refused := newUpdate("refused", func(*presence.User) error { return errRule })
	broken := newRequest(func(tx *transaction) error { return run(tx.DB, "no such statement") })
	inOneBatch(t, s, ghost, refused, broken, newUpdate("alice", makeUser))
	inOneBatch(t, s, ghost, refused)
	h.equal("rows", count(t, s, "SELECT count(*) FROM users"), 1)
}

func TestWhoCannotBeLockedFailsAlone(t *testing.T) {
	s := openSchema(t, Options{})
	h := harness{t, s}
	refuse(t, s, "INSERT", "NEW.id = 'unfit'")
	good, unfit := newUpdate("alice", makeUser), newUpdate("unfit", makeUser)
	inOneBatch(t, s, good, unfit)
	h.ok(good.err)
	if unfit.err == nil || !strings.Contains(unfit.err.Error(), "refused by the test") {
		t.Errorf("got %v", unfit.err)
	}
	h.equal("alice", h.user("alice").Version, 1)
}

func TestQueriesGoByIndexesWhileTablesAreEmpty(t *testing.T) {
	s := openSchema(t, Options{})
	for _, query := range []string{
		"SELECT " + userColumns + " FROM users u WHERE u.id " + among,
		viewsQuery,
		"SELECT id FROM users WHERE next_expiry_at <= 1 ORDER BY next_expiry_at LIMIT 5",
		"SELECT user_id FROM sessions WHERE node = ? ORDER BY user_id LIMIT 5",
		"SELECT viewer_id FROM views WHERE user_id = ? AND blocked = TRUE ORDER BY viewer_id",
		"DELETE FROM watches WHERE user_id " + among,
		"DELETE FROM sessions WHERE (user_id, node) " + amongPairs,
		strings.NewReplacer("LIMIT ?", "LIMIT 5", "<= ?", "<= 1").Replace(dueEvents), dropEmptyQueues,
		strings.NewReplacer("LIMIT ?", "LIMIT 5").Replace(asideEvents),
		strings.NewReplacer("LIMIT ?", "LIMIT 5", "< ?", "< 1").Replace(pruneHistory),
		strings.NewReplacer("version = ?", "version = 1", "< ?", "< 1").Replace(pickHistory),
		strings.NewReplacer("version = ?", "version = 1", "< ?", "< 1").Replace(dropHistory),
		strings.NewReplacer("LIMIT ?", "LIMIT 5", "< ?", "< 1").Replace(findTombstones),
		strings.NewReplacer("< ?", "< 1").Replace(dropTombstones),
	} {
		args := slices.Repeat([]any{"[]"}, strings.Count(query, "?"))
		plan, err := texts(s.read.WithContext(ctx), "EXPLAIN "+query, args...)
		harness{t, s}.ok(err)
		if text := strings.Join(plan, "\n"); strings.Contains(text, "Seq Scan") {
			t.Errorf("%s:\n%s", query, text)
		}
	}
}
