package db

import (
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"userstatus/presence"
)

// remembersRightly checks that all whom the writer remembers are as the
// database has them. Nobody may be writing.
func (h harness) remembersRightly() {
	h.t.Helper()
	s := h.Store.(*Store)
	m := s.writer.memory
	if m == nil {
		return
	}
	h.equal("pending", len(m.pending), 0)
	known := users{}
	maps.Copy(known, m.earlier)
	maps.Copy(known, m.recent)
	stored, err := loadUsers(s.read.WithContext(ctx), slices.Collect(maps.Keys(known)))
	h.ok(err)
	for id, u := range known {
		h.equal("remembered", u, stored[id])
	}
}

func TestAWriterNeverGoesByAStaleUser(t *testing.T) {
	s := openTemp(t, Options{})
	s.writer.memory.size = 4
	noChangeIsLost(t, 5, s)
}

// noChangeIsLost has callers of all kinds change a few users at the same time,
// more of them than are remembered, and counts their changes. The stores have
// one database.
func noChangeIsLost(t *testing.T, rounds int, stores ...*Store) {
	h := harness{t, stores[0]}
	const callers, changes = 16, 100
	for range rounds {
		c := &counter{issued: map[string][]int{}, before: map[string]int{}}
		for _, id := range c.ids() {
			c.before[id] = h.user(id).Issued
		}
		errs := inParallel(callers, func(i int) error {
			for range changes {
				if err := c.change(stores[i%len(stores)]); err != nil {
					return err
				}
			}
			return nil
		})
		h.ok(errors.Join(errs...))
		h.remembersRightly()
		for _, id := range c.ids() {
			slices.Sort(c.issued[id])
			for i, issued := range c.issued[id] {
				if issued != c.before[id]+i+1 {
					t.Fatalf("%s: change %d from %d on was given %d", id, i+1, c.before[id], issued)
				}
			}
			h.equal("issued to "+id, h.user(id).Issued, c.before[id]+len(c.issued[id]))
		}
	}
}

// counter notes what each change that came through was given.
type counter struct {
	mu     sync.Mutex
	issued map[string][]int
	before map[string]int
}

func (c *counter) ids() []string {
	return []string{"a", "b", "c", "d", "e", "f"}
}

func (c *counter) note(users ...*presence.User) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, u := range users {
		c.issued[u.ID] = append(c.issued[u.ID], u.Issued)
	}
}

// odd is a change whose times, sessions and faces are not as they are stored.
func odd(u *presence.User) error {
	elsewhere := time.Now().In(time.FixedZone("", 3600))
	u.LastOnlineAt, u.CustomStatusExpiresAt = &elsewhere, &later
	u.HiddenFromFriends = face(u.ID, 1, &elsewhere)
	u.Sessions = []presence.Session{{Node: "two"}, {Node: "one", Idle: rand.IntN(2) == 0, Platforms: []string{"web"}}}[:rand.IntN(3)]
	return makeUser(u)
}

// change does one of the things that callers do, chosen at random.
func (c *counter) change(s *Store) error {
	id, other := c.ids()[rand.IntN(6)], c.ids()[rand.IntN(6)]
	switch rand.IntN(8) {
	case 0:
		changed, err := s.UpdateAll(ctx, []string{id, other}, odd)
		c.note(changed...)
		return err
	case 1:
		_, err := s.Update(ctx, id, func(u *presence.User) error { u.Issued++; return errRule })
		return unlessRefused(err)
	case 2:
		return c.block(s, id, other)
	case 3:
		return c.remove(s, id)
	case 4:
		return unlessRefused(s.do(ctx, "fail", []string{id}, func(tx *transaction) error {
			saved := &presence.User{ID: id, Exists: true, Issued: -1}
			return errors.Join(tx.save(users{}, []*presence.User{saved}), errRule)
		}))
	}
	u, err := s.Update(ctx, id, odd)
	if err == nil {
		c.note(u)
	}
	return err
}

func unlessRefused(err error) error {
	if errors.Is(err, errRule) {
		return nil
	}
	return fmt.Errorf("not refused: %w", err)
}

func (c *counter) block(s *Store, id, other string) error {
	pairs, err := s.UpdateViews(ctx, id, []string{other}, func(theirs, mine *presence.View) error {
		theirs.Blocked, theirs.User.HasBlocked = true, true
		theirs.User.Issued++
		mine.User.Issued++
		return nil
	})
	for _, pair := range pairs {
		c.note(pair.Theirs.User, pair.Mine.User)
	}
	return err
}

func (c *counter) remove(s *Store, id string) error {
	var last presence.User
	removed, err := s.Remove(ctx, []string{id}, func(u *presence.User) { u.Issued++; last = *u })
	if len(removed) > 0 {
		c.note(&last)
	}
	return err
}

func TestWhatAnotherConnectionWroteIsSeen(t *testing.T) {
	s := openTemp(t, Options{})
	h := harness{t, s}
	h.make("alice", "bob")
	h.make("alice")
	other, err := sql.Open("sqlite3", s.path(t))
	h.ok(err)
	defer func() { _ = other.Close() }()
	_, err = other.Exec("UPDATE users SET custom_status = 'by hand', issued = 7 WHERE id = 'alice'")
	h.ok(err)
	u, err := s.Update(ctx, "alice", func(u *presence.User) error { u.Issued++; return nil })
	h.ok(err)
	h.equal("issued", u.Issued, 8)
	h.equal("custom status", h.user("alice").CustomStatus, "by hand")
	h.remembersRightly()
}

func TestWhoIsWrittenIsNotReadAgain(t *testing.T) {
	s := openTemp(t, Options{})
	h := harness{t, s}
	h.make("alice", "bob")
	for range 3 {
		enter(h, "one/1", "one", noon)
		h.make("bob")
	}
	_, unknown := s.writer.memory.find([]string{"alice", "carol", "bob"})
	h.list("unknown", "carol")(unknown, nil)
}

func TestMemoryIsBoundedAndKeepsWhoIsInUse(t *testing.T) {
	m := newMemory(100)
	for i := range 1000 {
		m.keep(&presence.User{ID: fmt.Sprint(i)})
		if m.user("7") == nil && i >= 7 {
			t.Fatalf("forgot whom it was asked for after %d others", i)
		}
		if size := len(m.recent) + len(m.earlier); size > 100 {
			t.Fatalf("remembers %d", size)
		}
	}
	if m.user("999") == nil || m.user("800") != nil {
		t.Error("did not remember the last ones")
	}
}
