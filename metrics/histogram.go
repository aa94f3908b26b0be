package metrics

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// buckets is one for each of the delays, and one for what takes longer.
const buckets = 16

// limits are the delays, to be compared with.
var limits = func() (limits [buckets - 1]time.Duration) {
	for i, seconds := range delays {
		limits[i] = time.Duration(seconds * float64(time.Second))
	}
	return limits
}()

// cell counts delays. It takes two additions and no lock; whoever shares a cell
// waits for the other's processor, so those who count much have one each.
type cell struct {
	counts [buckets]atomic.Uint64
	sum    atomic.Int64
	_      [56]byte // the next cell is in another cache line
}

func newCell() *cell { return &cell{} }

// observe counts a delay. One below zero, of clocks that differ, is none.
func (c *cell) observe(d time.Duration) {
	d = max(d, 0)
	i := 0
	for i < len(limits) && d > limits[i] {
		i++
	}
	c.counts[i].Add(1)
	c.sum.Add(int64(d))
}

// histogram is the sum of its cells.
type histogram struct {
	desc  *prometheus.Desc
	cells []*cell
}

var _ prometheus.Collector = (*histogram)(nil)

func newHistogram(name, help string) *histogram {
	return &histogram{desc: prometheus.NewDesc(name, help, nil, nil)}
}

// Describe is prometheus.Collector's.
func (h *histogram) Describe(to chan<- *prometheus.Desc) { to <- h.desc }

// Collect is prometheus.Collector's.
func (h *histogram) Collect(to chan<- prometheus.Metric) {
	counts, sum := h.read()
	below, total := make(map[float64]uint64, len(delays)), uint64(0)
	for i, n := range counts {
		total += n
		if i < len(delays) {
			below[delays[i]] = total
		}
	}
	to <- prometheus.MustNewConstHistogram(h.desc, total, sum.Seconds(), below)
}

// tallied is how many delays fell into each bucket.
type tallied [buckets]uint64

func (h *histogram) read() (counts tallied, sum time.Duration) {
	for _, c := range h.cells {
		for i := range counts {
			counts[i] += c.counts[i].Load()
		}
		sum += time.Duration(c.sum.Load())
	}
	return counts, sum
}

// since is what came after before.
func (t tallied) since(before tallied) (more tallied) {
	for i := range t {
		more[i] = t[i] - before[i]
	}
	return more
}

// quantile is the delay, in seconds, that a share of all don't exceed; 0 where
// there are none. Within a bucket it is interpolated, and beyond the last one it
// is the longest delay that is told apart.
func (t tallied) quantile(share float64) float64 {
	var total uint64
	for _, n := range t {
		total += n
	}
	rank, below := share*float64(total), 0.0
	for i, n := range t {
		if n == 0 || below+float64(n) < rank {
			below += float64(n)
			continue
		}
		if i == len(delays) {
			return delays[i-1]
		}
		from := 0.0
		if i > 0 {
			from = delays[i-1]
		}
		return from + (delays[i]-from)*(rank-below)/float64(n)
	}
	return 0
}
