package db

import (
	"context"

	"userstatus/presence"
)

// update is a change of users by a rule of the domain. All updates of a batch
// read and write the database together, in a few statements.
type update struct {
	userIDs []string
	change  func(*presence.User) error
	// users is the outcome, in the order of userIDs.
	users []*presence.User
}

// Update is presence.Store's.
func (s *Store) Update(ctx context.Context, userID string, change func(*presence.User) error) (*presence.User, error) {
	users, err := s.update(ctx, []string{userID}, change)
	if err != nil {
		return nil, err
	}
	return users[0], nil
}

// UpdateAll is presence.Store's; a user named twice is changed and returned once.
func (s *Store) UpdateAll(ctx context.Context, userIDs []string, change func(*presence.User) error) ([]*presence.User, error) {
	users, err := s.update(ctx, distinct(userIDs), change)
	if err != nil {
		return nil, err
	}
	existing := users[:0]
	for _, u := range users {
		if u.Exists {
			existing = append(existing, u)
		}
	}
	return existing, nil
}

func (s *Store) update(ctx context.Context, userIDs []string, change func(*presence.User) error) ([]*presence.User, error) {
	u := &update{userIDs: userIDs, change: change}
	err := s.settled("update users", s.writer.wait(&request{ctx: ctx, update: u}))
	return u.users, err
}

// updateAll lets each request change the users as the ones before it left
// them. A change that ends in an error leaves its users as they were.
func updateAll(tx *transaction, requests []*request) error {
	if len(requests) == 0 {
		return nil
	}
	stored, err := tx.load(named(requests))
	if err != nil {
		return err
	}
	current := make(users, len(stored))
	for _, r := range requests {
		r.err = r.update.apply(stored, current)
	}
	changed := make([]*presence.User, 0, len(current))
	for _, u := range current {
		changed = append(changed, u)
	}
	return tx.save(stored, changed)
}

func named(requests []*request) (ids []string) {
	for _, r := range requests {
		ids = append(ids, r.update.userIDs...)
	}
	return ids
}

// apply changes clones of the users, which become current if all goes well.
func (u *update) apply(stored, current users) error {
	u.users = make([]*presence.User, 0, len(u.userIDs))
	for _, id := range u.userIDs {
		now, changed := current[id]
		if !changed {
			now = stored.of(id)
		}
		next := clone(now)
		if err := guard(func() error { return u.refused(next) }); err != nil {
			return err
		}
		u.users = append(u.users, next)
	}
	for _, next := range u.users {
		current[next.ID] = next
	}
	return nil
}

func (u *update) refused(user *presence.User) error {
	if err := u.change(user); err != nil {
		return refusal{err}
	}
	return nil
}
