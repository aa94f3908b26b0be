package chaos

import "fmt"

// counts says what a run has seen, so that a run which saw nothing is noticed.
type counts struct{ told, offline, acknowledged, unknown, moves, short int }

func count(all []*history) (n counts) {
	byUser := indexed(all)
	for _, h := range all {
		n.told += len(h.told)
		for _, t := range h.told {
			if t.statusType == "OFFLINE" && !byUser[t.user].hides(h.user) {
				n.offline++
			}
		}
		for _, w := range h.writes {
			if w.version > 0 {
				n.acknowledged++
			} else {
				n.unknown++
			}
		}
		for _, a := range h.absences() {
			if a.until.IsZero() {
				continue
			}
			n.moves++
			if a.until.Sub(a.from) < grace-slack {
				n.short++
			}
		}
	}
	return n
}

func (n counts) String() string {
	return fmt.Sprintf("%d statuses told, %d of them OFFLINE; %d writes acknowledged, %d of unknown outcome; %d moves, %d of them within the grace",
		n.told, n.offline, n.acknowledged, n.unknown, n.moves, n.short)
}
