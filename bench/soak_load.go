package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// soakLoad is a crowd that does all that clients do, honest or not.
type soakLoad struct {
	server *server
	rate   int // things a second

	mu      sync.Mutex // guards the rest
	random  *rand.Rand
	sockets []*peer
	counts  map[string]int
	serial  int

	busy    sync.WaitGroup
	streams sync.WaitGroup
}

// soakActions are what may happen, and how often among each other.
var soakActions = []struct {
	name   string
	weight int
	do     func(*soakLoad) error
}{
	{"own status set", 30, (*soakLoad).setStatus},
	{"socket replaced", 8, (*soakLoad).replaceSocket},
	{"list changed", 8, (*soakLoad).changeList},
	{"query over HTTP", 30, (*soakLoad).query},
	{"query of its own kind", 6, (*soakLoad).distinctQuery},
	{"admin's page", 2, (*soakLoad).adminPage},
	{"bad token", 4, (*soakLoad).badToken},
	{"nonsense on a socket", 4, (*soakLoad).nonsense},
	{"socket without init", 2, (*soakLoad).silentSocket},
	{"reader that stops", 1, (*soakLoad).slowReader},
	{"new user, then removed", 2, (*soakLoad).comeAndGo},
}

// begin has the users there, and the sockets and streams that stay.
func (s *soakLoad) begin(ctx context.Context) error {
	boss, err := s.server.connect(admin)
	if err != nil {
		return err
	}
	defer boss.drop()
	users := make([]string, soakUsers)
	for i := range users {
		users[i] = soakUser(i)
	}
	if err := boss.list(register, users); err != nil {
		return err
	}
	// As many as there are on a list after hours, so that the run's own lists don't grow.
	if err := together(soakUsers, func(i int) error {
		return s.call(users[i], fmt.Sprintf(`mutation{subscribeUserStatus(userIDList:["%s"]){failureUserList{userID}}}`, strings.Join(soakMost(users[i]), `","`)))
	}); err != nil {
		return err
	}
	s.sockets = make([]*peer, soakSockets)
	err = together(soakSockets, func(i int) (err error) {
		s.sockets[i], err = s.server.soaker(soakUser(i))
		return err
	})
	for i := range soakStreams {
		s.streams.Go(func() { s.stream(ctx, i) })
	}
	return err
}

func (s *soakLoad) end() {
	s.busy.Wait()
	s.streams.Wait()
	dropAll(s.sockets)
}

// soakTexts has an answer be long.
var soakTexts = func() (fields string) {
	for i := range 100 {
		fields += fmt.Sprintf("text%d:customStatus ", i)
	}
	return fields
}()

func soakUser(i int) string { return fmt.Sprintf("soaker-%05d", i) }

// soaker is a socket that hears of some users and reads all it is told.
func (s *server) soaker(user string) (*peer, error) {
	p, err := s.connect(user)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(p.list(watch, soakSome(user)), p.subscribe()); err != nil {
		p.drop()
		return nil, err
	}
	go p.listen(func([]byte) {})
	return p, nil
}

// soakSome is some of the users whom this one may have on their list, other ones
// each time; they are few, so that lists don't grow for ever.
func soakSome(user string) []string {
	some := make([]string, soakWatched)
	for i := range some {
		some[i] = soakWatchable(user, rand.IntN(2*soakWatched))
	}
	return some
}

// soakMost is three in four of them: that many stay, as three of four changes add.
func soakMost(user string) (most []string) {
	for _, i := range rand.Perm(2 * soakWatched)[:3*soakWatched/2] {
		most = append(most, soakWatchable(user, i))
	}
	return most
}

func soakWatchable(user string, i int) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(user)) // a hash takes all
	return soakUser((int(h.Sum32()%soakUsers) + i) % soakUsers)
}

// run does things at the rate, each beside the others.
func (s *soakLoad) run(ctx context.Context) {
	for next := time.Now(); ctx.Err() == nil; {
		next = next.Add(time.Second / time.Duration(s.rate))
		if wait := time.Until(next); wait > 0 {
			time.Sleep(wait)
		} else if wait < -time.Second {
			next = time.Now() // what could not be done in time is left out
		}
		i := s.draw()
		s.busy.Go(func() {
			err := soakActions[i].do(s)
			s.mu.Lock()
			defer s.mu.Unlock()
			s.counts[soakActions[i].name]++
			if err != nil && ctx.Err() == nil {
				s.counts[soakActions[i].name+" (failed: "+strings.SplitN(err.Error(), "\n", 2)[0]+")"]++
			}
		})
	}
}

func (s *soakLoad) draw() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	total := 0
	for _, a := range soakActions {
		total += a.weight
	}
	at := s.random.IntN(total)
	for i, a := range soakActions {
		if at -= a.weight; at < 0 {
			return i
		}
	}
	panic("the weights don't add up")
}

func (s *soakLoad) told() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(s.counts)) {
		parts = append(parts, fmt.Sprintf("%d × %s", s.counts[name], name))
	}
	return strings.Join(parts, ", ")
}

// user is any one, and next a number that nobody had before.
func (s *soakLoad) next() (user string, number int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	return soakUser(s.random.IntN(soakUsers)), s.serial
}

func (s *soakLoad) setStatus() error {
	_, n := s.next()
	s.mu.Lock()
	p := s.sockets[s.random.IntN(len(s.sockets))]
	s.mu.Unlock()
	return s.call(p.user, fmt.Sprintf(`mutation{setSelfStatus(customStatus:"soaking %d"){version}}`, n))
}

func (s *soakLoad) replaceSocket() error {
	user, n := s.next()
	fresh, err := s.server.soaker(user)
	if err != nil {
		return err
	}
	s.mu.Lock()
	i := s.random.IntN(len(s.sockets))
	old := s.sockets[i]
	s.sockets[i] = fresh
	s.mu.Unlock()
	if n%2 == 0 {
		_ = old.send(`{"type":"complete","id":"s"}`) // it may have been closed meanwhile
		return old.conn.Close()
	}
	old.drop()
	return nil
}

func (s *soakLoad) changeList() error {
	user, n := s.next()
	mutation := "subscribeUserStatus"
	if n%2 == 0 {
		mutation = "unsubscribeUserStatus"
	}
	return s.call(user, fmt.Sprintf(`mutation{%s(userIDList:["%s"]){failureUserList{userID}}}`, mutation, strings.Join(soakSome(user), `","`)))
}

func (s *soakLoad) query() error {
	user, _ := s.next()
	return s.call(user, fmt.Sprintf(`{userStatus(userIDList:["%s"]){successUserList{userID statusType customStatus}} subscribedUserStatus{userID version}}`, strings.Join(soakSome(user), `","`)))
}

func (s *soakLoad) distinctQuery() error {
	user, n := s.next()
	return s.call(user, fmt.Sprintf(`query soaked%d{alias%d:userStatus(userIDList:["%s"]){successUserList{userID}}}`, n, n, user))
}

func (s *soakLoad) adminPage() error {
	user, _ := s.next()
	return s.call(admin, fmt.Sprintf(`{figures{samples{at figures{connections}} nodes{name}} users(prefix:"soaker",first:50){edges{node}} userDetails(userID:"%s"){history(first:50){edges{node{reason}}}}}`, user))
}

func (s *soakLoad) comeAndGo() error {
	_, n := s.next()
	name := fmt.Sprintf("passer-by-%d", n%soakGuests)
	if err := s.call(name, `mutation{setSelfStatus(customStatus:"passing"){version}}`); err != nil {
		return err
	}
	return s.call(admin, fmt.Sprintf(`mutation{removeUsers(userIDList:["%s"]){failureUserList{userID}}}`, name))
}

func (s *soakLoad) badToken() error {
	_, n := s.next()
	status, _, err := s.post(fmt.Sprintf("bad.%d.token", n), "{__typename}", "")
	if err == nil && status != http.StatusUnauthorized {
		err = fmt.Errorf("status %d", status)
	}
	return err
}

func (s *soakLoad) nonsense() error {
	user, n := s.next()
	p, err := s.server.connect(user)
	if err != nil {
		return err
	}
	defer p.drop()
	words := []string{`{"type":"nonsense"}`, `{`, `[]`, `{"type":"connection_init"}`, `{"id":"x","type":"subscribe","payload":{}}`}
	if err := p.send(words[n%len(words)]); err != nil {
		return err
	}
	if err := p.await("nothing that comes"); err == nil || !strings.Contains(err.Error(), "the server closed") {
		return fmt.Errorf("it was not closed: %w", err)
	}
	return nil
}

func (s *soakLoad) silentSocket() error {
	p, err := s.server.upgrade("nobody")
	if err != nil {
		return err
	}
	defer p.drop()
	if err := p.await("nothing that comes"); err == nil || !strings.Contains(err.Error(), "the server closed") {
		return fmt.Errorf("it was not closed: %w", err)
	}
	return nil
}

// slowReader asks for much and takes none of it, until it is cut off or for 30 s.
func (s *soakLoad) slowReader() error {
	user, _ := s.next()
	p, err := s.server.connect(user)
	if err != nil {
		return err
	}
	defer p.drop()
	document := `{subscribedUserStatus{` + soakTexts + `}}`
	for i, end := 0, time.Now().Add(30*time.Second); time.Now().Before(end); i++ {
		_ = p.conn.SetWriteDeadline(end)
		if err := p.send(fmt.Sprintf(`{"id":"%d","type":"subscribe","payload":{"query":"%s"}}`, i, document)); err != nil {
			return nil // it was cut off, or its own way is full
		}
		time.Sleep(200 * time.Millisecond)
	}
	return nil
}
