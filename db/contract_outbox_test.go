package db

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"userstatus/presence"
)

// events are those that are due, without what is random of them.
func (h harness) dueEvents(by time.Time, limit int) (events []presence.Event, of []string) {
	h.t.Helper()
	events, err := h.outbox().DueEvents(ctx, by, limit)
	h.ok(err)
	for _, e := range events {
		of = append(of, fmt.Sprintf("%s/%d", e.Change.UserID, e.Change.Version))
	}
	return events, of
}

func (h harness) outbox() *Store { return h.Store.(*Store) }

func (h harness) due(what string, by time.Time, want ...string) []presence.Event {
	h.t.Helper()
	events, of := h.dueEvents(by, 10)
	slices.Sort(of)
	h.equal(what, of, want)
	return events
}

func (h harness) settle(now time.Time, outcomes ...presence.Outcome) {
	h.t.Helper()
	h.ok(h.outbox().Settle(ctx, now, outcomes))
}

func (h harness) backlog(pending int, since *time.Time, aside int) {
	h.t.Helper()
	got, err := h.outbox().Backlog(ctx)
	h.ok(err)
	h.equal("the backlog", got, presence.Backlog{Pending: pending, Since: since, SetAside: aside})
}

func outboxOrder(t *testing.T, h harness) {
	of := changed(h, "alice", noon, later, later)
	changed(h, "bob", later)
	_, err := h.Update(ctx, "carol", func(u *presence.User) error {
		u.Changes = append(u.Changes, presence.StatusChange{UserID: "carol", Version: 9, At: noon})
		return errRule
	})
	h.equal("the refusal", err, error(errRule))
	h.due("before anything happened", noon.Add(-1), []string(nil)...)
	first := h.due("at noon", noon, "alice/1")[0]
	h.equal("the change", first.Change, of[2])
	h.equal("the rest", presence.Event{ID: first.ID, Change: first.Change, QueuedAt: noon}, first)
	h.due("the first of each", later, "alice/1", "bob/1")
	_, one := h.dueEvents(later, 1)
	h.equal("the longest due", one, []string{"alice/1"})
	h.backlog(4, &noon, 0)

	evening := later.Add(time.Hour)
	h.settle(evening, presence.Outcome{Event: first})
	h.settle(evening, presence.Outcome{Event: first}) // by somebody who doesn't know of it
	second := h.due("after the first was delivered", evening, "alice/2", "bob/1")
	h.equal("who waits longer is first", second[0].Change.UserID, "bob")
	h.settle(evening, presence.Outcome{Event: second[0]}, presence.Outcome{Event: second[1]})
	last := h.due("the last", evening, "alice/3")
	h.equal("IDs sort by time", first.ID < last[0].ID, true)
	h.settle(evening, presence.Outcome{Event: last[0]})
	h.due("after all", evening.Add(time.Hour), []string(nil)...)
	h.backlog(0, nil, 0)
	changed(h, "alice", evening)
	h.due("a new one", evening, "alice/4")
}

func outboxFailure(t *testing.T, h harness) {
	changed(h, "alice", noon)
	changed(h, "bob", noon)
	events := h.due("at noon", noon, "alice/1", "bob/1")
	alice := events[slices.IndexFunc(events, func(e presence.Event) bool { return e.Change.UserID == "alice" })]
	again := later.Add(time.Hour)
	failed := presence.Outcome{Event: alice, Failure: "a “reason”", Again: &again}
	h.settle(later, failed)
	changed(h, "alice", later)
	h.due("while alice's waits", again.Add(-1), "bob/1")
	waited := h.due("after it waited", again, "alice/1", "bob/1")
	alice.Attempts, alice.LastError = 1, "a “reason”"
	h.equal("what is known of it", slices.ContainsFunc(waited, func(e presence.Event) bool { return reflect.DeepEqual(e, alice) }), true)
	h.ok(h.outbox().Hasten(ctx, later))
	h.due("hastened", later, "alice/1", "bob/1")
	h.settle(later, presence.Outcome{Event: alice})
	failed.Again = ptr(again.Add(time.Hour))
	h.settle(later, failed) // by somebody who doesn't know that it was delivered
	h.due("the next", later, "alice/2", "bob/1")
}

func ptr[T any](v T) *T { return &v }

func outboxAside(t *testing.T, h harness) {
	var given []presence.Event
	for i := range 3 {
		changed(h, fmt.Sprint("user-", i), noon.Add(time.Duration(i)*time.Second))
	}
	changed(h, "user-0", later)
	for _, e := range h.due("all", later, "user-0/1", "user-1/1", "user-2/1") {
		h.settle(later, presence.Outcome{Event: e, Failure: "why"})
		h.settle(later, presence.Outcome{Event: e, Failure: "why"})
		e.Attempts, e.LastError, e.SetAsideAt = 1, "why", &later
		given = append(given, e)
	}
	h.due("the others", later, "user-0/2")
	h.backlog(1, &later, 3)
	aside := func(what, after string, limit int, want ...presence.Event) {
		h.t.Helper()
		got, err := h.outbox().Aside(ctx, after, limit)
		h.ok(err)
		for i := range got {
			h.equal(what+": when", *got[i].SetAsideAt, later)
			got[i].SetAsideAt = &later
		}
		h.equal(what, got, append([]presence.Event(nil), want...))
	}
	slices.SortFunc(given, func(a, b presence.Event) int { return strings.Compare(b.ID, a.ID) })
	aside("all", "", 10, given...)
	aside("a page", "", 1, given[0])
	aside("the next", given[0].ID, 1, given[1])

	evening := later.Add(time.Hour)
	n, err := h.outbox().Discard(ctx, []string{given[1].ID, "evt_unknown"})
	h.ok(err)
	h.equal("discarded", n, 1)
	aside("after one that has gone", given[1].ID, 10, given[2])
	n, err = h.outbox().Resend(ctx, []string{given[2].ID, given[1].ID}, evening)
	h.ok(err)
	h.equal("sent again", n, 1)
	resent := h.due("sent again, the earlier version first", evening, "user-0/1")[0]
	h.equal("it is as new", resent, presence.Event{ID: given[2].ID, Change: given[2].Change, QueuedAt: evening, LastError: "why"})
	n, err = h.outbox().Resend(ctx, nil, evening)
	h.ok(err)
	h.equal("all others sent again", n, 1)
	h.settle(evening, presence.Outcome{Event: resent})
	h.due("what is behind it", evening, "user-0/2", "user-2/1")
	h.backlog(2, ptr(noon.Add(2*time.Second)), 0)
}

func outboxOfMany(t *testing.T, h harness) {
	ids := make([]string, 1300)
	for i := range ids {
		ids[i] = fmt.Sprintf("user-%04d", i)
	}
	_, err := h.UpdateAll(ctx, ids, func(u *presence.User) error {
		u.Changes = append(u.Changes, presence.StatusChange{UserID: u.ID, Version: 1, At: noon})
		return makeUser(u)
	})
	h.ok(err)
	events, _ := h.dueEvents(noon, 2000)
	h.equal("due", len(events), len(ids))
	outcomes := make([]presence.Outcome, len(events))
	for i, e := range events {
		outcomes[i] = presence.Outcome{Event: e, Failure: "why"}
	}
	h.settle(later, outcomes...)
	h.backlog(0, nil, len(ids))
	n, err := h.outbox().Resend(ctx, nil, later)
	h.ok(err)
	h.equal("sent again", n, len(ids))
	events, _ = h.dueEvents(later, 2000)
	h.equal("due", len(events), len(ids))
	h.settle(later, outcomes...)
	n, err = h.outbox().Discard(ctx, nil)
	h.ok(err)
	h.equal("discarded", n, len(ids))
	h.backlog(0, nil, 0)
}

func outboxOutlives(t *testing.T, h harness) {
	changed(h, "alice", noon)
	_, err := h.Remove(ctx, []string{"alice"}, func(u *presence.User) {
		u.Issued++
		u.Changes = append(u.Changes, presence.StatusChange{UserID: "alice", Version: u.Issued, At: later, Reason: presence.ReasonRemoved})
	})
	h.ok(err)
	first := h.due("the first", later, "alice/1")
	h.settle(later, presence.Outcome{Event: first[0]})
	last := h.due("the removal", later, "alice/2")
	h.equal("its reason", last[0].Change.Reason, presence.ReasonRemoved)
}

func outboxTells(t *testing.T, h harness) {
	told := func() bool {
		select {
		case <-h.outbox().Filled():
			return true
		default:
			return false
		}
	}
	changed(h, "alice", noon, noon)
	h.equal("told of changes", told(), true)
	h.equal("told again", told(), false)
	h.make("alice") // a change that is none of the status
	h.equal("told of no change", told(), false)
	h.settle(later, presence.Outcome{Event: h.due("one", noon, "alice/1")[0], Failure: "why"})
	h.equal("told of an outcome", told(), false)
	_, err := h.outbox().Resend(ctx, nil, later)
	h.ok(err)
	h.equal("told of one that is sent again", told(), true)
}

func TestWithoutWebhooksTheOutboxStaysEmpty(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		h := harness{t, open(t, Options{History: true})}
		changed(h, "alice", noon)
		h.backlog(0, nil, 0)
	})
}

// A change and the outcome of the one before it come from two nodes at the same time.
func TestNoEventIsLeftWithoutAQueue(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		s := open(t, Options{Webhooks: true})
		other := s
		if s.lock == nil {
			address := newSchema(t)
			s, other = openShared(t, address, Options{Webhooks: true}), openShared(t, address, Options{Webhooks: true})
		}
		h := harness{t, s}
		const changes = 200
		finished := make(chan error, 1)
		go func() {
			for range changes {
				if _, err := other.Update(ctx, "alice", func(u *presence.User) error {
					err := makeUser(u)
					u.Changes = append(u.Changes, presence.StatusChange{UserID: "alice", Version: u.Version, At: noon})
					return err
				}); err != nil {
					finished <- err
					return
				}
			}
			finished <- nil
		}()
		for last := 0; last < changes; {
			events, _ := h.dueEvents(later, 10)
			for _, e := range events {
				h.equal("the version after the last", e.Change.Version, last+1)
				last = e.Change.Version
				h.settle(later, presence.Outcome{Event: e})
			}
			if len(events) > 0 || last == changes {
				continue
			}
			select {
			case err := <-finished:
				h.ok(err)
				finished <- nil
				if events, _ := h.dueEvents(later, 10); len(events) == 0 {
					t.Fatalf("version %d is the last that is due", last)
				}
			default:
			}
		}
		h.ok(<-finished)
	})
}

func TestOneOfTheNodesLeadsWhichIsNotGone(t *testing.T) {
	_, stores := openTwo(t)
	h := harness{t, stores[0]}
	leads := func(what string, s *Store, node string, want bool) {
		t.Helper()
		yes(h, what, want)(s.Lead(context.Background(), node))
	}
	leads("a node nobody knows", stores[0], "one/1", false)
	enter(h, "one/1", "one", noon)
	enter(h, "two/1", "two", noon)
	leads("the first", stores[0], "one/1", true)
	leads("the second", stores[1], "two/1", false)
	leads("the first, still", stores[0], "one/1", true)
	yes(h, "the first is buried", true)(h.Bury(ctx, "one/1", noon))
	leads("one that is gone", stores[0], "one/1", false)
	leads("the second", stores[1], "two/1", true)
	yes(h, "the second is buried", true)(h.Bury(ctx, "two/1", noon))
	h.ok(h.Forget(ctx, "two/1"))
	for i := range 8 {
		enter(h, fmt.Sprint("node/", i), fmt.Sprint("node-", i), noon)
	}
	var leaders [8]bool
	for _, err := range inParallel(8, func(i int) (err error) {
		leaders[i], err = stores[i%2].Lead(ctx, fmt.Sprint("node/", i))
		return err
	}) {
		h.ok(err)
	}
	n := 0
	for _, is := range leaders {
		if is {
			n++
		}
	}
	h.equal("leaders of eight", n, 1)
}
