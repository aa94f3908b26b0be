package main

import (
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// trend is a quantity over time.
type trend struct {
	name, unit string
	at         []float64 // in hours
	value      []float64
}

func (t *trend) add(at time.Duration, value float64) {
	t.at, t.value = append(t.at, at.Hours()), append(t.value, value)
}

// after is the trend without what was before.
func (t *trend) after(start time.Duration) *trend {
	rest := &trend{name: t.name, unit: t.unit}
	for i, at := range t.at {
		if at >= start.Hours() {
			rest.at, rest.value = append(rest.at, at), append(rest.value, t.value[i])
		}
	}
	return rest
}

// batches is in how many means a trend is looked at. Samples near each other have
// much in common (who is connected, the same collection); the means of minutes
// have little, so the error of their slope is true.
const batches = 15

// batched is the means of equally many samples each; what is left over at the
// beginning is left out.
func (t *trend) batched() *trend {
	size := max(1, len(t.at)/batches)
	means := &trend{name: t.name, unit: t.unit}
	for end := len(t.at) % size; end+size <= len(t.at); end += size {
		means.at = append(means.at, meanOf(t.at[end:end+size]))
		means.value = append(means.value, meanOf(t.value[end:end+size]))
	}
	return means
}

func meanOf(values []float64) (mean float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	return mean
}

// fit is the line of least squares: its value in the middle, its slope in an
// hour, and the slope's standard error, as if the samples were independent.
func (t *trend) fit() (mean, slope, deviation float64) {
	n := float64(len(t.at))
	meanAt := meanOf(t.at)
	mean = meanOf(t.value)
	var sxx, sxy float64
	for i := range t.at {
		sxx += (t.at[i] - meanAt) * (t.at[i] - meanAt)
		sxy += (t.at[i] - meanAt) * (t.value[i] - mean)
	}
	if sxx == 0 {
		return mean, 0, 0
	}
	slope = sxy / sxx
	var left float64
	for i := range t.at {
		off := t.value[i] - mean - slope*(t.at[i]-meanAt)
		left += off * off
	}
	return mean, slope, math.Sqrt(left / max(1, n-2) / sxx)
}

const (
	// flat is how much a slope may be of the mean, in an hour.
	flat = 0.05
	// student is how many standard errors a slope of so many batches may be off, in
	// 95 of 100 cases (t of 13 degrees of freedom).
	student = 2.16
)

// The verdicts on a trend: flat is what is surely no steeper than that, and what
// grows is surely rising, and steeper than that as it seems.
const (
	isFlat  = "flat"
	unclear = "UNCLEAR"
	grows   = "GROWS"
)

func (t *trend) verdict() string {
	mean, slope, deviation := t.batched().fit()
	limit, off := flat*math.Abs(mean), student*deviation
	switch {
	case len(t.at) < 3*batches:
		return unclear
	case slope+off <= limit:
		return isFlat
	case slope > limit && slope-off > 0:
		return grows
	}
	return unclear
}

func (t *trend) String() string {
	mean, slope, deviation := t.batched().fit()
	return fmt.Sprintf("  %-22s %10s %-4s  %+9.3g %s an hour (± %.2g), %+.1f %% (± %.1f)  %s",
		t.name, short(mean), t.unit, slope, t.unit, student*deviation, 100*slope/max(math.Abs(mean), 1e-9), 100*student*deviation/max(math.Abs(mean), 1e-9), t.verdict())
}

// vital is what is looked at of a server that runs for long.
type vital struct {
	began                              time.Time
	rss, heap, descriptors, goroutines trend
	database, cpu                      trend

	lastCPU time.Duration
	lastAt  time.Time
}

func newVital(s *server) *vital {
	return &vital{
		began: time.Now(), lastAt: time.Now(), lastCPU: s.cpu(),
		rss: trend{name: "resident memory", unit: "MB"}, heap: trend{name: "heap after collection", unit: "MB"},
		descriptors: trend{name: "descriptors"}, goroutines: trend{name: "goroutines"},
		database: trend{name: "database and its log", unit: "MB"}, cpu: trend{name: "share of the machine", unit: "%"},
	}
}

func (v *vital) all() []*trend {
	return []*trend{&v.rss, &v.heap, &v.descriptors, &v.goroutines, &v.database, &v.cpu}
}

// look takes a sample of each.
func (v *vital) look(s *server, processors int) error {
	metrics, err := s.metrics("go_memstats_next_gc_bytes", "process_open_fds", "go_goroutines")
	if err != nil {
		return err
	}
	rss, err := s.rss()
	if err != nil {
		return err
	}
	now, cpu, at := time.Now(), s.cpu(), time.Since(v.began)
	v.cpu.add(at, 100*float64(cpu-v.lastCPU)/float64(now.Sub(v.lastAt))/float64(processors))
	v.lastAt, v.lastCPU = now, cpu
	v.rss.add(at, float64(rss)/1e6)
	v.heap.add(at, metrics["go_memstats_next_gc_bytes"]/2e6) // the next collection is at twice of what the last one left
	v.descriptors.add(at, metrics["process_open_fds"])
	v.goroutines.add(at, metrics["go_goroutines"])
	v.database.add(at, float64(s.files())/1e6)
	return nil
}

// files is how many bytes the database has, with its log.
func (s *server) files() (sum int64) {
	names, _ := filepath.Glob(filepath.Join(s.dir, "status.db*"))
	for _, name := range names {
		if info, err := os.Stat(name); err == nil { // one may just have gone
			sum += info.Size()
		}
	}
	return sum
}

// metrics reads some families, each the sum of its series.
func (s *server) metrics(names ...string) (map[string]float64, error) {
	answer, err := http.Get(s.page("/metrics"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(answer.Body)
	if err != nil {
		return nil, err
	}
	values := map[string]float64{}
	for _, name := range names {
		for _, m := range families[name].GetMetric() {
			values[name] += m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	return values, nil
}

func (s *server) page(path string) string {
	return "http" + strings.TrimSuffix(strings.TrimPrefix(s.url, "ws"), "/graphql") + path
}
