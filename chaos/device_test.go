package chaos

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// device is a connection of a scenario's user to one node. Once it watches, it
// is for reading news alone.
type device struct {
	*wire
	t    *testing.T
	last int
}

// device connects one; its platform may be empty.
func (n *node) device(t *testing.T, user, platform string) *device {
	t.Helper()
	w, err := connect(t.Context(), n.url(), mint(user, false), platform, patience)
	must(t, err)
	t.Cleanup(func() { _ = w.Close() })
	return &device{wire: w, t: t}
}

// watcher is a device that has begun to read what is told of others.
func (n *node) watcher(t *testing.T, user string, others ...string) *device {
	t.Helper()
	n.do(t, user, subscribeTo(others...))
	d := n.device(t, user, "")
	d.watch()
	return d
}

// watch makes the device a stream of news, from the state of everybody on.
func (d *device) watch() {
	d.t.Helper()
	must(d.t, d.begin(streamID, news))
	d.news()
}

func (d *device) next() (m message, err error) {
	_ = d.SetReadDeadline(time.Now().Add(patience))
	err = d.ReadJSON(&m)
	return m, err
}

// do runs an operation over the device, which must go well.
func (d *device) do(query string) *answer {
	d.t.Helper()
	d.last++
	must(d.t, d.begin(fmt.Sprint(d.last), query))
	a := &answer{}
	for {
		m, err := d.next()
		must(d.t, err)
		if m.Type == "complete" {
			return a
		}
		must(d.t, json.Unmarshal(m.Payload, a))
		if err := a.err(); err != nil {
			d.t.Fatalf("%s: %v", query, err)
		}
	}
}

// news is the next payload of the stream.
func (d *device) news() []status {
	d.t.Helper()
	told, err := d.hear()
	must(d.t, err)
	return told
}

func (d *device) hear() ([]status, error) {
	m, err := d.next()
	if err != nil {
		return nil, err
	}
	if m.Type != "next" {
		return nil, fmt.Errorf("the stream got %+v", m)
	}
	return newsIn(m.Payload)
}

// until reads news up to a wanted status, and returns all of it.
func (d *device) until(wanted func(status) bool) (read []status) {
	d.t.Helper()
	for {
		told, err := d.hear()
		if err != nil {
			d.t.Fatalf("%v, after %+v", err, tail(read))
		}
		for _, s := range told {
			if read = append(read, s); wanted(s) {
				return read
			}
		}
	}
}

// untilTold reads up to a status of the user with this type and text, and
// returns what was told of the user until then.
func (d *device) untilTold(user, statusType, text string) (read []status) {
	d.t.Helper()
	d.until(func(s status) bool {
		if s.UserID == user {
			read = append(read, s)
		}
		return s.UserID == user && s.StatusType == statusType && s.CustomStatus == text
	})
	return read
}

// untilClosed reads to the end, which must have this code.
func (d *device) untilClosed(code int) {
	d.t.Helper()
	for {
		if _, err := d.next(); err != nil {
			if !websocket.IsCloseError(err, code) {
				d.t.Fatalf("ended by %v, want %d", err, code)
			}
			return
		}
	}
}

// do runs a user's operation over plain HTTP, which must go well.
func (n *node) do(t *testing.T, user, query string) *answer {
	t.Helper()
	return n.doAs(t, mint(user, false), query)
}

// asAdmin runs an operation of the app's backend.
func (n *node) asAdmin(t *testing.T, query string) {
	t.Helper()
	n.doAs(t, mint("backend", true), query)
}

func (n *node) doAs(t *testing.T, token, query string) *answer {
	t.Helper()
	a, err := post(t.Context(), n.url(), token, query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return a
}

// status is the user's as a bystander sees it at the node.
func (n *node) status(t *testing.T, user string) status {
	t.Helper()
	found, err := n.statuses(t.Context(), user)
	must(t, err)
	return found[user]
}

// noEvent is of news in which the user must have stayed ONLINE.
func noEvent(t *testing.T, read []status) {
	t.Helper()
	for _, s := range read {
		if s.StatusType != "ONLINE" {
			t.Errorf("%+v was told in between", s)
		}
	}
}
