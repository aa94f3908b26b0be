package broadcast

import (
	"bytes"
	"testing"
	"time"

	"userstatus/broadcast/natstest"
)

func TestStreamsAndWhatTheyNeverSawAreCounted(t *testing.T) {
	c := openChannel(t)
	if got := c.Stats(); got != (Stats{}) {
		t.Fatalf("at first %+v", got)
	}
	one, two := follow(t, c, "alice", "bob"), follow(t, c, "zoe", "bob")
	c.Publish(at("bob", 1))
	one.Take(nil)
	c.Publish(at("bob", 2))
	c.Publish(at("bob", 3))
	c.Publish(at("bob", 2)) // is old
	// alice missed 2, zoe 1 and 2
	if got := c.Stats(); got != (Stats{Streams: 2, Conflated: 3}) {
		t.Errorf("got %+v", got)
	}
	two.Close()
	two.Close()
	if got := c.Stats(); got.Streams != 1 {
		t.Errorf("after one was closed %+v", got)
	}
}

func TestAnUpdateBringsTheTimeOfItsCommit(t *testing.T) {
	server := startServer(t, natstest.Options{})
	all := nodes(t, server, 2)
	r := follow(t, all[1], "alice", "bob")
	u := at("bob", 1)
	u.CommittedAt = time.Now().Add(-time.Minute)
	all[0].Publish(u)
	r.awaitWake()
	got := r.Take(nil)
	if len(got) != 1 {
		t.Fatalf("took %d", len(got))
	}
	if ago := time.Since(got[0].CommittedAt); ago < time.Minute || ago > time.Minute+patience {
		t.Errorf("it was committed %v ago", ago)
	}
}

func TestTheTimeOfACommitGoesWithOlderPrograms(t *testing.T) {
	u := at("bob", 1)
	u.CommittedAt = time.UnixMicro(1_800_000_000_000_001)
	data, err := newsOf(u).encode()
	if err != nil {
		t.Fatal(err)
	}
	l, err := decode(data)
	if err != nil || !l.committedAt.Equal(u.CommittedAt) {
		t.Errorf("%s was read as %v, %v", data, l.committedAt, err)
	}
	if data, err = newsOf(at("bob", 1)).encode(); err != nil || bytes.Contains(data, []byte("committedAt")) {
		t.Errorf("of no commit: %s, %v", data, err)
	}
	later := append([]byte(`{"heardOfLater":{"x":1},`), data[1:]...)
	if l, err = decode(later); err != nil || !l.update().CommittedAt.IsZero() {
		t.Errorf("of a program that says no time, and what this one doesn't know: %+v, %v", l, err)
	}
}

func TestClocksThatDifferMakeNoDelayBelowZero(t *testing.T) {
	now := time.Now()
	if got := byThisClock(now.Add(time.Hour), now); !got.Equal(now) {
		t.Errorf("a commit in an hour was %v", got)
	}
	if got := byThisClock(now.Add(-time.Hour).Round(0), now); now.Sub(got) != time.Hour {
		t.Errorf("a commit an hour ago was %v", got)
	}
	if got := byThisClock(time.Time{}, now); !got.IsZero() {
		t.Errorf("no time was %v", got)
	}
}
