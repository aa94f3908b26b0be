package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	floodRequests = 200
	// floodPatience is how long an honest client waits; floodServed is what share
	// of them is to be served.
	floodPatience = 10 * time.Second
	floodServed   = 0.95
	flooders      = 1_000
)

// floods are what one address does to keep the others out.
var floods = []struct {
	name   string
	attack func(s *server, from *http.Client) error
}{
	{"nobody floods", nil},
	{"the dearest query, 1,000 at a time", (*server).dearest},
	{"connections that say nothing", (*server).sayNothing},
	{"documents that nobody sent before", (*server).unheardOf},
	{"tokens that are wrong", (*server).forged},
}

// flood is what an honest client gets while another address does all it can.
func (l *lab) flood() error {
	s, err := l.start(ours, "--max-connections=4000")
	if err != nil {
		return err
	}
	defer s.stop()
	if err := s.registerMany(500); err != nil {
		return err
	}
	l.say("\nAn honest client at an address of its own sends %d requests, one after the other, each over a new connection, while %d clients of another address flood (on the same two processors):\n", floodRequests, flooders)
	for _, f := range floods {
		served, times := s.whileFlooded(f.attack)
		l.say("  %-38s %5.1f %% served  p50 %7s  p99 %7s\n", f.name, 100*served, at(times, 0.5), at(times, 0.99))
		if served < floodServed {
			return fmt.Errorf("%s: %.1f %% are served, at least %.0f %% are to be", f.name, 100*served, 100*floodServed)
		}
	}
	return nil
}

func at(times []time.Duration, share float64) time.Duration {
	return times[int(share*float64(len(times)-1))].Round(100 * time.Microsecond)
}

func (s *server) whileFlooded(attack func(*server, *http.Client) error) (served float64, times []time.Duration) {
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	if attack != nil {
		from := clientFrom("127.0.0.40", 0)
		for range flooders {
			all.Go(func() {
				for ctx.Err() == nil {
					_ = attack(s, from) // served or not
				}
			})
		}
		time.Sleep(2 * time.Second)
	}
	honest := clientFrom("127.0.0.41", floodPatience)
	for range floodRequests {
		began := time.Now()
		if s.ask(honest, "honest", `{userStatus(userIDList:["watcher-00001"]){successUserList{userID statusType}}}`, nil) == nil {
			served += 1.0 / floodRequests
		}
		times = append(times, time.Since(began))
	}
	cancel()
	all.Wait()
	slices.Sort(times)
	return served, times
}

func clientFrom(ip string, timeout time.Duration) *http.Client {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}, Timeout: floodPatience}
	return &http.Client{Timeout: timeout, Transport: &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}}
}

// ask is an operation that must be answered without errors.
func (s *server) ask(client *http.Client, user, query string, variables map[string]any) error {
	token, err := tokenOf(user)
	if err != nil {
		return err
	}
	answer, err := s.send(context.Background(), client, token, query, variables, "application/json")
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	var said struct{ Errors []json.RawMessage }
	if err := json.NewDecoder(answer.Body).Decode(&said); err != nil || len(said.Errors) > 0 {
		return fmt.Errorf("status %d, %s, %w", answer.StatusCode, said.Errors, err)
	}
	return nil
}

func (s *server) dearest(from *http.Client) error {
	ids, fields := make([]string, 500), make([]string, 48)
	for i := range ids {
		ids[i] = watcherName(i)
	}
	for i := range fields {
		fields[i] = fmt.Sprintf("f%d:customStatus", i)
	}
	return s.ask(from, "mallory", `query($ids:[ID!]!){userStatus(userIDList:$ids){successUserList{`+strings.Join(fields, " ")+`}}}`, map[string]any{"ids": ids})
}

func (s *server) sayNothing(from *http.Client) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	conn, err := from.Transport.(*http.Transport).DialContext(ctx, "tcp", strings.TrimSuffix(strings.TrimPrefix(s.url, "ws://"), "/graphql"))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetReadDeadline(time.Now().Add(time.Second))
	_, err = io.Copy(io.Discard, conn)
	return err
}

// manyFields are about as many as go.
var manyFields = func() (fields string) {
	for i := range 900 {
		fields += fmt.Sprintf("f%d:customStatus ", i)
	}
	return fields
}()

func (s *server) unheardOf(from *http.Client) error {
	name := fmt.Sprintf("never%d", rand.Uint64())
	return s.ask(from, "mallory", `query `+name+`{userStatus(userIDList:["watcher-00001"]){successUserList{`+manyFields+`}}}`, nil)
}

func (s *server) forged(from *http.Client) error {
	answer, err := s.send(context.Background(), from, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6NDAwMDAwMDAwMH0.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "{__typename}", nil, "")
	if err != nil {
		return err
	}
	return answer.Body.Close()
}
