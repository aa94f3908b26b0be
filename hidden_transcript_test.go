package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// transcript is all that one onlooker learnt of one subject, in order and as it
// came, with what can't be the same of two subjects made comparable: who it is,
// versions and moments. These are numbered, and checked against the clock.
type transcript struct {
	of       string
	lines    []string
	versions []string
	moments  []string
	// since is when the subject began to do what makes new versions and moments;
	// zero where nothing is to be checked yet. Versions may be ahead of the clock
	// by ahead.
	since time.Time
	ahead int
	// wrong is what can't be, of whomever.
	wrong []string
}

var (
	versionShown = regexp.MustCompile(`"version":(\d+)`)
	momentShown  = regexp.MustCompile(`"lastOnlineAt":"([^"]*)"`)
)

// add notes what was learnt at a moment.
func (tr *transcript) add(label, raw string, at time.Time) {
	raw = strings.ReplaceAll(raw, tr.of, "subject")
	raw = versionShown.ReplaceAllStringFunc(raw, func(shown string) string {
		version := versionShown.FindStringSubmatch(shown)[1]
		i, fresh := numberOf(version, &tr.versions)
		if fresh {
			tr.checkClock(version, at)
		}
		return fmt.Sprint("version ", i)
	})
	raw = momentShown.ReplaceAllStringFunc(raw, func(shown string) string {
		moment := momentShown.FindStringSubmatch(shown)[1]
		i, fresh := numberOf(moment, &tr.moments)
		if fresh {
			tr.checkGrace(moment, at)
		}
		return fmt.Sprint("lastOnlineAt ", i)
	})
	tr.lines = append(tr.lines, label+": "+raw)
}

// numberOf is by when a value was shown first.
func numberOf(value string, known *[]string) (i int, fresh bool) {
	if i = slices.Index(*known, value); i >= 0 {
		return i, false
	}
	*known = append(*known, value)
	return len(*known) - 1, true
}

// clockAt is the version that the clock gives.
func clockAt(at time.Time) int {
	return int(at.Sub(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) / time.Second)
}

// checkClock is for a version made between the deed and now.
func (tr *transcript) checkClock(shown string, at time.Time) {
	version, err := strconv.Atoi(shown)
	if from, to := clockAt(tr.since), clockAt(at)+tr.ahead; err != nil || !tr.since.IsZero() && (version < from || version > to) {
		tr.wrong = append(tr.wrong, fmt.Sprintf("version %s, by a clock of %d to %d", shown, from, to))
	}
}

// timerLag is how late the timer of a grace may be, or seem to be. The moment it
// leads to is cut to the millisecond besides.
const timerLag = time.Millisecond

// checkGrace is for the moment at which somebody was lost who is told to be gone
// between the deed and now.
func (tr *transcript) checkGrace(shown string, at time.Time) {
	moment, err := time.Parse("2006-01-02T15:04:05.000Z", shown)
	from, to := tr.since.Add(-hiddenGrace-timerLag-time.Millisecond), at.Add(-hiddenGrace)
	if err != nil || !tr.since.IsZero() && (moment.Before(from) || moment.After(to)) {
		tr.wrong = append(tr.wrong, fmt.Sprintf("lastOnlineAt %s, and not from %s to %s", shown, from, to))
	}
}

// differs is where a transcript is not as another, or empty.
func (tr *transcript) differs(from *transcript) string {
	for i := range max(len(tr.lines), len(from.lines)) {
		got, want := lineAt(tr.lines, i), lineAt(from.lines, i)
		if got != want {
			return fmt.Sprintf("line %d\n    %s\ninstead of\n    %s", i, got, want)
		}
	}
	return ""
}

func lineAt(lines []string, i int) string {
	if i >= len(lines) {
		return "(nothing more)"
	}
	return lines[i]
}

// row is one user of a list, as it came.
type row struct {
	userID, raw string
}

// rowsIn are the users in a frame of a stream or in an answer, in order.
func rowsIn(t *testing.T, raw string) (rows []row) {
	t.Helper()
	var frame struct {
		Data    map[string]json.RawMessage
		Payload struct{ Data map[string]json.RawMessage }
	}
	decode(t, raw[strings.Index(raw, "{"):], &frame)
	for _, data := range []map[string]json.RawMessage{frame.Data, frame.Payload.Data} {
		for _, list := range data {
			rows = append(rows, rowsOf(t, list)...)
		}
	}
	return rows
}

func rowsOf(t *testing.T, list json.RawMessage) (rows []row) {
	t.Helper()
	if list[0] == '{' {
		var result struct{ SuccessUserList json.RawMessage }
		decode(t, string(list), &result)
		list = result.SuccessUserList
	}
	var each []json.RawMessage
	decode(t, string(list), &each)
	for _, raw := range each {
		var s status
		decode(t, string(raw), &s)
		rows = append(rows, row{s.UserID, string(raw)})
	}
	return rows
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
}
