package chaos

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// history is all that one client did and was told, in its order.
type history struct {
	user string
	// watched is of whom the client is told, itself among them.
	watched map[string]bool
	told    []telling
	writes  []write
	// latest is what the client was told last of each user.
	latest map[string]fact
	// stays are the times in which the client had an acknowledged connection.
	stays []stay
	// face is what others are shown of a user who has hidden, for good; or nil.
	face *fact
}

// fact is what the tests compare of a status.
type fact struct {
	statusType, text, availability string
	version                        int
}

func (s status) fact() fact { return fact{s.StatusType, s.CustomStatus, s.Availability, s.Version} }

// telling is one status that a client was told, in its stream of that number.
type telling struct {
	at     time.Time
	stream int
	user   string
	fact
}

func (f fact) String() string {
	return fmt.Sprintf("%s %s %q of version %d", f.statusType, f.availability, f.text, f.version)
}

func (t telling) String() string {
	return fmt.Sprintf("%s %v at %s in stream %d", t.user, t.fact, clock(t.at), t.stream)
}

// clock is for people who compare it with a log.
func clock(t time.Time) string { return t.UTC().Format("15:04:05.000") }

// write is a text that a client set. Its version is that of the answer, which
// came at a time, and 0 where there was none: then the text may be kept, and that
// at any later time.
type write struct {
	text    string
	version int
	at      time.Time
}

func (w write) String() string {
	if w.version == 0 {
		return fmt.Sprintf("%q without an answer", w.text)
	}
	return fmt.Sprintf("%q of version %d at %s", w.text, w.version, clock(w.at))
}

// stay ends at zero while the connection is open.
type stay struct{ from, until time.Time }

// absence is a time without a connection, between two stays, or after the last
// one without an end.
type absence struct{ from, until time.Time }

func (a absence) String() string {
	if a.until.IsZero() {
		return "since " + clock(a.from)
	}
	return clock(a.from) + " to " + clock(a.until)
}

func (h *history) absences() (all []absence) {
	for i, s := range h.stays {
		switch {
		case s.until.IsZero():
		case i+1 < len(h.stays):
			all = append(all, absence{s.until, h.stays[i+1].from})
		default:
			all = append(all, absence{from: s.until})
		}
	}
	return all
}

// here is whether the client has a connection.
func (h *history) here() bool {
	return len(h.stays) > 0 && h.stays[len(h.stays)-1].until.IsZero()
}

// began is when the client began its stream of that number.
func (h *history) began(stream int) time.Time { return h.stays[stream-1].from }

// hides is of something told of the user to somebody else, and is true once the
// user hides: then only the face may be seen.
func (h *history) hides(from string) bool { return h != nil && h.face != nil && h.user != from }

func (h *history) tell(t telling) {
	h.told = append(h.told, t)
	h.latest[t.user] = t.fact
}

// copy is the history so far, which may go on meanwhile.
func (h *history) copy() *history {
	c := *h
	c.writes, c.stays, c.latest = slices.Clone(h.writes), slices.Clone(h.stays), maps.Clone(h.latest)
	return &c
}
