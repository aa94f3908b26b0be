package graph_test

import (
	"strings"
	"testing"
	"time"
)

func TestLogoutOverASocket(t *testing.T) {
	t.Run("is answered first, and then closes with 4401", func(t *testing.T) {
		s := start(t)
		c := s.socket(t, "alice")
		c.send(ask("s", watch), ask("l", `mutation{logout{statusType}}`), ask("late", setText("never")))
		read := strings.Join(c.untilClosed(4401, "logged out"), "\n")
		if !strings.Contains(read, `{"id":"l","type":"next","payload":{"data":{"logout":{"statusType":"UNLOGINED"}}}}`+"\n"+`{"id":"l","type":"complete"}`) {
			t.Error(read)
		}
		if strings.Contains(read, `"id":"late"`) || strings.Contains(read, `{"id":"s","type":"complete"}`) {
			t.Error(read)
		}
		if got := s.as("bob", `{userStatus(userIDList:["alice"]){successUserList{statusType customStatus}}}`); !strings.Contains(got.body, `{"statusType":"UNLOGINED","customStatus":""}`) {
			t.Error(got.body)
		}
	})
	t.Run("leaves the other devices", func(t *testing.T) {
		s := start(t)
		one, other := s.socket(t, "alice"), s.socket(t, "alice")
		one.send(ask("l", `mutation{logout{statusType}}`))
		one.expectPart(`"ONLINE"`, `complete`)
		one.closed(4401, "logged out")
		other.quiet()
	})
	for name, logout := range map[string]func(s *server, c *client){
		"of all devices ends the others too": func(_ *server, c *client) {
			c.send(ask("l", `mutation{logout(allDevices:true){statusType}}`))
			c.expectPart(`"UNLOGINED"`, `complete`)
		},
		"by HTTP ends all": func(s *server, _ *client) { s.as("alice", `mutation{logout{statusType}}`) },
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			one, old, bob := s.socket(t, "alice"), s.oldSocket(t, "alice"), s.socket(t, "bob")
			logout(s, one)
			one.closed(4401, "logged out")
			old.closed(4401, "logged out")
			bob.quiet()
		})
	}
}

func TestRemovedUsersSocketsCloseWith4401(t *testing.T) {
	s := start(t)
	alice, bob := s.socket(t, "alice"), s.socket(t, "bob")
	bob.answer("on", subscribeTo("alice"))
	bob.send(ask("s", watch))
	alice.send(ask("s", watch))
	alice.quiet()
	admin := s.socket(t, "admin")
	admin.answer("r", `mutation{removeUsers(userIDList:["alice"]){failureUserList{code}}}`)
	if read := strings.Join(alice.untilClosed(4401, "removed"), "\n"); strings.Contains(read, "complete") {
		t.Error(read)
	}
	bob.until(`{"userID":"alice","statusType":"UNLOGINED","customStatus":""}`)
	t.Run("whose token makes them anew", func(t *testing.T) {
		again := s.socket(t, "alice")
		again.send(ask("s", watchAll))
		again.expectPart(`"alice","statusType":"ONLINE"`)
	})
}

func TestSocketsCloseWith4403WhenTheTokenEnds(t *testing.T) {
	for name, interval := range map[string]time.Duration{"before the first ping": 5 * time.Second, "between pings": 200 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			s := start(t, func(s *settings) { s.PingInterval = interval })
			c := s.dial(t, modern)
			c.send(hello("brief"), ask("s", watchAll))
			ends := time.Now().Add(300 * time.Millisecond) // see authenticate
			read := c.untilClosed(4403, "the token has expired")
			if late := time.Since(ends); late > 2*time.Second || late < -300*time.Millisecond {
				t.Errorf("closed %v after the token's end", late)
			}
			if all := strings.Join(read, "\n"); !strings.Contains(all, "ONLINE") || strings.Contains(all, "complete") {
				t.Error(all)
			}
		})
	}
}

func TestShutdownOfSockets(t *testing.T) {
	s := start(t)
	clients := []*client{s.socket(t, "alice"), s.oldSocket(t, "alice"), s.dial(t, modern)}
	clients[0].send(ask("s", watchAll))
	clients[0].expectPart("ONLINE")
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.endpoint.Shutdown(t.Context())
	}()
	for _, c := range clients {
		c.closed(1001, "going away") // and no complete before
	}
	<-done
	t.Run("twice does nothing more", func(t *testing.T) { s.endpoint.Shutdown(t.Context()) })
	t.Run("closes what comes after it with 1001", func(t *testing.T) {
		s.dial(t, modern).closed(1001, "going away")
	})
}

func TestInternalErrorsAreNotShownOnSockets(t *testing.T) {
	t.Run("when a token can't be checked", func(t *testing.T) {
		s := start(t)
		c := s.dial(t, modern)
		c.send(hello("broken"))
		c.closed(1013, "can't let anybody in at the moment")
		if !strings.Contains(s.log.String(), "the keys are out of reach") {
			t.Error(s.log)
		}
	})
	t.Run("when the store is gone", func(t *testing.T) {
		s := start(t)
		in, out := s.socket(t, "alice"), s.dial(t, modern)
		_ = s.store.Close()
		in.send(ask("q", `{self{visibility}}`))
		in.expect(`{"id":"q","type":"next","payload":{"errors":[{"message":"internal error","path":["self"],"locations":[{"line":1,"column":2}],"extensions":{"code":"INTERNAL_SERVER_ERROR","errorCode":70500}}],"data":null}}`, `{"id":"q","type":"complete"}`)
		in.send(ask("s", watch))
		in.expectPart(`{"id":"s","type":"error","payload":[{"message":"internal error"`)
		out.send(hello("bob"))
		out.closed(1013, "can't let anybody in at the moment")
		for _, words := range []string{`msg="an operation went wrong"`, `msg="a socket could not be let in"`, "closed"} {
			if !strings.Contains(s.log.String(), words) {
				t.Error(s.log)
			}
		}
	})
}
