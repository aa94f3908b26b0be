package chaos

import (
	"fmt"
	"slices"
	"time"
)

// The checks name what breaks a promise. They read histories and the truth,
// which is what the database has of each user, and touch nothing.

// slack is how much sooner than its client a node may have seen a connection
// end, on a busy machine.
const slack = 1500 * time.Millisecond

// checkHistories finds what no moment can excuse, and what calm ones can't.
func checkHistories(all []*history, grace time.Duration, quiet []calm) (wrong []string) {
	byUser := indexed(all)
	for _, h := range all {
		wrong = append(wrong, fallen(h)...)
		wrong = append(wrong, strangers(h)...)
		wrong = append(wrong, unordered(h)...)
		wrong = append(wrong, seen(h, byUser)...)
		wrong = append(wrong, forgotten(h, byUser)...)
		wrong = append(wrong, flaps(h, byUser, grace)...)
		wrong = append(wrong, untold(h, byUser, grace, quiet)...)
	}
	return append(wrong, contradictions(all)...)
}

func indexed(all []*history) map[string]*history {
	byUser := make(map[string]*history, len(all))
	for _, h := range all {
		byUser[h.user] = h
	}
	return byUser
}

// fallen finds versions that fell, from one stream to the next too, and those
// that came twice within one.
func fallen(h *history) (wrong []string) {
	last := map[string]telling{}
	for _, t := range h.told {
		before, known := last[t.user]
		if known && (t.version < before.version || t.version == before.version && t.stream == before.stream) {
			wrong = append(wrong, fmt.Sprintf("%s was told %v after %v", h.user, t, before))
		}
		last[t.user] = t
	}
	return wrong
}

// strangers finds those of whom the client was told though it watches them not.
func strangers(h *history) (wrong []string) {
	for _, t := range h.told {
		if !h.watched[t.user] {
			wrong = append(wrong, fmt.Sprintf("%s was told %v and does not watch them", h.user, t))
		}
	}
	return wrong
}

// unordered finds acknowledged writes whose versions don't grow.
func unordered(h *history) (wrong []string) {
	last := write{}
	for _, w := range h.writes {
		if w.version == 0 {
			continue
		}
		if w.version <= last.version {
			wrong = append(wrong, fmt.Sprintf("%s was answered %v after %v", h.user, w, last))
		}
		last = w
	}
	return wrong
}

// contradictions finds versions of a user that were told as different things,
// and told texts that an acknowledgement has under another version.
func contradictions(all []*history) (wrong []string) {
	type key struct {
		user    string
		version int
	}
	byUser, texts, facts := indexed(all), map[key]string{}, map[key]fact{}
	for _, h := range all {
		for _, w := range h.writes {
			texts[key{h.user, w.version}] = w.text
		}
	}
	for _, h := range all {
		for _, t := range h.told {
			if byUser[t.user].hides(h.user) && t.fact == *byUser[t.user].face {
				continue // two users, as it were
			}
			k := key{t.user, t.version}
			if text, known := texts[k]; known && text != t.text {
				wrong = append(wrong, fmt.Sprintf("%s was told %v, acknowledged as %q", h.user, t, text))
			}
			if other, known := facts[k]; known && other != t.fact {
				wrong = append(wrong, fmt.Sprintf("%s was told %v, and somebody else %v", h.user, t, other))
			}
			facts[k] = t.fact
		}
	}
	return wrong
}

// flaps finds tellings that somebody went who had not been away for longer than
// the grace until then.
func flaps(h *history, byUser map[string]*history, grace time.Duration) (wrong []string) {
	came := map[string]bool{}
	for _, t := range h.told {
		if t.statusType == "ONLINE" {
			came[t.user] = true
			continue
		}
		about := byUser[t.user]
		if !about.hides(h.user) && came[t.user] && !wasAway(about, t, grace-slack) {
			wrong = append(wrong, fmt.Sprintf("%s was told %v, who was away %v", h.user, t, about.absences()))
		}
	}
	return wrong
}

// wasAway is whether the client had been away for so long when that was told of
// it, and had not come back before it happened.
func wasAway(h *history, t telling, long time.Duration) bool {
	for i, a := range h.absences() {
		overlong := a.until.IsZero() || a.until.Sub(a.from) >= long
		if overlong && !a.from.Add(long).After(t.at) && !h.backBefore(i, t) {
			return true
		}
	}
	return false
}

// backBefore is whether the client came back from that absence to a version of
// its own that is below what was told.
func (h *history) backBefore(absence int, t telling) bool {
	stream := absence + 2 // the first stream is before the first absence
	own := slices.IndexFunc(h.told, func(own telling) bool { return own.stream == stream && own.user == h.user })
	return own >= 0 && h.told[own].version < t.version
}

// checkKept finds acknowledged writes that the database does not have. A text
// of unknown outcome may have replaced the last one acknowledged, if above it.
func checkKept(all []*history, truth map[string]fact) (wrong []string) {
	for _, h := range all {
		if got := truth[h.user]; !h.mayBe(got) {
			wrong = append(wrong, fmt.Sprintf("%s has %v after the writes %v", h.user, got, tail(h.writes)))
		}
	}
	return wrong
}

func (h *history) mayBe(got fact) bool {
	last, unknown := write{}, map[string]bool{}
	for _, w := range h.writes {
		if w.version > 0 {
			last = w
			continue
		}
		unknown[w.text] = true
	}
	if got.text == last.text {
		return got.version >= last.version
	}
	return unknown[got.text] && got.version > last.version
}

// checkViews finds clients who are here and have been told something else of
// somebody than the truth.
func checkViews(all []*history, truth map[string]fact) (wrong []string) {
	byUser := indexed(all)
	for _, h := range all {
		if !h.here() {
			continue
		}
		for user := range h.watched {
			want := truth[user]
			if byUser[user].hides(h.user) {
				want = *byUser[user].face
			}
			if h.latest[user] != want {
				wrong = append(wrong, fmt.Sprintf("%s believes %v of %s, who has %v", h.user, h.latest[user], user, want))
			}
		}
	}
	return wrong
}

// checkPresence finds ghosts, and those who are here and count as gone.
func checkPresence(all []*history, truth map[string]fact) (wrong []string) {
	for _, h := range all {
		should := "OFFLINE"
		if h.here() {
			should = "ONLINE"
		}
		if got := truth[h.user].statusType; got != should {
			wrong = append(wrong, fmt.Sprintf("%s is %s and should be %s", h.user, got, should))
		}
	}
	return wrong
}

// tail is the last few, for people to read.
func tail[T any](list []T) []T { return list[max(0, len(list)-5):] }
