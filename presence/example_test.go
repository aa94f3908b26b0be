package presence

import (
	"fmt"
	"strings"
	"time"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func at(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }

func show(s UserStatus) {
	line := fmt.Sprintf("%s %q %s", s.StatusType, s.CustomStatus, s.Availability)
	if s.LastOnlineAt != nil {
		line += " since " + s.LastOnlineAt.Format("15:04")
	}
	fmt.Println(line)
}

// With two nodes, a user is ONLINE until the last session ends, and was last
// online when its last connection was seen.
func Example_sessions() {
	u := &User{ID: "ann"}
	u.connect(at(0), Session{Node: "node-1"})
	u.connect(at(1), Session{Node: "node-2"})
	u.disconnect(at(3), ReasonConnectionLost, "node-1", at(2))
	show(u.Status())
	u.disconnect(at(5), ReasonConnectionLost, "node-2", at(4))
	show(u.Status())
	u.connect(at(6), Session{Node: "node-1"})
	u.logout(at(7), "node-1")
	show(u.Status())
	// Output:
	// ONLINE "" AVAILABLE
	// OFFLINE "" AVAILABLE since 12:04
	// UNLOGINED "" AVAILABLE since 12:07
}

// AWAY is when nobody is at any device; what the user says wins.
func Example_availability() {
	u := &User{ID: "ann"}
	u.connect(at(0), Session{Node: "phone's node", Idle: true})
	show(u.Status())
	u.connect(at(1), Session{Node: "laptop's node"})
	show(u.Status())
	u.choose(at(2), Busy)
	show(u.Status())
	u.disconnect(at(3), ReasonConnectionLost, "laptop's node", at(3))
	u.disconnect(at(4), ReasonConnectionLost, "phone's node", at(4))
	show(u.Status())
	// Output:
	// ONLINE "" AWAY
	// ONLINE "" AVAILABLE
	// ONLINE "" BUSY
	// OFFLINE "" BUSY since 12:04
}

// To whom a user hides from, they look like somebody who went offline, and
// stay so whatever happens; when they show themselves the version has grown.
func Example_hidden() {
	u := &User{ID: "ann"}
	u.connect(at(0), Session{Node: "node"})
	u.setCustomStatus(at(1), "lunch", nil)
	theirs := &View{User: u, Viewer: "ben"}
	before := theirs.Status().Version

	theirs.block(newTurning(at(2), at(1)))
	hidden := theirs.Status()
	u.setCustomStatus(at(3), "secret", nil)
	u.logout(at(4), "node")
	show(theirs.Status())
	fmt.Println("no sound:", theirs.Status().Version == hidden.Version)

	theirs.unblock(newTurning(at(5), at(4)))
	show(theirs.Status())
	fmt.Println("growing:", before < hidden.Version && hidden.Version < theirs.Status().Version)
	// Output:
	// OFFLINE "lunch" AVAILABLE since 12:01
	// no sound: true
	// UNLOGINED "secret" AVAILABLE since 12:04
	// growing: true
}

// The face is the one of the moment in which each viewer lost sight.
func Example_faces() {
	u := &User{ID: "ann"}
	friend := &View{User: u, Viewer: "ben", Friend: true}
	stranger := &View{User: u, Viewer: "cat"}
	u.connect(at(0), Session{Node: "node"})
	u.setVisibility(newTurning(at(1), at(1)), Friends)
	u.setVisibility(newTurning(at(2), at(2)), Nobody)
	show(stranger.Status())
	show(friend.Status())
	friend.unfriend(newTurning(at(3), at(3))) // what ben saw as a friend he goes on seeing
	show(friend.Status())
	// Output:
	// OFFLINE "" AVAILABLE since 12:01
	// OFFLINE "" AVAILABLE since 12:02
	// OFFLINE "" AVAILABLE since 12:02
}

// A text ends when its time comes, and gives way to the last one without an
// expiry; in hidden faces too.
func Example_expiry() {
	u := &User{ID: "ann"}
	until := at(10)
	u.setCustomStatus(at(0), "from home", nil)
	u.setCustomStatus(at(0), "for a moment", &until)
	u.setCustomStatus(at(0), "back at ten past", &until)
	theirs := &View{User: u, Viewer: "ben"}
	u.setVisibility(newTurning(at(1), at(0)), Nobody)
	u.setCustomStatus(at(2), "nobody sees this", nil)
	fmt.Println("due at", u.NextExpiry().Format("15:04"))
	u.expire(at(10))
	show(theirs.Status())
	show(u.Status())
	// Output:
	// due at 12:10
	// UNLOGINED "from home" AVAILABLE
	// UNLOGINED "nobody sees this" AVAILABLE
}

// Versions follow the clock, and grow if it doesn't.
func Example_versions() {
	first := nextVersion(0, noon)
	fmt.Println(nextVersion(first, at(1))-first, nextVersion(first, noon)-first, nextVersion(first, at(-60))-first)
	fmt.Println("fits 32 bits until 2094:", nextVersion(0, time.Date(2093, 12, 31, 0, 0, 0, 0, time.UTC)) < 1<<31)
	// Output:
	// 60 1 1
	// fits 32 bits until 2094: true
}

func ExampleCheckUserID() {
	for _, id := range []string{"ann", "", " ", "a\tb", "a\u202eb", strings.Repeat("x", 129)} {
		if err := CheckUserID(id); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// a user ID has 1 to 128 bytes, this one is empty
	// a user ID is not blank, this one is
	// a user ID has no control or format characters, this one has
	// a user ID has no control or format characters, this one has
	// a user ID has at most 128 bytes, this one has 129
}

func ExampleCheckCustomStatus() {
	for _, text := range []string{strings.Repeat("x", 100), strings.Repeat("x", 99) + "😀", "a\x00b", "a\xffb"} {
		if err := CheckCustomStatus(text, nil, noon); err != nil {
			fmt.Println(err)
		}
	}
	past := at(-1)
	fmt.Println(CheckCustomStatus("", &past, noon))
	// Output:
	// customStatus has 103 bytes, at most 100 go
	// customStatus has a control character, none go
	// customStatus is not valid UTF-8
	// expiresAt is in the past (2026-06-01T11:59:00Z; the server's time is 2026-06-01T12:00:00Z)
}
