package graph_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"userstatus/presence"
)

// fat is a subscription of which each change is some kilobytes.
var fat = `subscription{userStatusUpdated(snapshot:true){userID ` + texts(20) + `}}`

func texts(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "text%d:customStatus ", i)
	}
	return b.String()
}

func numbered(i int) string { return fmt.Sprintf("%s %d", strings.Repeat("x", 90), i) }

// reading has a client read all the time, so that it is never silent.
func (c *client) reading() <-chan string {
	read := make(chan string, 1000)
	go func() {
		defer close(read)
		for {
			_, text, err := c.ReadMessage()
			if err != nil {
				return
			}
			read <- string(text)
		}
	}()
	return read
}

// TestFrozenClients has alice change all the time while bob, who watches her,
// takes nothing any more; carol watches both.
func TestFrozenClients(t *testing.T) {
	for name, freeze := range map[string]func(t *testing.T, bob *client, stop <-chan struct{}){
		"one that reads nothing": func(*testing.T, *client, <-chan struct{}) {},
		"one that answers one ping and then freezes": func(t *testing.T, bob *client, _ <-chan struct{}) {
			errFrozen := errors.New("frozen")
			answer := bob.PingHandler()
			bob.SetPingHandler(func(text string) error { return errors.Join(answer(text), errFrozen) })
			for err := error(nil); !errors.Is(err, errFrozen); {
				if _, err = bob.read(); err != nil && !errors.Is(err, errFrozen) {
					t.Fatal(err)
				}
			}
		},
		"one that asks for big answers and reads none": func(t *testing.T, bob *client, stop <-chan struct{}) {
			big := ask("q", `{userStatus(userIDList:["alice"]){successUserList{`+texts(800)+`}}}`)
			go every(stop, 10*time.Millisecond, func() { _ = bob.WriteMessage(websocket.TextMessage, []byte(big)) })
		},
		"one that pings and reads nothing": func(t *testing.T, bob *client, stop <-chan struct{}) {
			go every(stop, 10*time.Millisecond, func() {
				_ = bob.WriteControl(websocket.PingMessage, nil, time.Now().Add(patience))
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, func(s *settings) {
				s.PingInterval = time.Second // in which the others answer however busy the machine is
				s.sendBuffer = 4 << 10
			})
			s.as("alice", setText(numbered(0)))
			carol, bob := s.socket(t, "carol"), s.cramped(t, "bob")
			bob.answer("1", subscribeTo("alice"))
			carol.answer("1", subscribeTo("alice"))
			carol.answer("2", subscribeTo("bob"))
			carol.send(ask("s", watch))
			carol.quiet()
			told := carol.reading()
			bob.send(ask("s", fat))
			bob.expectPart(`{"id":"s","type":"next"`)
			stop := make(chan struct{})
			defer close(stop)
			freeze(t, bob, stop)
			frozenAt := time.Now()
			for i := 1; !s.waitTold(t, told, i); i++ {
				s.as("alice", setText(numbered(i)))
			}
			if after := time.Since(frozenAt); after > patience {
				t.Errorf("OFFLINE after %v", after)
			}
			if !strings.Contains(name, "big answers") { // that one is closed for what it asks
				s.wentBy(t, "bob", presence.ReasonTimeout)
			}
		})
	}
}

// waitTold waits until alice's last change is told, and is true once bob is
// OFFLINE.
func (s *server) waitTold(t *testing.T, told <-chan string, i int) (offline bool) {
	t.Helper()
	if i == 1 {
		return false // nothing has changed yet
	}
	timeout := time.After(patience)
	for {
		select {
		case m, open := <-told:
			if !open {
				t.Fatal("carol's socket is closed")
			}
			offline = offline || strings.Contains(m, `"userID":"bob","statusType":"OFFLINE"`)
			if strings.Contains(m, numbered(i-1)+`"`) {
				return offline
			}
		case <-timeout:
			t.Fatalf("carol is not told of change %d", i-1)
		}
	}
}

func every(stop <-chan struct{}, interval time.Duration, do func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
			do()
		}
	}
}

func TestASlowClientIsToldTheNewest(t *testing.T) {
	s := start(t, func(s *settings) {
		s.PingInterval = time.Minute
		s.sendBuffer = 4 << 10
	})
	alice, bob := s.socket(t, "alice"), s.cramped(t, "bob")
	bob.answer("1", subscribeTo("alice"))
	bob.send(ask("s", fat))
	bob.expectPart(`{"id":"s","type":"next"`)
	change := 0
	for pause := range 3 {
		const changes = 100 // far more than what fits into the buffers
		for range changes {
			change++
			alice.answer("m", setText(numbered(change)))
		}
		read := bob.until(numbered(change) + `"`)
		if len(read) > changes/2 {
			t.Errorf("pause %d: %d payloads, though only the newest count", pause, len(read))
		}
		bob.quiet()
	}
	t.Run("even if the changes go on while it reads again", func(t *testing.T) {
		last := change + 200
		changed := make(chan struct{})
		go func() {
			defer close(changed)
			for i := change + 1; i <= last; i++ {
				s.as("alice", setText(numbered(i)))
			}
		}()
		seen := change
		for seen < last {
			var i int
			text := bob.next()
			_, part, _ := strings.Cut(text, strings.Repeat("x", 90)+" ")
			if _, err := fmt.Sscanf(part, "%d", &i); err != nil || i <= seen {
				t.Fatalf("after %d: %d in %.300s", seen, i, text)
			}
			seen = i
		}
		<-changed
		bob.quiet()
	})
}

func TestALiveClientStays(t *testing.T) {
	s := start(t, func(s *settings) { s.PingInterval = 200 * time.Millisecond })
	c := s.socket(t, "alice")
	pings := make(chan struct{}, 100)
	answer := c.PingHandler()
	c.SetPingHandler(func(text string) error { pings <- struct{}{}; return answer(text) })
	told := c.reading()
	for range 8 { // four times as long as a silent one would be left
		select {
		case <-pings:
		case m := <-told:
			t.Fatalf("got %q, or the end", m)
		}
	}
	if err := c.WriteMessage(websocket.TextMessage, []byte(`{"type":"ping"}`)); err != nil {
		t.Fatal(err)
	}
	if got := <-told; got != `{"type":"pong"}` {
		t.Error(got)
	}
}

func TestASilentClientIsGone(t *testing.T) {
	s := start(t, func(s *settings) { s.PingInterval = 100 * time.Millisecond })
	c := s.socket(t, "alice")
	c.SetPingHandler(func(string) error { return nil })
	if text, err := c.read(); err == nil {
		t.Fatal(text)
	}
	bob := readEvents(s.open(t.Context(), "bob", watchAll, events).Body)
	s.as("bob", subscribeTo("alice"))
	bob.until(t, `"userID":"alice","statusType":"OFFLINE"`)
}

// TestAClientOnASlowLinkStays has a client that is behind for longer than a
// silent one would be left, and takes what there is little by little.
func TestAClientOnASlowLinkStays(t *testing.T) {
	const interval, answers = 800 * time.Millisecond, 10
	s := start(t, func(s *settings) {
		s.PingInterval = interval
		s.sendBuffer = 4 << 10
	})
	s.as("alice", setText(numbered(0)))
	c := s.cramped(t, "bob")
	for i := range answers {
		c.send(ask(fmt.Sprint(i), `{userStatus(userIDList:["alice"]){successUserList{`+texts(600)+`}}}`))
	}
	begun := time.Now()
	pace := time.NewTicker(40 * time.Millisecond)
	defer pace.Stop()
	var read []byte
	for bytes.Count(read, []byte(`"complete"`)) < answers {
		<-pace.C
		some := make([]byte, 8<<10)
		n, err := c.NetConn().Read(some)
		if err != nil {
			t.Fatalf("%v after %v and %d bytes", err, time.Since(begun), len(read))
		}
		read = append(read, some[:n]...)
	}
	if took := time.Since(begun); took < 3*interval {
		t.Errorf("it took only %v", took)
	}
}
