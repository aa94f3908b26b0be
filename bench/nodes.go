package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"userstatus/broadcast/natstest"
	"userstatus/db/pgtest"
)

// What each node has in nodes, however many there are.
const (
	nodeSockets    = 16_700 // three make 50,000; a process may have 20,000 files open here
	nodePublishers = 50
	nodeWatched    = 5
	// restFor is longer than a round of comparing with the database, which reads
	// once more whose lists have changed.
	restFor = 15 * time.Second
	idleFor = 20 * time.Second
)

// nodes is what a node costs as one of several on one Postgres and one NATS,
// with the same clients each: idle sockets that watch a few publishers anywhere
// in the cluster.
func (l *lab) nodes() error {
	sockets := nodeSockets
	if l.quick {
		sockets = 1000
	}
	l.say("\nOne of several nodes on one Postgres and one NATS: %d sockets each that watch %d of all publishers, %d of whom are each node's\n",
		sockets, nodeWatched, nodePublishers)
	for _, n := range []int{1, 2, 3} {
		if err := l.several(n, sockets); err != nil {
			return fmt.Errorf("%d nodes: %w", n, err)
		}
	}
	return nil
}

// several runs one cluster.
func (l *lab) several(nodes, sockets int) error {
	store, err := pgtest.Start()
	if err != nil {
		return err
	}
	defer func() { _ = store.Stop() }()
	bus, err := natstest.Start(natstest.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = bus.Close() }()
	var all []*clusterNode
	defer func() {
		for _, n := range all {
			n.stop()
		}
	}()
	for i := range nodes {
		n, err := l.join(i, nodes, sockets, store.Address("postgres"), bus.URL())
		if err != nil {
			return err
		}
		all = append(all, n)
	}
	return l.measureNodes(all, sockets)
}

// clusterNode is a server and the process of its clients.
type clusterNode struct {
	*server
	load  *exec.Cmd
	tell  io.WriteCloser
	hears *bufio.Scanner
	empty int
}

func (l *lab) join(i, nodes, sockets int, database, bus string) (*clusterNode, error) {
	s, err := l.start(ours, "--database="+database, "--nats="+bus, fmt.Sprint("--node-name=node-", i))
	if err != nil {
		return nil, err
	}
	n := &clusterNode{server: s}
	if n.empty, err = s.rss(); err != nil {
		return n, err
	}
	n.load = exec.Command(os.Args[0], loadArgument, s.url, fmt.Sprint(i), fmt.Sprint(nodes), fmt.Sprint(sockets))
	n.load.Stderr = os.Stderr
	if n.tell, err = n.load.StdinPipe(); err != nil {
		return n, err
	}
	out, err := n.load.StdoutPipe()
	if err != nil {
		return n, err
	}
	n.hears = bufio.NewScanner(out)
	return n, n.load.Start()
}

func (n *clusterNode) stop() {
	if n.tell != nil {
		_ = n.tell.Close() // at which the clients' process ends
		_ = n.load.Wait()
	}
	n.server.stop()
}

// do has the clients do something and returns what they answer.
func (n *clusterNode) do(word string) (answer loadAnswer, err error) {
	if _, err := fmt.Fprintln(n.tell, word); err != nil {
		return answer, err
	}
	if !n.hears.Scan() {
		return answer, fmt.Errorf("the clients of %s ended at %q: %w", n.url, word, io.ErrUnexpectedEOF)
	}
	return answer, json.Unmarshal(n.hears.Bytes(), &answer)
}

func all(nodes []*clusterNode, word string) (sum loadAnswer, err error) {
	answers := make([]loadAnswer, len(nodes))
	err = together(len(nodes), func(i int) (err error) {
		answers[i], err = nodes[i].do(word)
		return err
	})
	for _, a := range answers {
		sum.Told += a.Told
	}
	return sum, err
}

func cpuOfAll(nodes []*clusterNode) (sum time.Duration) {
	for _, n := range nodes {
		sum += n.cpu()
	}
	return sum
}

func (l *lab) measureNodes(nodes []*clusterNode, sockets int) error {
	began := time.Now()
	for _, word := range []string{"publish", "connect"} {
		if _, err := all(nodes, word); err != nil {
			return err
		}
	}
	connected := time.Since(began)
	time.Sleep(restFor)
	before := cpuOfAll(nodes)
	time.Sleep(idleFor)
	idle := cpuOfAll(nodes) - before
	rss := 0
	for _, n := range nodes {
		now, err := n.rss()
		if err != nil {
			return err
		}
		rss += now - n.empty
	}
	round, cpu, err := changeRound(nodes, sockets)
	if err != nil {
		return err
	}
	count := float64(len(nodes))
	told := count * float64(sockets*nodeWatched)
	l.say("  %d nodes, %d sockets: connected in %s; per socket %.1f KB; idle %.1f %% of a processor per node; "+
		"each publisher's change told to all in %s, %.1f µs of the nodes' processor time per update told\n",
		len(nodes), len(nodes)*sockets, connected.Round(100*time.Millisecond), float64(rss)/count/float64(sockets)/1024,
		100*idle.Seconds()/idleFor.Seconds()/count, round.Round(10*time.Millisecond), float64(cpu.Microseconds())/told)
	return nil
}

// changeRound is one change of each publisher on each node, until all who watch
// have been told.
func changeRound(nodes []*clusterNode, sockets int) (took, cpu time.Duration, err error) {
	first, err := all(nodes, "count")
	if err != nil {
		return 0, 0, err
	}
	before, began := cpuOfAll(nodes), time.Now()
	if _, err := all(nodes, "change"); err != nil {
		return 0, 0, err
	}
	want := int64(len(nodes) * sockets * nodeWatched)
	for time.Since(began) < patience {
		now, err := all(nodes, "count")
		if err != nil {
			return 0, 0, err
		}
		if now.Told-first.Told >= want {
			return time.Since(began), cpuOfAll(nodes) - before, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return 0, 0, fmt.Errorf("after %s not everybody has been told", patience)
}
