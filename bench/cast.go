package main

import "fmt"

// cast says who watches whom in a run, and who hides from whom. Publishers and
// watchers are numbered from 0.
type cast struct {
	publishers, watchers int
	// sees is of whom a watcher is told, misses whom they watch without being
	// told: all of these hide, and none of those does so from them.
	sees, misses func(watcher int) []int
	// hides is how a publisher hides from those who miss them; nil if nobody does.
	hides func(publisher int) manner
}

// manner is a way to hide.
type manner string

const (
	inTheOpen   manner = ""
	friendsOnly manner = "visibility FRIENDS"
	byBlocking  manner = "blocks"
)

// allSee is a cast in which each watches some publishers, and nobody hides.
func allSee(publishers, watchers, watched int) cast {
	return cast{publishers: publishers, watchers: watchers,
		sees: func(watcher int) []int {
			list := make([]int, watched)
			for k := range list {
				list[k] = (watcher*watched + k) % publishers
			}
			return list
		},
		misses: func(int) []int { return nil }}
}

// meshCast is 1,000 watchers of 100 each of 1,000 publishers: one hundred of
// these for each of ten groups of watchers.
func meshCast() cast { return allSee(1000, 1000, 100) }

// halfHidden is the same with twice as many watchers for each odd publisher, who
// hides from those who came in addition. They are the next group's, so that
// each watcher sees 100 as before, and misses 50.
func halfHidden() cast {
	const groups, size = 10, 100
	c := meshCast()
	c.misses = func(watcher int) (list []int) {
		first := (watcher + groups - 1) % groups * size
		for p := first + 1; p < first+size; p += 2 {
			list = append(list, p)
		}
		return list
	}
	c.hides = func(publisher int) manner {
		return [...]manner{inTheOpen, friendsOnly, inTheOpen, byBlocking}[publisher%4]
	}
	return c
}

// starCast is one publisher, of whose changes some of the watchers are told. The
// others are blind; or if the publisher doesn't hide, they watch nobody.
func starCast(watchers int, how manner, told func(watcher int) bool) cast {
	only := func(is bool) []int {
		if is {
			return []int{0}
		}
		return nil
	}
	return cast{publishers: 1, watchers: watchers,
		sees:   func(w int) []int { return only(told(w)) },
		misses: func(w int) []int { return only(how != inTheOpen && !told(w)) },
		hides:  func(int) manner { return how }}
}

// pairs is how many updates go out when each publisher changes once.
func (c cast) pairs() (n int64) {
	for w := range c.watchers {
		n += int64(len(c.sees(w)))
	}
	return n
}

// audience is the watchers of each publisher: who is told, and who isn't.
func (c cast) audience() (told, blind [][]string) {
	told, blind = make([][]string, c.publishers), make([][]string, c.publishers)
	for w := range c.watchers {
		for _, p := range c.sees(w) {
			told[p] = append(told[p], watcherName(w))
		}
		for _, p := range c.misses(w) {
			blind[p] = append(blind[p], watcherName(w))
		}
	}
	return told, blind
}

// hide has the publishers hide, before there are watchers.
func (c *crowd) hide() error {
	told, blind := c.cast.audience()
	office, err := c.server.connect(admin)
	if err != nil {
		return err
	}
	defer office.drop()
	names := make([]string, c.cast.watchers)
	for w := range names {
		names[w] = watcherName(w)
	}
	if err := office.list(register, names); err != nil {
		return err
	}
	for i, p := range c.publishers {
		if err := p.hideBy(c.cast.hides(i), office, told[i], blind[i]); err != nil {
			return fmt.Errorf("hide %s: %w", p.user, err)
		}
	}
	return nil
}

func (p *peer) hideBy(how manner, office *peer, told, blind []string) error {
	switch how {
	case friendsOnly:
		if err := office.list(befriend(p.user), told); err != nil {
			return err
		}
		return p.call("mutation{setSelfVisibility(visibility:FRIENDS){visibility}}")
	case byBlocking:
		return p.list(block, blind)
	}
	return nil
}
