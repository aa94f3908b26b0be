package graph_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"userstatus/admission"
)

// admitting starts a server whose clients say where they are from, as a proxy
// does for them; else they are the proxy itself.
func admitting(t *testing.T, o admission.Options) (*server, *admission.Control, *refusalCount) {
	t.Helper()
	refused := &refusalCount{counts: map[string]int{}}
	o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	o.Refused, o.Log = refused.add, slog.New(slog.DiscardHandler)
	control, err := admission.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return start(t, func(s *settings) { s.Admission = control }), control, refused
}

// refusalCount counts refusals by reason.
type refusalCount struct {
	mu     sync.Mutex
	counts map[string]int
}

func (c *refusalCount) add(reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[reason]++
}

func (c *refusalCount) of(reason string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts[reason]
}

// postFrom is post by a user at an address, whose answer comes later.
func (s *server) postFrom(address, user, query string) <-chan *reply {
	s.t.Helper()
	r := s.request(http.MethodPost, s.url, operation(s.t, query, nil),
		"Content-Type: application/json", "Authorization: Bearer "+user, "X-Forwarded-For: "+address)
	answered := make(chan *reply, 1)
	go func() { answered <- s.do(r) }()
	return answered
}

// arrived waits for an answer.
func arrived(t *testing.T, answered <-chan *reply) *reply {
	t.Helper()
	select {
	case got := <-answered:
		return got
	case <-time.After(10 * time.Second):
		t.Fatal("no answer")
		return nil
	}
}

// Each of an address's calls waits in a place of its own, of which an address
// has one here.
func TestCallsWaitByAddress(t *testing.T) {
	for name, c := range map[string]struct {
		query string
		hold  func(*testing.T, *admission.Control) (done func(), err error)
	}{
		"to run":   {`{userStatus(userIDList:["alice"]){successUserList{userID}}}`, func(t *testing.T, c *admission.Control) (func(), error) { return c.Read(t.Context(), 1) }},
		"to write": {`mutation{setSelfStatus(customStatus:"here"){userID}}`, func(t *testing.T, c *admission.Control) (func(), error) { return c.Write(t.Context(), 1) }},
	} {
		t.Run(name, func(t *testing.T) {
			s, control, refused := admitting(t, admission.Options{Writes: 1, Cost: 1, Places: 2})
			s.as("alice", c.query) // is known, and costs nothing to read
			done, err := c.hold(t, control)
			if err != nil {
				t.Fatal(err)
			}
			first, second := s.postFrom("192.0.2.1", "alice", c.query), s.postFrom("192.0.2.1", "alice", c.query)
			var waits <-chan *reply
			select { // whichever came last finds no place
			case got := <-first:
				got.refused(t, http.StatusOK, "RATE_LIMITED", 7008, "too many operations of your address are waiting")
				waits = second
			case got := <-second:
				got.refused(t, http.StatusOK, "RATE_LIMITED", 7008, "too many operations of your address are waiting")
				waits = first
			case <-time.After(10 * time.Second):
				t.Fatal("both wait")
			}
			other := s.postFrom("192.0.2.2", "bob", c.query)
			select {
			case got := <-other:
				t.Errorf("another address's call did not wait: %s", got.body)
			case got := <-waits:
				t.Errorf("the call did not wait: %s", got.body)
			case <-time.After(50 * time.Millisecond):
			}
			done()
			for _, answered := range []<-chan *reply{waits, other} {
				if got := arrived(t, answered); got.status != http.StatusOK || len(got.Errors) > 0 {
					t.Errorf("after its turn: %d %s", got.status, got.body)
				}
			}
			if n := refused.of(admission.RefusedBusy); n != 1 {
				t.Errorf("%d refusals were counted", n)
			}
		})
	}
}

func TestNobodyWaitsForEver(t *testing.T) {
	s, control, refused := admitting(t, admission.Options{Writes: 1, Cost: 1, Patience: 20 * time.Millisecond})
	bob := s.socket(t, "bob")
	done, err := control.Write(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	c := s.dial(t, "graphql-transport-ws")
	c.send(hello("alice"))
	c.untilClosed(websocket.CloseTryAgainLater, "too many clients are coming in")
	_ = s.open(t.Context(), "alice", `subscription{userStatusUpdated{userID}}`, "Accept: text/event-stream").Body.Close()
	bob.send(ask("1", `mutation{setSelfStatus(customStatus:"here"){userID}}`))
	bob.until("waited too long for its turn")
	bob.expectPart(`"complete"`)
	done()

	held, err := control.Read(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	s.post(`{self{userID} __typename}`, nil, "Authorization: Bearer alice").refused(t, http.StatusOK, "RATE_LIMITED", 7008, "waited too long")
	bob.send(ask("2", `subscription{userStatusUpdated{userID}}`))
	bob.until("waited too long for its turn")
	held()
	bob.send(ask("3", `subscription{userStatusUpdated{userID}}`))
	bob.send(`{"type":"ping"}`)
	bob.expectPart("pong")
	if n := refused.of(admission.RefusedBusy); n != 5 {
		t.Errorf("%d refusals were counted", n)
	}
}

// all waits until all that was reserved is given back.
func all(t *testing.T, control *admission.Control, memory int) {
	t.Helper()
	whole := control.Reserve(t.Context())
	defer whole.Free()
	for deadline := time.Now().Add(10 * time.Second); !whole.Grow(memory); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("some memory is not given back")
		}
	}
}

func TestWhatTakesTooMuchMemoryIsRefused(t *testing.T) {
	const memory = 64 << 10 // of which one address has a half
	s, control, refused := admitting(t, admission.Options{Memory: memory})
	large := strings.Repeat(" ", 40<<10)
	query := `{` + large + `__typename}`
	bearer := "Authorization: Bearer alice"
	from := "X-Forwarded-For: 192.0.2.1"

	s.post(query, nil, bearer, from).refused(t, http.StatusTooManyRequests, "RATE_LIMITED", 7008, "more memory than there is")
	many := `{`
	for i := range 900 {
		many += fmt.Sprintf("alias_that_is_long_enough_to_count_%d:__typename ", i)
	}
	many += `}`
	s.post(many, nil, bearer, from).refused(t, http.StatusTooManyRequests, "RATE_LIMITED", 7008, "more memory than there is")
	if got := s.post(`{`+large[:4<<10]+`__typename}`, nil, bearer, from); got.status != http.StatusOK || len(got.Errors) > 0 {
		t.Errorf("a smaller one: %d %s", got.status, got.body)
	}

	c := s.socket(t, "alice")
	c.send(ask("1", query), ask("2", query))
	c.untilClosed(websocket.CloseTryAgainLater, "no memory for the message")
	if n := refused.of(admission.RefusedMemory); n < 3 {
		t.Errorf("%d refusals were counted", n)
	}
	all(t, control, memory)
}

func TestOperationsThatWaitOnASocketTakeMemory(t *testing.T) {
	const memory = 64 << 10
	s, control, _ := admitting(t, admission.Options{Memory: memory, Writes: 1})
	c := s.socket(t, "alice")
	done, err := control.Write(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	set := `mutation{` + strings.Repeat(" ", 3<<10) + `setSelfStatus(customStatus:"here"){userID}}`
	for i := range 20 { // the first runs, the others wait behind it
		c.send(ask(fmt.Sprint(i), set))
	}
	refused := 0
	for text := c.next(); ; text = c.next() {
		if !strings.Contains(text, "more memory than there is") {
			t.Fatalf("told %.200s", text)
		}
		if refused++; strings.Contains(text, `"id":"19"`) {
			break
		}
	}
	done()
	for range 20 - refused {
		c.expectPart(`"setSelfStatus"`)
		c.expectPart(`"complete"`)
	}
	if refused == 0 || refused == 20 {
		t.Errorf("%d of 20 were refused", refused)
	}
	all(t, control, memory)
}

// A stream's form takes memory for as long as somebody has it.
func TestFormsOfStreamsTakeMemory(t *testing.T) {
	const memory = 4 << 20
	s, control, _ := admitting(t, admission.Options{Memory: memory})
	c := s.socket(t, "alice")
	open := 0
	for ; open < 90; open++ {
		c.send(ask(fmt.Sprint(open), fmt.Sprintf(`subscription{userStatusUpdated(snapshot:true){f%d:userID %s}}`, open, strings.Repeat(" ", 1<<10))))
		if text := c.next(); strings.Contains(text, "more memory than there is") {
			break
		}
	}
	if open < 5 || open == 90 {
		t.Fatalf("%d forms were open", open)
	}
	c.send(`{"type":"complete","id":"1"}`)
	for range 3 { // one that is there takes no more, and one that nobody has any more none
		c.send(ask(fmt.Sprint("again", open), fmt.Sprintf(`subscription{userStatusUpdated(snapshot:true){f0:userID %s}}`, strings.Repeat(" ", 1<<10))))
		c.expectPart("userStatusUpdated")
		open++
	}
	_ = c.Close()
	all(t, control, memory)
}

func TestAFrozenClientsAnswersTakeMemory(t *testing.T) {
	const memory = 256 << 10
	s, control, refused := admitting(t, admission.Options{Memory: memory})
	c := s.cramped(t, "alice")
	c.send(ask("0", `mutation{setSelfStatus(customStatus:"here"){userID}}`))
	c.until(`"complete"`)
	asked := `{userStatus(userIDList:["alice"]){successUserList{` + texts(150) + `}}}`
	for i := range 99 {
		if err := c.WriteMessage(websocket.TextMessage, []byte(ask(fmt.Sprint("a", i), asked))); err != nil {
			break // it is cut off
		}
	}
	for deadline := time.Now().Add(10 * time.Second); refused.of(admission.RefusedMemory) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("what a frozen client does not take is kept for it")
		}
	}
	all(t, control, memory)
}
