package metrics

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"userstatus/presence"
)

// All metrics are declared here, and described in docs/metrics.md. No label
// tells users apart.

// In seconds. Deliveries and writes take less than a millisecond where nothing
// waits, and up to 10 s where something is wrong.
var delays = []float64{.00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// declared is what is counted here as it happens.
type declared struct {
	delivery, write *histogram
	// writes is the one cell of write.
	writes                                                *cell
	transactions                                          prometheus.Histogram
	connections                                           *prometheus.GaugeVec
	accepted, refused, closed, cutOff, operations, errors *prometheus.CounterVec
	webhooks                                              *prometheus.CounterVec
	webhookDelay                                          prometheus.Histogram
}

// The values that labels have, so that each series is there from the start.
var (
	transports = []string{"websocket", "websocket-legacy", "sse", "multipart"}
	refusals   = []string{"origin", "token", "connections", "init-timeout", "operations", "bad-request", "unavailable", "rate", "write-queue", "address", "full", "busy", "memory"}
	outcomes   = []string{delivered, failed, setAside}
	cutOffs    = []string{"slow", "backlog", "silent"}
	kinds      = []string{"query", "mutation", "subscription", "invalid"}
	codes      = []string{"UNAUTHENTICATED", "FORBIDDEN", "BAD_USER_INPUT", "FEATURE_DISABLED", "RATE_LIMITED", "INTERNAL_SERVER_ERROR", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}
	closeCodes = []string{"none", "1000", "1001", "1002", "1007", "1013", "4400", "4401", "4403", "4406", "4408", "4409", "4429", otherCode}
)

const otherCode = "other"

// What becomes of an attempt to deliver a webhook.
const delivered, failed, setAside = "delivered", "failed", "set-aside"

// closeCode is a socket's as a label has it.
func closeCode(code int) string {
	if code == 0 {
		return "none"
	}
	text := strconv.Itoa(code)
	for _, known := range closeCodes {
		if known == text {
			return text
		}
	}
	return otherCode
}

func declare(r *prometheus.Registry, b Build, tallies []*tally) declared {
	d := declared{writes: newCell()}
	d.delivery = newHistogram("userstatus_delivery_seconds", "From a change's commit, on whichever node, to its bytes handed to a client's connection on this one.")
	for _, t := range tallies {
		d.delivery.cells = append(d.delivery.cells, t.delays)
	}
	d.write = newHistogram("userstatus_write_seconds", "A call's wait for its commit.")
	d.write.cells = []*cell{d.writes}
	d.transactions = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "userstatus_transaction_calls", Help: "Calls that shared a transaction.",
		Buckets: []float64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024},
	})
	d.connections = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "userstatus_connections", Help: "Connections that are let in and open, by transport.",
	}, []string{"transport"})
	d.accepted = counters(r, "userstatus_connections_accepted_total", "Connections that were let in, by transport.", "transport", transports)
	d.refused = counters(r, "userstatus_refused_total", "Who or what was refused, by reason.", "reason", refusals)
	d.closed = counters(r, "userstatus_sockets_closed_total", "WebSockets that ended, by the code of their close, of whichever side.", "code", closeCodes)
	d.cutOff = counters(r, "userstatus_clients_cut_off_total", "Clients that were cut off, by reason.", "reason", cutOffs)
	d.operations = counters(r, "userstatus_operations_total", "GraphQL operations that came, by type.", "type", kinds)
	d.errors = counters(r, "userstatus_errors_total", "Errors that operations were answered with, by extensions.code.", "code", codes)
	d.webhooks = counters(r, "userstatus_webhook_attempts_total", "Attempts to deliver a webhook, by what became of them.", "outcome", outcomes)
	d.webhookDelay = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "userstatus_webhook_delay_seconds", Help: "From a change to when the receiver took its webhook.",
		Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 4 * 3600, 24 * 3600},
	})
	for _, transport := range transports {
		d.connections.WithLabelValues(transport)
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "userstatus_build_info", Help: "What was built, in labels; the value is 1.",
		ConstLabels: prometheus.Labels{"version": b.Version, "goversion": b.GoVersion, "revision": b.Revision},
	})
	build.Set(1)
	r.MustRegister(d.delivery, d.write, d.transactions, d.connections, d.webhookDelay, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return d
}

func counters(r *prometheus.Registry, name, help, label string, values []string) *prometheus.CounterVec {
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{label})
	for _, value := range values {
		vec.WithLabelValues(value)
	}
	r.MustRegister(vec)
	return vec
}

// declareSources declares what is asked for at each scrape.
func declareSources(r *prometheus.Registry, s Sources, told func() uint64) {
	gauge := func(name, help string, value func() float64) {
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
	}
	counter := func(name, help string, value func() uint64, labels ...string) {
		o := prometheus.CounterOpts{Name: name, Help: help}
		if len(labels) > 0 {
			o.ConstLabels = prometheus.Labels{labels[0]: labels[1]}
		}
		r.MustRegister(prometheus.NewCounterFunc(o, func() float64 { return float64(value()) }))
	}
	ofService := func(value func(presence.Counts) float64) func() float64 {
		return func() float64 { return value(s.Counts()) }
	}
	gauge("userstatus_streams", "Subscriptions that are open.", func() float64 { n, _ := s.Streams(); return float64(n) })
	gauge("userstatus_users_connected", "Users with a connection to this node.", ofService(func(c presence.Counts) float64 { return float64(c.Users) }))
	gauge("userstatus_nodes_alive", "Nodes that live, as this one sees them, itself among them.", ofService(func(c presence.Counts) float64 { return float64(c.Nodes) }))
	gauge("userstatus_database_reachable", "1 while this node can say in the database that it lives, as it does every 2 s; else 0.", ofService(func(c presence.Counts) float64 { return flag(!c.DatabaseAway) }))
	gauge("userstatus_write_queue_length", "Calls that wait to write, beyond those in the transaction under way.", func() float64 { n, _ := s.Queue(); return float64(n) })
	gauge("userstatus_write_queue_capacity", "Calls that may wait to write; more are refused.", func() float64 { _, n := s.Queue(); return float64(n) })
	counter("userstatus_changes_total", "Changes of statuses that this node committed.", func() uint64 { return s.Counts().Changes })
	counter("userstatus_news_made_up_total", "Users of whom news never came and were found by comparing with the database.", func() uint64 { return s.Counts().MadeUp })
	counter("userstatus_updates_told_total", "Statuses that were written to streams.", told)
	counter("userstatus_updates_conflated_total", "Updates whose place a newer one took before a stream could be told.", func() uint64 { _, n := s.Streams(); return n })
	if s.Webhooks != nil {
		declareWebhooks(r, s.Webhooks)
	}
	if s.Bus == nil {
		return
	}
	gauge("userstatus_bus_connected", "1 while the bus between the nodes is connected, else 0.", func() float64 { return flag(s.Bus().Connected) })
	gauge("userstatus_bus_users", "Users to whose news this node listens on the bus.", func() float64 { return float64(s.Bus().Users) })
	const messages, ofMessages = "userstatus_bus_messages_total", "Messages over the bus, by direction."
	counter(messages, ofMessages, func() uint64 { return s.Bus().Sent }, "direction", "sent")
	counter(messages, ofMessages, func() uint64 { return s.Bus().Received }, "direction", "received")
	counter("userstatus_bus_dropped_total", "News for which there was no room on their way to the bus.", func() uint64 { return s.Bus().Dropped })
}

// declareWebhooks declares what is asked for together, so that a scrape asks once.
func declareWebhooks(r *prometheus.Registry, ask func() Webhooks) {
	r.MustRegister(&backlog{
		ask:     ask,
		pending: prometheus.NewDesc("userstatus_webhooks_pending", "Webhooks that wait to be taken, in the database: the same on each node.", nil, nil),
		oldest:  prometheus.NewDesc("userstatus_webhooks_oldest_seconds", "How long ago the oldest change happened whose webhook waits; 0 where none does.", nil, nil),
		aside:   prometheus.NewDesc("userstatus_webhooks_set_aside", "Webhooks that were given up and not sent again yet.", nil, nil),
	})
}

// backlog is what waits to be told to the app's backend. While the database
// doesn't answer it has no values.
type backlog struct {
	ask                    func() Webhooks
	pending, oldest, aside *prometheus.Desc
}

var _ prometheus.Collector = (*backlog)(nil)

// Describe is prometheus.Collector's.
func (b *backlog) Describe(to chan<- *prometheus.Desc) {
	to <- b.pending
	to <- b.oldest
	to <- b.aside
}

// Collect is prometheus.Collector's.
func (b *backlog) Collect(to chan<- prometheus.Metric) {
	now := b.ask()
	if !now.Known {
		return
	}
	to <- prometheus.MustNewConstMetric(b.pending, prometheus.GaugeValue, float64(now.Pending))
	to <- prometheus.MustNewConstMetric(b.oldest, prometheus.GaugeValue, now.Oldest.Seconds())
	to <- prometheus.MustNewConstMetric(b.aside, prometheus.GaugeValue, float64(now.SetAside))
}

func flag(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
