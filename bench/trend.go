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

// fit is the line of least squares: its value in the middle, its slope in an
// hour, and the slope's standard error, as if the samples were independent.
func (t *trend) fit() (mean, slope, deviation float64) {
	n := float64(len(t.at))
	var meanAt float64
	for i := range t.at {
		meanAt += t.at[i] / n
		mean += t.value[i] / n
	}
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

// flat is how much a slope may be of the mean, in an hour.
const flat = 0.05

// The verdicts on a trend. One that is steep, but no more than three of its
// standard errors, may well be flat.
const (
	isFlat  = "flat"
	unclear = "too few samples to say"
	grows   = "GROWS"
)

func (t *trend) verdict() string {
	mean, slope, deviation := t.fit()
	switch {
	case slope <= flat*math.Abs(mean):
		return isFlat
	case slope <= 3*deviation || len(t.at) < 10:
		return unclear
	}
	return grows
}

func (t *trend) String() string {
	mean, slope, deviation := t.fit()
	return fmt.Sprintf("  %-22s %10s %-4s  %+9.3g %s an hour (± %.2g), %+.1f %%  %s",
		t.name, short(mean), t.unit, slope, t.unit, deviation, 100*slope/max(math.Abs(mean), 1e-9), t.verdict())
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
