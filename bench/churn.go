package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"sync/atomic"
	"time"
)

const (
	churnUsers = 20_000
	// churnAtOnce is how many clients come and go at a time.
	churnAtOnce = 64
	// churnParts is into how many parts a run is divided, of which each begins
	// and ends with nobody there.
	churnParts = 10
)

// churn has as many clients come and go as else in a day. Between its parts, once
// all are OFFLINE, the service is to be as it was before.
func (l *lab) churn() error {
	visits := 500_000
	if l.quick {
		visits = 20_000
	}
	s, err := l.start(ours, "--history=30s", "--offline-grace=1s")
	if err != nil {
		return err
	}
	defer s.stop()
	if err := s.registerMany(churnUsers); err != nil {
		return err
	}
	v, began := newVital(s), time.Now()
	var failed atomic.Int64
	for part := range churnParts {
		err := inParallel(churnAtOnce, visits/churnParts, func(i int) error {
			if err := s.visit(part*visits/churnParts + i); err != nil {
				failed.Add(1)
				fmt.Fprintln(os.Stderr, "bench: a visit:", err)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := s.awaitNobody(); err != nil {
			return err
		}
		if err := v.look(s, runtime.NumCPU()); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "\r[%d of %d]   ", (part+1)*visits/churnParts, visits)
	}
	took := time.Since(began)
	l.say("\n%d connects and disconnects of %d users in %s (%.0f a second, %d failed): a day of %.1f a second; after each tenth, with nobody there:\n",
		visits, churnUsers, took.Round(time.Second), float64(visits)/took.Seconds(), failed.Load(), float64(visits)/24/3600)
	var grown []error
	for _, t := range v.all()[:5] {
		last := len(t.value) - 1
		l.say("  %-22s %s after the first, %s after the fifth, %s %s after the last\n", t.name, short(t.value[0]), short(t.value[last/2]), short(t.value[last]), t.unit)
		if !l.quick && t.value[last] > 1.2*t.value[last/2] {
			grown = append(grown, fmt.Errorf("%s: it grows", t.name))
		}
	}
	return errors.Join(grown...)
}

// registerMany has users there before they come.
func (s *server) registerMany(users int) error {
	boss, err := s.connect(admin)
	if err != nil {
		return err
	}
	defer boss.drop()
	names := make([]string, users)
	for i := range names {
		names[i] = watcherName(i)
	}
	return boss.list(register, names)
}

// visit is one client who comes, looks, says something now and then, and goes,
// with a word or without.
func (s *server) visit(i int) error {
	p, err := s.connect(watcherName(rand.IntN(churnUsers)))
	if err != nil {
		return err
	}
	defer p.drop()
	if err := p.subscribe(); err != nil {
		return err
	}
	if i%5 == 0 {
		if err := p.set(fmt.Sprint("visit ", i)); err != nil {
			return err
		}
	}
	if i%2 == 0 {
		_ = p.conn.SetDeadline(time.Now().Add(patience))
		return p.close()
	}
	return nil
}

// close says so to the server, and waits for its echo.
func (p *peer) close() error {
	if _, err := p.conn.Write(appendClientFrame(nil, opClose, []byte{0x03, 0xe8})); err != nil {
		return err
	}
	for {
		op, payload, err := readFrame(p.in, p.buf)
		if err != nil {
			return err
		}
		if p.buf = payload; op == opClose {
			return nil
		}
	}
}

// awaitNobody returns once nobody is connected or in a grace.
func (s *server) awaitNobody() error {
	for end := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		online, err := s.usersOnline()
		if err != nil || online == 0 {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("%d users are ONLINE though all have gone", online)
		}
	}
}

func (s *server) usersOnline() (online int, err error) {
	token, err := tokenOf(admin)
	if err != nil {
		return 0, err
	}
	answer, err := s.send(context.Background(), http.DefaultClient, token, "{figures{usersOnline}}", nil, "")
	if err != nil {
		return 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	var said struct {
		Data *struct{ Figures struct{ UsersOnline int } }
	}
	if err := json.NewDecoder(answer.Body).Decode(&said); err != nil || said.Data == nil {
		return 0, fmt.Errorf("how many are ONLINE was answered with %d, %w", answer.StatusCode, err)
	}
	return said.Data.Figures.UsersOnline, nil
}
