package main

import (
	"math"
	"testing"
	"time"
)

// sampled is an hour of samples, ten seconds apart, of a value at each time in hours.
func sampled(value func(at float64) float64) *trend {
	t := &trend{name: "memory", unit: "MB"}
	for i := range 360 {
		at := time.Duration(i) * 10 * time.Second
		t.add(at, value(at.Hours()))
	}
	return t
}

// saw rises and falls by ten, sixty times an hour, as a heap does.
func saw(at float64) float64 { return 10 * (math.Mod(60*at, 1) - 0.5) }

// wander goes from 10 below to 10 above and back every 20 minutes, as a crowd may.
func wander(at float64) float64 { return 10 * math.Sin(6*math.Pi*at) }

func TestAFitIsTheSlopeInAnHour(t *testing.T) {
	mean, slope, deviation := sampled(func(at float64) float64 { return 100 + 12*at }).fit()
	if math.Abs(mean-106) > 0.1 || math.Abs(slope-12) > 1e-6 || deviation > 1e-6 {
		t.Errorf("%v, %v, %v", mean, slope, deviation)
	}
}

func TestWhatGrowsIsToldFromWhatIsFlat(t *testing.T) {
	for name, c := range map[string]struct {
		value func(at float64) float64
		want  string
	}{
		"level":               {func(float64) float64 { return 100 }, isFlat},
		"falling":             {func(at float64) float64 { return 100 - 50*at }, isFlat},
		"a saw":               {func(at float64) float64 { return 100 + saw(at) }, isFlat},
		"growing, and little": {func(at float64) float64 { return 100 + 4*at }, isFlat},
		"little, as it seems": {func(at float64) float64 { return 100 + 3*at + wander(at) }, unclear},
		"growing, and wildly": {func(at float64) float64 { return 100 + 30*at + wander(at) }, grows},
		"a saw of one batch":  {func(at float64) float64 { return 100 + 40*saw(at) }, isFlat},
		"a saw that grows":    {func(at float64) float64 { return 100 + saw(at) + 8*at }, grows},
		"too wild to be told": {func(at float64) float64 { return 100 + 4*wander(at) + 8*at }, unclear},
	} {
		if got := sampled(c.value).verdict(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestTheWarmUpIsLeftOut(t *testing.T) {
	all := sampled(func(at float64) float64 { return min(200, 1000*at) })
	if got := all.after(15 * time.Minute).verdict(); got != isFlat {
		t.Errorf("after the warm-up it is %s", got)
	}
	if got := all.verdict(); got == isFlat {
		t.Errorf("with it, it is %s", got)
	}
}
