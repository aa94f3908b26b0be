package main

import "fmt"

// visible is ours where nobody hides.
const visible kind = "ours, all see"

// hidden is what it costs that users hide from some of those who watch them. It
// compares at equal numbers of those who are told: the blind come in addition.
func (l *lab) hidden() error {
	if err := l.hiddenStar(); err != nil {
		return err
	}
	if err := l.hiddenMesh(); err != nil {
		return err
	}
	return l.blindWatchers()
}

// hiddenStar is fanout, once without and once with as many blind watchers.
func (l *lab) hiddenStar() error {
	const told, turns, changes = 1000, 10, 20
	half := func(w int) bool { return w%2 == 0 }
	took, err := l.compareStars(allSee(1, told, 1), 2*told, half, turns, changes)
	if err != nil {
		return err
	}
	title := fmt.Sprintf("server CPU per update, %d who are told of one user and %d who are blind, closed loop", told, told)
	l.printStars(title, took, []goal{{visible, 1.1}})
	return nil
}

// blindWatchers is what a change costs where almost all are blind. Where nobody
// hides, as many are connected and watch nobody.
func (l *lab) blindWatchers() error {
	const blind, turns, changes = 5000, 10, 100
	first := func(w int) bool { return w == 0 }
	took, err := l.compareStars(starCast(1+blind, inTheOpen, first), 1+blind, first, turns, changes)
	if err != nil {
		return err
	}
	title := fmt.Sprintf("server CPU per change, 1 who is told of one user and %d who are blind, closed loop", blind)
	l.printStars(title, took, nil)
	return nil
}

// compareStars measures a cast without hiding beside one with each manner; by
// manner it returns the rounds. A frame to the blind would end it.
func (l *lab) compareStars(open cast, watchers int, told func(watcher int) bool, turns, changes int) (map[manner][]cost, error) {
	took := map[manner][]cost{}
	for range l.rounds {
		all, err := l.gatherAll(open, starCast(watchers, friendsOnly, told), starCast(watchers, byBlocking, told))
		if err != nil {
			return nil, err
		}
		costs, err := all.takeTurns(turns, func(c *crowd) (cost, error) { return c.measure(changes, 0) })
		all.end()
		if err != nil {
			return nil, err
		}
		for i, how := range []manner{inTheOpen, friendsOnly, byBlocking} {
			if err := costs[i].singly(ours); err != nil {
				return nil, err
			}
			took[how] = append(took[how], costs[i])
		}
	}
	return took, nil
}

func (l *lab) printStars(title string, took map[manner][]cost, goals []goal) {
	for _, how := range []manner{friendsOnly, byBlocking} {
		cpu := samples{}
		for i := range took[how] {
			cpu.add(ours, took[how][i].perUpdate())
			cpu.add(visible, took[inTheOpen][i].perUpdate())
		}
		l.print(figure{title: fmt.Sprintf("%s (%s)", title, how), unit: "µs", samples: cpu, goals: goals})
	}
}

// hiddenMesh is mesh, once without and once with half of the publishers hidden
// from half of their watchers.
func (l *lab) hiddenMesh() error {
	perPayload, perUpdate, gathered := samples{}, samples{}, samples{}
	for range l.rounds {
		paced, burst, err := l.hiddenMeshOnce()
		if err != nil {
			return err
		}
		for i, k := range []kind{visible, ours} {
			perPayload.add(k, paced[i].perPayload())
			perUpdate.add(k, burst[i].perUpdate())
			gathered.add(k, float64(burst[i].updates)/float64(burst[i].frames))
		}
	}
	const title = "1,000 watchers who are told of 100 each, 1,000 publishers, half of them hidden from 100 more, "
	goals := []goal{{visible, 1.1}}
	l.print(figure{title: title + "a change every 5 ms: server CPU per payload", unit: "µs", samples: perPayload, goals: goals})
	l.print(figure{title: title + "all change at once: server CPU per update", unit: "µs", samples: perUpdate, goals: goals})
	l.print(figure{title: title + "all change at once: updates in a payload", samples: gathered})
	return nil
}

func (l *lab) hiddenMeshOnce() (paced, burst []cost, err error) {
	const passes, bursts = 3, 10
	all, err := l.gatherAll(meshCast(), halfHidden())
	if err != nil {
		return nil, nil, err
	}
	defer all.end()
	paced, err = all.takeTurns(passes, func(c *crowd) (cost, error) { return c.measure(1, meshGap) })
	if err != nil {
		return nil, nil, err
	}
	burst, err = all.takeTurns(bursts, func(c *crowd) (cost, error) { return c.measure(1, 0) })
	return paced, burst, err
}

// crowds are compared side by side, each against a server of ours of its own:
// while one has its turn, the others are connected and idle. So what else the
// machine does meets all of them.
type crowds []*crowd

func (l *lab) gatherAll(casts ...cast) (all crowds, err error) {
	for _, of := range casts {
		s, err := l.start(ours)
		if err != nil {
			all.end()
			return nil, err
		}
		c, err := gather(s, of)
		if err != nil {
			s.stop()
			all.end()
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

func (all crowds) end() {
	for _, c := range all {
		c.leave()
		c.server.stop()
	}
}

// takeTurns returns what each took in all its turns.
func (all crowds) takeTurns(turns int, turn func(*crowd) (cost, error)) ([]cost, error) {
	took := make([]cost, len(all))
	for range turns {
		for i, c := range all {
			got, err := turn(c)
			if err != nil {
				return nil, err
			}
			took[i] = took[i].plus(got)
		}
	}
	return took, nil
}

func (c cost) plus(d cost) cost {
	return cost{c.cpu + d.cpu, c.frames + d.frames, c.updates + d.updates, c.bytes + d.bytes}
}
