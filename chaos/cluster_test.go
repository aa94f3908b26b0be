package chaos

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"userstatus/broadcast/natstest"
	"userstatus/db/disktest"
	"userstatus/db/pgtest"
)

// options are what a cluster is made of.
type options struct {
	nodes int
	// embedded has the nodes be the bus themselves, instead of a NATS.
	embedded bool
	// file has a single node keep its data in a file, on a disk of its own.
	file bool
	// clock lets the tests set the nodes' clocks.
	clock bool
	// flags are for all nodes, beside those that make them a cluster.
	flags []string
}

// cluster is nodes on one Postgres and, where there are several, on one NATS,
// with proxies on the ways between; or a single one on a file.
type cluster struct {
	store *pgtest.Cluster
	// disk is where the file is, and nil where there is a Postgres.
	disk  *disktest.Disk
	bus   *natstest.Server
	build func() (path string, err error)
	nodes []*node
	flags []string
	dir   string
}

// newCluster starts everything. The test's end ends it, and looks at the logs.
func newCluster(t *testing.T, o options) *cluster {
	t.Helper()
	c := &cluster{build: build, flags: o.flags, dir: t.TempDir()}
	if o.clock {
		c.build = buildWithClock
	}
	if o.file {
		c.disk = disk(t)
	}
	t.Cleanup(func() { c.close(t) })
	var err error
	if !o.file {
		c.store, err = pgtest.Start()
		need(t, pgtest.ErrMissing, err)
	}
	if o.nodes > 1 && !o.embedded {
		c.bus, err = natstest.Start(natstest.Options{})
		must(t, err)
	}
	for i := range o.nodes {
		n, err := newNode(c, fmt.Sprint("node-", i))
		must(t, err)
		c.nodes = append(c.nodes, n)
	}
	if o.embedded {
		must(t, c.makeBus())
	}
	must(t, together(o.nodes, func(i int) error { return c.nodes[i].start() }))
	return c
}

// disk has room for a run.
func disk(t *testing.T) *disktest.Disk {
	t.Helper()
	d, err := disktest.Mount(t.TempDir(), 64)
	need(t, disktest.ErrMissing, err)
	t.Cleanup(func() {
		if err := d.Unmount(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// makeBus gives each node a port for the others, which all know from the start.
func (c *cluster) makeBus() error {
	var peers []string
	for range c.nodes {
		address, err := freeAddress()
		if err != nil {
			return err
		}
		peers = append(peers, address)
	}
	for i, n := range c.nodes {
		n.bus = []string{"--nats=embedded", "--cluster-listen=" + peers[i], "--cluster-peers=" + strings.Join(peers, ",")}
	}
	return nil
}

// freeAddress is on a port that is free now, and not one of those that the
// kernel hands out.
func freeAddress() (address string, err error) {
	const tries, lowest, highest = 100, 10_000, 30_000
	for range tries {
		address = fmt.Sprintf("127.0.0.1:%d", lowest+rand.N(highest-lowest))
		var listener net.Listener
		if listener, err = net.Listen("tcp", address); err == nil {
			return address, listener.Close()
		}
	}
	return "", err
}

func (c *cluster) close(t *testing.T) {
	for _, n := range c.nodes {
		if err := n.close(); err != nil {
			t.Error(err)
		}
	}
	if c.bus != nil {
		if err := c.bus.Close(); err != nil {
			t.Error(err)
		}
	}
	if c.store != nil {
		if err := c.store.Stop(); err != nil {
			t.Error(err)
		}
	}
}

// node is a place in the cluster: one process after another under one name.
type node struct {
	c    *cluster
	name string
	// dir is where the node's processes start.
	dir            string
	toStore, toBus *proxy
	// bus is the flags that connect the node with the others.
	bus []string

	mu      sync.Mutex
	process *process
	// address is where the node listens, or did last.
	address  string
	finished []*process
	// expected is true of a process that was told to end.
	expected bool
}

func newNode(c *cluster, name string) (*node, error) {
	n := &node{c: c, name: name, dir: filepath.Join(c.dir, name)}
	err := os.Mkdir(n.dir, 0o700)
	if err == nil {
		err = newClock(n.dir)
	}
	if err == nil && c.store != nil {
		n.toStore, err = proxyTo(c.store)
	}
	if err == nil && c.bus != nil {
		n.toBus, err = newProxy("tcp", c.bus.Address())
	}
	if err != nil {
		return nil, errors.Join(err, n.close())
	}
	if c.bus != nil {
		n.bus = []string{"--nats=nats://" + n.toBus.address()}
	}
	return n, nil
}

// settings are the flags that make the node one of the cluster.
func (n *node) settings() []string {
	flags := []string{"serve", "--listen=127.0.0.1:0", "--set-status-rate=0", "--database=" + n.database()}
	if n.bus != nil {
		flags = append(flags, "--node-name="+n.name)
	}
	return slices.Concat(flags, n.bus, n.c.flags)
}

// start launches a process in the node's place, and waits until it listens.
func (n *node) start() error {
	p, err := launch(n.c.build, n.dir, n.settings()...)
	if err != nil {
		return err
	}
	n.mu.Lock()
	if n.process != nil {
		n.finished = append(n.finished, n.process)
	}
	n.process, n.expected = p, false
	n.mu.Unlock()
	address, err := p.serving()
	if err != nil {
		return fmt.Errorf("%s: %w", n.name, err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.address = address
	return nil
}

func (n *node) url() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.address
}

func (n *node) current() *process {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.process
}

// ending is the process, which is now told to end.
func (n *node) ending() *process {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.expected = true
	return n.process
}

func (n *node) kill()            { n.ending().kill() }
func (n *node) terminate() error { return n.ending().terminate() }

// close ends the process in order, and looks at what all of the node's wrote.
func (n *node) close() error {
	defer n.closeProxies()
	p := n.current()
	if p == nil {
		return nil
	}
	var errs []error
	if !n.expected {
		errs = append(errs, n.terminate())
	}
	n.kill()
	for _, p := range append(n.finished, p) {
		if words := foreign(p.stderr.text()); words != "" {
			errs = append(errs, fmt.Errorf("%s wrote: %s", n.name, words))
		}
	}
	return errors.Join(errs...)
}

func (n *node) closeProxies() {
	for _, p := range []*proxy{n.toStore, n.toBus} {
		if p != nil {
			p.close()
		}
	}
}
