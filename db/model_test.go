package db

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"userstatus/presence"
)

// model is the store as one would write it if it had nothing to keep.
type model struct {
	users   map[string]*presence.User
	issued  map[string]int
	watches map[string]map[string]bool
	friends map[[2]string]bool
	blocked map[[2]string]bool
}

func TestTheStoreDoesWhatAModelDoes(t *testing.T) { onEach(t, theStoreDoesWhatAModelDoes) }

func theStoreDoesWhatAModelDoes(t *testing.T, open opener) {
	s := open(t, Options{History: true})
	checks := 0
	rapid.Check(t, func(t *rapid.T) {
		checks++ // the checks share a store, each with users of its own
		m := &model{map[string]*presence.User{}, map[string]int{}, map[string]map[string]bool{}, map[[2]string]bool{}, map[[2]string]bool{}}
		ids := make([]string, 4)
		for i := range ids {
			ids[i] = fmt.Sprintf("%d-%c", checks, 'a'+i)
			m.watches[ids[i]] = map[string]bool{}
		}
		run := &modelRun{harness{t, s}, m, rapid.SampledFrom(ids), ids}
		t.Repeat(map[string]func(*rapid.T){
			"update": run.update, "fail": run.fail, "subscribe": run.subscribe, "unsubscribe": run.unsubscribe,
			"befriend": run.befriend, "block": run.block, "remove": run.remove, "": run.compare,
		})
	})
}

type modelRun struct {
	harness
	m   *model
	id  *rapid.Generator[string]
	ids []string
}

func (r *modelRun) some(t *rapid.T) []string { return rapid.SliceOfN(r.id, 0, 4).Draw(t, "ids") }

func (r *modelRun) update(t *rapid.T) {
	text := rapid.StringOfN(rapid.Rune().Filter(func(r rune) bool { return r != 0 }), 0, 10, 20).Draw(t, "text") // NUL never gets here
	node := rapid.SampledFrom([]string{"", "one", "two"}).Draw(t, "node")
	change := func(u *presence.User) error {
		u.CustomStatus, u.Sessions = text, nil
		if node != "" {
			u.Sessions = []presence.Session{{Node: node, Idle: len(text) == 1}}
		}
		return makeUser(u)
	}
	ids := r.some(t)
	_, err := r.UpdateAll(ctx, ids, change)
	r.ok(err)
	for _, id := range distinct(ids) {
		u := r.m.users[id]
		if u == nil {
			u = &presence.User{ID: id, Issued: r.m.issued[id]}
			r.m.users[id] = u
		}
		r.ok(change(u))
	}
}

// fail has the writer save users in a transaction that does not come through.
func (r *modelRun) fail(t *rapid.T) {
	users := r.some(t)
	s := r.Store.(*Store)
	err := s.do(ctx, "fail", users, func(tx *transaction) error {
		stored, err := tx.load(users)
		if err != nil {
			return err
		}
		var changed []*presence.User
		for _, id := range users {
			u := clone(stored.of(id))
			u.CustomStatus = "never"
			changed = append(changed, u)
		}
		return errors.Join(tx.save(stored, changed), errRule)
	})
	r.equal("failure", err != nil, true)
}

func (r *modelRun) subscribe(t *rapid.T) {
	viewer, ids, limit := r.id.Draw(t, "viewer"), r.some(t), rapid.IntRange(0, 3).Draw(t, "limit")
	var missing, refused []string
	list, added := r.m.watches[viewer], false
	for _, id := range distinct(ids) {
		switch {
		case r.m.users[id] == nil:
			missing = append(missing, id)
		case list[id]:
		case limit > 0 && len(list) >= limit:
			refused = append(refused, id)
		default:
			list[id] = true
			added = true
		}
	}
	gotMissing, gotRefused, err := r.Subscribe(ctx, viewer, ids, limit)
	r.list("missing", missing...)(gotMissing, err)
	r.list("refused", refused...)(gotRefused, err)
	r.touched(viewer, added)
}

func (r *modelRun) unsubscribe(t *rapid.T) {
	viewer, ids := r.id.Draw(t, "viewer"), r.some(t)
	r.ok(r.Unsubscribe(ctx, viewer, ids))
	before := len(r.m.watches[viewer])
	for _, id := range ids {
		delete(r.m.watches[viewer], id)
	}
	r.touched(viewer, len(r.m.watches[viewer]) < before)
}

// touched takes over where the viewer's mark has moved to, if it should have.
func (r *modelRun) touched(viewer string, moved bool) {
	u := r.m.users[viewer]
	if u == nil || !moved {
		return
	}
	is := r.user(viewer).Issued
	r.equal("the mark moved", is > u.Issued, true)
	u.Issued = is
}

func (r *modelRun) befriend(t *rapid.T) {
	on := rapid.Bool().Draw(t, "on")
	r.relateAll(t, func(theirs, mine *presence.View) { theirs.Friend, mine.Friend = on, on },
		func(user, other string) {
			r.m.friends[[2]string{user, other}], r.m.friends[[2]string{other, user}] = on, on
		})
}

func (r *modelRun) block(t *rapid.T) {
	on := rapid.Bool().Draw(t, "on")
	r.relateAll(t, func(theirs, _ *presence.View) { theirs.Blocked = on },
		func(user, other string) { r.m.blocked[[2]string{user, other}] = on })
}

func (r *modelRun) relateAll(t *rapid.T, change func(theirs, mine *presence.View), same func(user, other string)) {
	user, others := r.id.Draw(t, "user"), r.some(t)
	r.relate(user, others, change)
	for _, other := range others {
		if r.m.users[user] != nil && r.m.users[other] != nil && user != other {
			same(user, other)
		}
	}
}

func (r *modelRun) remove(t *rapid.T) {
	var want []string
	ids := r.some(t)
	for _, id := range distinct(ids) {
		if u := r.m.users[id]; u != nil {
			want = append(want, id)
			r.m.forget(u)
		}
	}
	removed, err := r.Remove(ctx, ids, func(u *presence.User) { u.Issued++ })
	r.list("removed", want...)(removed, err)
}

func (m *model) forget(u *presence.User) {
	m.issued[u.ID] = u.Issued + 1
	delete(m.users, u.ID)
	clear(m.watches[u.ID])
	for _, list := range m.watches {
		delete(list, u.ID)
	}
	for _, pairs := range []map[[2]string]bool{m.friends, m.blocked} {
		maps.DeleteFunc(pairs, func(pair [2]string, _ bool) bool { return pair[0] == u.ID || pair[1] == u.ID })
	}
}

// compare checks that the store and the model are alike.
func (r *modelRun) compare(*rapid.T) {
	r.remembersRightly()
	for _, viewer := range r.ids {
		r.list("subscriptions", slices.Sorted(maps.Keys(r.m.watches[viewer]))...)(r.Subscriptions(ctx, viewer))
		got, err := r.Views(ctx, viewer, r.ids)
		r.ok(err)
		r.equal("views", len(got), len(r.m.users))
		for id, u := range r.m.users {
			want := &presence.View{User: u, Viewer: viewer, Friend: r.m.friends[[2]string{id, viewer}], Blocked: r.m.blocked[[2]string{id, viewer}]}
			r.equal("view", got[id], want)
		}
	}
}
