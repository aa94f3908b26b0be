package main

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// samples are the rounds of one figure, by server.
type samples map[kind][]float64

func (s samples) add(k kind, value float64) { s[k] = append(s[k], value) }

func (s samples) median(k kind) float64 {
	sorted := slices.Sorted(slices.Values(s[k]))
	if len(sorted) == 0 {
		return math.NaN()
	}
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// agree is an error unless the medians of all kinds are within 2 % of the first one's.
func (s samples) agree(first kind, others ...kind) error {
	for _, k := range others {
		if ratio := s.median(k) / s.median(first); ratio < 0.98 || ratio > 1.02 {
			return fmt.Errorf("a frame of %s has %.1f bytes, of %s %.1f: they are not comparable", k, s.median(k), first, s.median(first))
		}
	}
	return nil
}

// kinds are those with samples, always in the same order.
func (s samples) kinds() (there []kind) {
	for _, k := range []kind{ours, visible, bare, lean, greeted, plain, direct} {
		if len(s[k]) > 0 {
			there = append(there, k)
		}
	}
	return there
}

// goal is how our figure is to compare with another's: at most, or for rates at least.
type goal struct {
	to    kind
	ratio float64
}

// figure is one table.
type figure struct {
	title, unit string
	samples     samples
	goals       []goal
	// most is our figure's own limit, 0 for none.
	most float64
	// rate is true where more is better.
	rate bool
}

// say writes what the run is for: a reader who is gone ends it.
func (l *lab) say(format string, args ...any) { _, _ = fmt.Fprintf(l.out, format, args...) }

func (l *lab) print(f figure) {
	l.say("\n%s\n", f.title)
	for _, k := range f.samples.kinds() {
		median := f.samples.median(k)
		line := fmt.Sprintf("  %-14s %12s %-4s %24s", k, short(median), f.unit, "")
		if all := f.samples[k]; len(all) > 1 {
			line = fmt.Sprintf("  %-14s %12s %-4s %24s", k, short(median), f.unit, "("+short(slices.Min(all))+" … "+short(slices.Max(all))+")")
		}
		if k == ours {
			line += f.ratios()
		}
		l.say("%s\n", strings.TrimRight(line, " "))
	}
}

// ratios says how ours compares with each of the others.
func (f figure) ratios() (text string) {
	if f.most > 0 {
		text += fmt.Sprintf("  (goal ≤ %s %s)", short(f.most), f.unit)
	}
	for _, k := range f.samples.kinds() {
		if k != ours {
			text += fmt.Sprintf("  %s × %s%s", short(f.samples.median(ours)/f.samples.median(k)), k, f.goalFor(k))
		}
	}
	return text
}

func (f figure) goalFor(k kind) string {
	sign := "≤"
	if f.rate {
		sign = "≥"
	}
	for _, g := range f.goals {
		if g.to == k {
			return fmt.Sprintf(" (goal %s %s)", sign, short(g.ratio))
		}
	}
	return ""
}

// short has about three digits.
func short(value float64) string {
	switch size := math.Abs(value); {
	case size >= 100:
		return fmt.Sprintf("%.0f", value)
	case size >= 10:
		return fmt.Sprintf("%.1f", value)
	}
	return fmt.Sprintf("%.2f", value)
}

// head says what the figures were measured on.
func (l *lab) head() {
	l.say("%s, %s, %d × %s, Linux %s, %s, data on %s, medians of %d\n",
		time.Now().UTC().Format("2006-01-02"), runtime.GOARCH, runtime.NumCPU(), processor(), output("uname", "-r"),
		runtime.Version(), output("stat", "-f", "-c", "%T", l.dir), l.rounds)
}

func processor() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.TrimLeft(strings.TrimSpace(name), ": \t")
		}
	}
	return "processor of unknown make"
}

func output(name string, args ...string) string {
	text, err := exec.Command(name, args...).Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(text))
}
