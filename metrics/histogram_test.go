package metrics

import (
	"math"
	"testing"
	"time"
)

func of(delays ...time.Duration) tallied {
	h := newHistogram("x", "x")
	h.cells = []*cell{newCell(), newCell()}
	for i, d := range delays {
		h.cells[i%2].observe(d)
	}
	counts, _ := h.read()
	return counts
}

func repeated(n int, d time.Duration) (delays []time.Duration) {
	for range n {
		delays = append(delays, d)
	}
	return delays
}

func TestAQuantileIsInterpolatedWithinItsBucket(t *testing.T) {
	for name, c := range map[string]struct {
		counts tallied
		share  float64
		want   float64
	}{
		"of nothing":                 {tallied{}, .99, 0},
		"of no time at all":          {of(-time.Second, 0), 1, .00025},
		"of one":                     {of(3 * time.Millisecond), .5, .00375},
		"in the middle of a bucket":  {of(repeated(100, 70*time.Millisecond)...), .5, .075},
		"at the end of a bucket":     {of(repeated(100, 70*time.Millisecond)...), 1, .1},
		"past a bucket":              {of(append(repeated(98, time.Millisecond), repeated(2, 2*time.Second)...)...), .99, 1.75},
		"exactly between two":        {of(append(repeated(50, time.Millisecond), repeated(50, 2*time.Second)...)...), .5, .001},
		"of a limit, which is in":    {of(10 * time.Second), 1, 10},
		"of what takes longer still": {of(time.Hour), .99, 10},
	} {
		if got := c.counts.quantile(c.share); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %v in place of %v", name, got, c.want)
		}
	}
}

func TestAQuantileIsOfWhatCameSince(t *testing.T) {
	h := newHistogram("x", "x")
	h.cells = []*cell{newCell()}
	h.cells[0].observe(time.Second)
	before, _ := h.read()
	for range 10 {
		h.cells[0].observe(time.Millisecond)
	}
	after, sum := h.read()
	if got := after.since(before).quantile(1); got != .001 {
		t.Errorf("got %v", got)
	}
	if sum != time.Second+10*time.Millisecond {
		t.Errorf("all took %v", sum)
	}
	if got := after.since(after).quantile(.99); got != 0 {
		t.Errorf("of nothing: %v", got)
	}
}
