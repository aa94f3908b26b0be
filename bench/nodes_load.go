package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync/atomic"
	"time"
)

// loadArgument has the program be the clients of one node.
const loadArgument = "clients-of-a-node"

// loadAnswer is how many updates have been told so far.
type loadAnswer struct{ Told int64 }

// load is the clients of one node of a cluster.
type load struct {
	node         *server
	index, nodes int
	publishers   []publisher
	sockets      []*peer
	changes      uint32
	told         atomic.Int64
}

// publisher changes their status, and is read all the time, for the pings.
type publisher struct {
	*peer
	answered chan struct{}
}

// loadNode does what its standard input says, until that ends.
func loadNode(args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("%s is for the program itself", loadArgument)
	}
	var numbers [3]int
	for i := range numbers {
		n, err := strconv.Atoi(args[1+i])
		if err != nil {
			return err
		}
		numbers[i] = n
	}
	l := &load{node: &server{url: args[0]}, index: numbers[0], nodes: numbers[1], sockets: make([]*peer, numbers[2])}
	answers := json.NewEncoder(os.Stdout)
	for words := bufio.NewScanner(os.Stdin); words.Scan(); {
		if err := l.do(words.Text()); err != nil {
			return err
		}
		if err := answers.Encode(loadAnswer{l.told.Load()}); err != nil {
			return err
		}
	}
	return nil
}

func (l *load) do(word string) error {
	switch word {
	case "publish":
		l.publishers = make([]publisher, nodePublishers)
		return together(nodePublishers, l.introduce)
	case "connect":
		return together(len(l.sockets), l.connect)
	case "change":
		l.changes++
		return together(nodePublishers, func(i int) error { return l.publishers[i].change(textOf(i, l.changes)) })
	}
	return nil
}

func (l *load) introduce(i int) error {
	p, err := l.node.connect(publisherName(l.index*nodePublishers + i))
	if err != nil {
		return err
	}
	l.publishers[i] = publisher{p, make(chan struct{}, 1)}
	go p.listen(func(text []byte) {
		if bytes.Contains(text, []byte(complete)) {
			l.publishers[i].answered <- struct{}{}
		}
	})
	return nil
}

func (p publisher) change(text string) error {
	if err := p.begin(text); err != nil {
		return err
	}
	select {
	case <-p.answered:
		return nil
	case <-time.After(patience):
		return fmt.Errorf("%s had no answer in %s", p.user, patience)
	}
}

func (l *load) connect(i int) error {
	p, err := l.node.connect(fmt.Sprintf("client-%d-%d", l.index, i))
	if err != nil {
		return err
	}
	l.sockets[i] = p
	if err := errors.Join(p.subscribe(), p.list(watch, l.someone())); err != nil {
		return err
	}
	go p.listen(func(text []byte) { l.told.Add(int64(bytes.Count(text, textMark))) })
	return nil
}

// someone is publishers anywhere, each once.
func (l *load) someone() (users []string) {
	for _, i := range rand.Perm(l.nodes * nodePublishers)[:nodeWatched] {
		users = append(users, publisherName(i))
	}
	return users
}
