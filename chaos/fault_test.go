package chaos

import (
	"errors"
	"math/rand/v2"
	"syscall"
	"time"
)

// fault breaks something, mends it, and returns when it is mended. Its time is
// the fault's own, so here the tests do wait for time.
type fault struct {
	name string
	// passes is how long its traces may be seen after it, beyond settleLimit: a
	// node's death is noticed late, and its users have a grace then.
	passes time.Duration
	strike func(c *cluster, random *rand.Rand) error
}

// killed ends a node as a crash would, and starts it again. Beside others it
// counts as dead only after a while.
func killed(i int, passes time.Duration) fault {
	return fault{"kill -9", passes, func(c *cluster, random *rand.Rand) error {
		c.nodes[i].kill()
		time.Sleep(time.Duration(random.Int64N(int64(2 * time.Second))))
		return c.nodes[i].start()
	}}
}

// frozen stops a node's process for a while, longer than it takes to count as
// dead and to have its users cleared.
func frozen(i int, long time.Duration) fault {
	return fault{"SIGSTOP", 0, func(c *cluster, _ *rand.Rand) error {
		p := c.nodes[i].current()
		if err := p.signal(syscall.SIGSTOP); err != nil {
			return err
		}
		time.Sleep(long)
		return p.signal(syscall.SIGCONT)
	}}
}

// databaseRestarted ends Postgres, in order or as a crash would, and starts it.
func databaseRestarted(down time.Duration) fault {
	return fault{"Postgres restarted", 0, func(c *cluster, random *rand.Rand) error {
		signals := []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT}
		if err := c.store.Halt(signals[random.IntN(len(signals))]); err != nil {
			return err
		}
		time.Sleep(down)
		return c.store.Resume()
	}}
}

// busRestarted ends NATS, or has it stand still.
func busRestarted(down time.Duration) fault {
	return fault{"NATS stopped", 0, func(c *cluster, random *rand.Rand) error {
		end, begin := c.bus.Stop, c.bus.StartAgain
		if random.IntN(2) == 0 {
			end, begin = c.bus.Halt, c.bus.Resume
		}
		if err := end(); err != nil {
			return err
		}
		time.Sleep(down)
		return begin()
	}}
}

// cutFromDatabase breaks a node's way to Postgres: connections end, or what is
// sent is swallowed. While the others hear the node it doesn't count as dead.
func cutFromDatabase(i int, long time.Duration) fault {
	return fault{"way to Postgres broken", 0, func(c *cluster, random *rand.Rand) error {
		broken(c.nodes[i].toStore, long, random)
		return nil
	}}
}

// cutFromBus breaks a node's way to NATS likewise.
func cutFromBus(i int, long time.Duration) fault {
	return fault{"way to NATS broken", 0, func(c *cluster, random *rand.Rand) error {
		broken(c.nodes[i].toBus, long, random)
		return nil
	}}
}

func broken(p *proxy, long time.Duration, random *rand.Rand) {
	if random.IntN(2) == 0 {
		p.cut()
	} else {
		p.stall()
	}
	time.Sleep(long)
	p.heal()
}

// replaced stops all nodes one after another, each in order, and starts a new
// process in its place before the next.
func replaced() fault {
	return fault{"all nodes replaced", 0, func(c *cluster, _ *rand.Rand) error {
		for _, n := range c.nodes {
			if err := errors.Join(n.terminate(), n.start()); err != nil {
				return err
			}
		}
		return nil
	}}
}
