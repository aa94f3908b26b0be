package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// way is how a user goes out of the onlookers' sight.
type way string

const (
	wentOffline      way = "went offline"
	hidFromAll       way = "hid from everybody"
	hidFromStrangers way = "hid from strangers"
	blocked          way = "blocked the onlookers"
)

// ways are all of them; the others must look like the first.
var ways = []way{wentOffline, hidFromAll, hidFromStrangers, blocked}

// subject is a user who goes out of sight.
type subject struct {
	s       *stage
	id      string
	way     way
	state   state
	devices []*socket
	// platforms is those of the devices, in order.
	platforms []string
	// seenBy is what each onlooker learnt.
	seenBy map[string]*transcript
}

// connect gives the subject one more device, of a platform if one is named.
func (x *subject) connect(platform string) {
	x.s.t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}, HandshakeTimeout: patience}
	conn, _, err := dialer.DialContext(x.s.t.Context(), "ws"+strings.TrimPrefix(x.s.url, "http")+"/graphql", nil)
	if err != nil {
		x.s.t.Fatal(err)
	}
	x.s.t.Cleanup(func() { _ = conn.Close() })
	d := &socket{Conn: conn, t: x.s.t}
	params := map[string]string{"authorization": "Bearer " + mint(x.id)}
	if platform != "" {
		params["platform"] = platform
	}
	d.send(message{Type: "connection_init", Payload: params})
	if m := d.next(); m.Type != "connection_ack" {
		x.s.t.Fatalf("%s was answered with %+v", x.id, m)
	}
	x.devices, x.platforms = append(x.devices, d), append(x.platforms, platform)
}

// say runs a mutation of the subject's by plain HTTP.
func (x *subject) say(mutation string) {
	x.s.t.Helper()
	x.s.do(mint(x.id), "mutation{"+mutation+"}")
}

// says is a deed.
func says(mutation string) func(*subject) { return func(x *subject) { x.say(mutation) } }

func (x *subject) sayUntil(text string, until time.Time) {
	x.s.t.Helper()
	x.s.do(mint(x.id), setTextUntil(text, until))
}

// lose ends the connections of all devices without a word.
func (x *subject) lose() {
	for _, d := range x.devices {
		_ = d.Close()
	}
	x.devices, x.platforms = nil, nil
}

// self is the subject as nobody else sees them.
type self struct {
	Status     status
	Visibility string
}

func (x *subject) self() (got self) {
	x.s.t.Helper()
	decode(x.s.t, string(x.s.do(mint(x.id), `{self{visibility status`+allFields+`}}`).Data["self"]), &got)
	return got
}

// await returns once the subject is in truth as wanted.
func (x *subject) await(wanted func(status) bool) {
	x.s.t.Helper()
	eventually(x.s.t, func() bool { return wanted(x.self().Status) })
}

func (x *subject) awaitType(statusType string) {
	x.s.t.Helper()
	x.await(func(s status) bool { return s.StatusType == statusType })
}

// vanish takes the subject out of the onlookers' sight, who are blocked as the
// last of many if need be.
func (x *subject) vanish() { x.vanishFrom(append(crowd(), everybody...)...) }

func (x *subject) vanishFrom(viewers ...string) {
	switch x.way {
	case wentOffline:
		x.lose()
	case hidFromAll:
		x.say(visible("NOBODY"))
	case hidFromStrangers:
		x.say(visible("FRIENDS"))
	case blocked:
		x.block(viewers...)
	}
}

func (x *subject) block(viewers ...string) {
	x.say(`blockUsers(userIDList:` + quoted(viewers) + `){failureUserList{code}}`)
}

// appear brings the subject back, who was on a platform.
func (x *subject) appear(platform string) {
	switch x.way {
	case wentOffline:
		x.connect(platform)
	case hidFromAll, hidFromStrangers:
		x.say(visible("EVERYONE"))
	case blocked:
		x.say(`unblockUsers{failureUserList{code}}`)
	}
}

// anyClock lets versions be ahead of the clock by anything: each grows at least
// by one.
const anyClock = 1 << 30

func visible(to string) string {
	return fmt.Sprintf(`setSelfVisibility(visibility:%s){visibility}`, to)
}

// begin has what is learnt from now on checked against the clock.
func (x *subject) begin(ahead int) { x.beginAt(time.Now(), ahead) }

func (x *subject) beginAt(since time.Time, ahead int) {
	for _, tr := range x.seenBy {
		tr.since, tr.ahead = since, ahead
	}
}

// told notes the next frame of each stream that hears of the subject.
func (x *subject) told(label string) {
	x.s.t.Helper()
	x.s.eachEar(func(o *onlooker, e *ear) {
		if o.hears(x) {
			f := e.next(x.s.t)
			x.seenBy[o.id].add(label+" "+e.name, f.raw, f.at)
		}
	})
}
