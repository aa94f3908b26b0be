package graph_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

func TestOperationsOfASocketRunInTheirOrder(t *testing.T) {
	t.Run("a change behind a subscription is told, though nothing was waited for", func(t *testing.T) {
		s := start(t)
		for range 10 {
			c := s.dial(t, modern)
			c.send(hello("alice"))
			c.expect(ack)
			c.send(ask("s", watch), ask("m", setText("told")), `{"type":"complete","id":"other"}`)
			read := append(c.until(`"told"`), c.until(`"told"`)...) // the news and the answer, whichever comes first
			if all := strings.Join(read, "\n"); !strings.Contains(all, `{"id":"s","type":"next","payload":{"data":{"userStatusUpdated":[{"userID":"alice","statusType":"ONLINE","customStatus":"told"}]}}}`) {
				t.Fatal(all)
			}
			_ = c.Close()
			s.as("alice", setText(""))
		}
	})
	t.Run("of 50 changes the last stands, and all are answered in turn", func(t *testing.T) {
		s := start(t)
		c := s.socket(t, "alice")
		for i := range 50 {
			c.send(ask(fmt.Sprint("m", i), setText(fmt.Sprint("text ", i))))
		}
		for i := range 50 {
			c.expect(fmt.Sprintf(`{"id":"m%d","type":"next","payload":{"data":{"setSelfStatus":{"customStatus":"text %d"}}}}`, i, i), fmt.Sprintf(`{"id":"m%d","type":"complete"}`, i))
		}
		if got := s.as("bob", `{userStatus(userIDList:["alice"]){successUserList{customStatus}}}`); !strings.Contains(got.body, `"text 49"`) {
			t.Error(got.body)
		}
	})
}

// TestNothingIsToldAfterUnsubscribing has a user change without pause while a
// watcher turns away.
func TestNothingIsToldAfterUnsubscribing(t *testing.T) {
	s := start(t)
	alice, bob := s.socket(t, "alice"), s.socket(t, "bob")
	bob.send(ask("s", watch))
	for round := range 10 {
		bob.answer("on", subscribeTo("alice"))
		stop, changing := make(chan struct{}), sync.WaitGroup{}
		changing.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
					alice.answer("m", setText(fmt.Sprint(round, " ", i)))
				}
			}
		})
		bob.until(`"userID":"alice"`)
		bob.answer("off", `mutation{unsubscribeUserStatus(userIDList:["alice"]){failureUserList{code}}}`)
		// Bob's own change comes behind whatever were still on its way.
		bob.send(ask("own", setText(fmt.Sprint("own ", round))))
		for _, m := range bob.until(fmt.Sprintf(`"customStatus":"own %d"}]`, round)) {
			if strings.Contains(m, "alice") {
				t.Error("told after the answer: ", m)
			}
		}
		close(stop)
		changing.Wait()
		bob.send(ask("again", setText(fmt.Sprint("again ", round))))
		for _, m := range bob.until(fmt.Sprintf(`"customStatus":"again %d"}]`, round)) {
			if strings.Contains(m, "alice") {
				t.Error("told long after the answer: ", m)
			}
		}
	}
}

// TestWhatComesBehindAConnectionInitIsReadWhileThatIsServed is for the race
// detector: the reader goes on while a worker lets the client in.
func TestWhatComesBehindAConnectionInitIsReadWhileThatIsServed(t *testing.T) {
	s := start(t)
	for i := range 50 {
		c := s.dial(t, modern)
		c.send(hello(fmt.Sprint("user", i)))
		for let := false; !let; {
			c.send(`{"type":"ping"}`)
			for text := c.next(); text != `{"type":"pong"}`; text = c.next() {
				let = text == ack
			}
		}
		_ = c.Close()
	}
}
