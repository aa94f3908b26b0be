package chaos

import (
	"fmt"
	"slices"
	"time"
)

// tellLimit is how late, on a busy machine, it may be told that somebody is gone.
const tellLimit = 10 * time.Second

// calm is a time without faults, nor traces of one.
type calm struct{ from, until time.Time }

// forgotten finds what a stream has of somebody that was over when the stream
// began: something newer had been acknowledged by then.
func forgotten(h *history, byUser map[string]*history) (wrong []string) {
	acknowledged := map[string][]write{}
	for user := range h.watched {
		acknowledged[user] = slices.DeleteFunc(slices.Clone(byUser[user].writes), func(w write) bool { return w.version == 0 })
	}
	for _, t := range h.told {
		all, known := acknowledged[t.user]
		if !known || byUser[t.user].hides(h.user) {
			continue
		}
		before, _ := slices.BinarySearchFunc(all, h.began(t.stream), func(w write, began time.Time) int { return w.at.Compare(began) })
		if before > 0 && t.version < all[before-1].version {
			wrong = append(wrong, fmt.Sprintf("%s was told %v, which began at %s after the answer %v", h.user, t, clock(h.began(t.stream)), all[before-1]))
		}
	}
	return wrong
}

// seen finds what was told of somebody who hides, beyond the face that others
// are shown.
func seen(h *history, byUser map[string]*history) (wrong []string) {
	for _, t := range h.told {
		about := byUser[t.user]
		if about.hides(h.user) && t.version >= about.face.version && t.fact != *about.face {
			wrong = append(wrong, fmt.Sprintf("%s was told %v, who hides as %v", h.user, t, *about.face))
		}
	}
	return wrong
}

// untold finds those who were away for longer than the grace, of which somebody
// who was there all the while was not told, while nothing was broken.
func untold(h *history, byUser map[string]*history, grace time.Duration, quiet []calm) (wrong []string) {
	for user := range h.watched {
		about := byUser[user]
		if about.hides(h.user) {
			continue
		}
		for _, a := range about.absences() {
			due := calm{a.from, a.from.Add(grace + tellLimit)}
			long := a.until.IsZero() || a.until.After(due.until)
			if long && slices.ContainsFunc(quiet, due.isIn) && h.stayed(due) && !h.heardGone(user, due) {
				wrong = append(wrong, fmt.Sprintf("%s was not told that %s was away %v", h.user, user, a))
			}
		}
	}
	return wrong
}

func (c calm) isIn(other calm) bool { return !c.from.Before(other.from) && !c.until.After(other.until) }

// stayed is whether the client had one connection all the time.
func (h *history) stayed(c calm) bool {
	return slices.ContainsFunc(h.stays, func(s stay) bool {
		return s.from.Before(c.from) && (s.until.IsZero() || s.until.After(c.until))
	})
}

// heardGone is whether the client was told within the time that somebody is not ONLINE.
func (h *history) heardGone(user string, within calm) bool {
	return slices.ContainsFunc(h.told, func(t telling) bool {
		return t.user == user && t.statusType != "ONLINE" && (calm{t.at, t.at}).isIn(within)
	})
}
