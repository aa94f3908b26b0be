package graph_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// heap is what is in use once all garbage is collected.
func heap() int64 {
	var m runtime.MemStats
	for range 2 { // what a pool lends is garbage after the second
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// What has closed is not kept until its next ping, or its sign-in, would be due.
func TestAFloodOfComersAndGoersFillsNoMemory(t *testing.T) {
	const few, many, most = 100, 1_000, 500 << 10
	for _, c := range []struct {
		name, told string
		visit      func(s *server)
	}{
		{"sockets", "closed websocket", func(s *server) { s.visit(t, hello("alice")) }},
		{"sockets that don't sign in", "code 0", func(s *server) { s.visit(t, "") }},
		{"streams", "closed sse", func(s *server) { s.visitStream(t) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, r := measured(t)
			for range few {
				c.visit(s)
			}
			r.await(t, c.told, few)
			before := heap()
			for range many {
				c.visit(s)
			}
			r.await(t, c.told, few+many)
			if grown := heap() - before; grown > most {
				t.Errorf("the heap grew by %d KiB over %d, at most %d go", grown>>10, many, most>>10)
			}
		})
	}
}

// visit opens a socket, says something, if anything, and goes at the answer.
func (s *server) visit(t *testing.T, says string) {
	t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{modern}, HandshakeTimeout: patience}
	conn, _, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(s.url, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if c := (&client{conn, t}); says != "" {
		c.send(says)
		c.next()
	}
	_ = conn.Close()
}

// visitStream reads the beginning of a stream.
func (s *server) visitStream(t *testing.T) {
	t.Helper()
	r := s.request(http.MethodPost, s.url, operation(t, watch, nil), "Accept: text/event-stream", "Content-Type: application/json", "Authorization: Bearer alice")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_, err = response.Body.Read(make([]byte, 1))
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
}

// However many documents, names, users and forms of streams come, what is
// remembered of them has an end.
func TestAFloodOfThingsThatNobodySentBeforeFillsNoMemory(t *testing.T) {
	const few, many, most = 600, 1_500, 8 << 20
	pad := strings.Repeat("__typename ", 60) + strings.Repeat(" ", 2<<10)
	for name, ask := range map[string]func(c *client, i int){
		"documents": func(c *client, i int) {
			c.answer(fmt.Sprint("d", i), fmt.Sprintf(`query flood%d{a%d:__typename %s}`, i, i, pad))
		},
		"documents that are not valid": func(c *client, i int) {
			c.send(ask(fmt.Sprint("i", i), fmt.Sprintf(`{nothing%d %s}`, i, pad)))
			c.until(`"error"`)
		},
		"users": func(c *client, i int) {
			c.answer(fmt.Sprint("u", i), fmt.Sprintf(`{userStatus(userIDList:["nobody %d"]){failureUserList{userID}}}`, i))
		},
		"streams": func(c *client, i int) {
			c.send(ask(fmt.Sprint("s", i), fmt.Sprintf(`subscription flood%d{a%d:userStatusUpdated(snapshot:true){userID %s}}`, i, i, strings.Repeat("userID ", 20)+strings.Repeat(" ", 2<<10))))
			c.until(`"next"`)
			c.send(fmt.Sprintf(`{"type":"complete","id":"s%d"}`, i))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			c := s.socket(t, "alice")
			c.answer("0", setText("here"))
			for i := range few {
				ask(c, i)
			}
			before := heap()
			for i := few; i < few+many; i++ {
				ask(c, i)
			}
			if grown := heap() - before; grown > most {
				t.Errorf("the heap grew by %d KiB over %d, at most %d go", grown>>10, many, most>>10)
			}
		})
	}
}
