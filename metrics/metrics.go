// Package metrics measures how the service fares, for Prometheus and for the
// program itself.
package metrics

import (
	"log/slog"
	"net/http"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"userstatus/presence"
)

// maxScrapes is how many may be answered at a time.
const maxScrapes = 4

// Metrics is all that is measured. Its methods may be called from anywhere.
type Metrics struct {
	registry *prometheus.Registry
	declared
	tallies []*tally
	next    atomic.Uint32
	sources atomic.Pointer[Sources]
	last    last
}

// Sources are asked for what stands or is counted elsewhere, at each scrape:
// they must be cheap.
type Sources struct {
	// Counts is the service's.
	Counts func() presence.Counts
	// Streams is how many are open, and how many updates were conflated.
	Streams func() (open int, conflated uint64)
	// Queue is how many writes wait, and how many may.
	Queue func() (waiting, room int)
	// Bus is of several nodes; nil of one.
	Bus func() Bus
	// Webhooks is what waits for the app's backend; nil where nothing is sent to it.
	Webhooks func() Webhooks
}

// Webhooks is what waits for the app's backend.
type Webhooks struct {
	// Known is false where that can't be told now.
	Known             bool
	Pending, SetAside int
	// Oldest is how long ago the first of those that wait happened.
	Oldest time.Duration
}

// Bus is how the bus between nodes fares.
type Bus struct {
	Connected bool
	// Users is to how many users' news this node listens.
	Users int
	// Sent, Received and Dropped count messages since the start.
	Sent, Received, Dropped uint64
}

// Build is what was built.
type Build struct{ Version, GoVersion, Revision string }

// New makes metrics of its own: nothing is shared with others in the process.
func New(b Build) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	for range runtime.GOMAXPROCS(0) {
		m.tallies = append(m.tallies, newTally())
	}
	m.declared = declare(m.registry, b, m.tallies)
	m.last.at = time.Now()
	return m
}

// Watch begins to ask the sources. It is called once, before the first scrape.
func (m *Metrics) Watch(s Sources) {
	m.sources.Store(&s)
	declareSources(m.registry, s, m.told)
}

// Handler answers Prometheus.
func (m *Metrics) Handler(log *slog.Logger) http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog:            slog.NewLogLogger(log.Handler(), slog.LevelError),
		MaxRequestsInFlight: maxScrapes,
	})
}

// Opened hears of a connection that was let in.
func (m *Metrics) Opened(transport string) {
	m.accepted.WithLabelValues(transport).Inc()
	m.connections.WithLabelValues(transport).Inc()
}

// Closed hears of the end of one that was let in.
func (m *Metrics) Closed(transport string) { m.connections.WithLabelValues(transport).Dec() }

// SocketClosed hears why a socket ended. Clients may close with any code: those
// that mean nothing here count as one.
func (m *Metrics) SocketClosed(code int) { m.closed.WithLabelValues(closeCode(code)).Inc() }

// Refused hears why somebody, or something, was refused.
func (m *Metrics) Refused(reason string) { m.refused.WithLabelValues(reason).Inc() }

// RateLimited hears of a change of one's own over the rate.
func (m *Metrics) RateLimited() { m.Refused("rate") }

// QueueFull hears of a write for which there was no room.
func (m *Metrics) QueueFull() { m.Refused("write-queue") }

// CutOff hears why a client was cut off.
func (m *Metrics) CutOff(reason string) { m.cutOff.WithLabelValues(reason).Inc() }

// Operation hears of what was asked for.
func (m *Metrics) Operation(kind string) { m.operations.WithLabelValues(kind).Inc() }

// Failed hears of an error that was answered with.
func (m *Metrics) Failed(code string) { m.errors.WithLabelValues(code).Inc() }

// Waited hears how long a call waited for its commit.
func (m *Metrics) Waited(d time.Duration) { m.writes.observe(d) }

// WebhookDelivered hears how long after its change a webhook was taken.
func (m *Metrics) WebhookDelivered(delay time.Duration) {
	m.webhooks.WithLabelValues(delivered).Inc()
	m.webhookDelay.Observe(max(delay, 0).Seconds())
}

// WebhookFailed hears of an attempt in vain.
func (m *Metrics) WebhookFailed() { m.webhooks.WithLabelValues(failed).Inc() }

// WebhookSetAside hears of a webhook that was given up.
func (m *Metrics) WebhookSetAside() { m.webhooks.WithLabelValues(setAside).Inc() }

// Shared hears how many calls shared a transaction.
func (m *Metrics) Shared(calls int) { m.transactions.Observe(float64(calls)) }
