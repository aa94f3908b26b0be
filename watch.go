package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	"userstatus/broadcast"
	"userstatus/db"
	"userstatus/graph"
	"userstatus/graph/transport"
	"userstatus/metrics"
	"userstatus/presence"
	"userstatus/tracing"
	"userstatus/web"
	"userstatus/webhook"
)

// flushTimeout is how long the last scrape and the last traces may take at a stop.
const flushTimeout = 800 * time.Millisecond

// watch is how the program is seen from outside: its metrics, and its traces.
type watch struct {
	metrics *metrics.Metrics
	traces  *tracing.Tracing // nil where nobody asks for them
	server  *http.Server     // of the metrics alone; or nil
	log     *slog.Logger
}

func startWatch(ctx context.Context, c config, getenv func(string) string, log *slog.Logger) (*watch, error) {
	traces, err := tracing.Start(ctx, tracing.Options{Getenv: getenv, Version: version(), NodeName: c.NodeName, Log: log})
	if err != nil {
		return nil, err
	}
	build := metrics.Build{Version: version(), GoVersion: runtime.Version(), Revision: revision()}
	return &watch{metrics: metrics.New(build), traces: traces, log: log}, nil
}

// revision is the commit of the build, as far as it knew.
func revision() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return "unknown"
}

// broadcaster is one that tells of itself.
type broadcaster interface {
	presence.Broadcaster
	Stats() broadcast.Stats
}

// follow has the metrics ask the parts of the program.
func (w *watch) follow(c config, service *presence.Service, store *db.Store, b broadcaster) {
	sources := metrics.Sources{
		Counts: service.Counts,
		Streams: func() (int, uint64) {
			stats := b.Stats()
			return stats.Streams, stats.Conflated
		},
		Queue: store.Queue,
	}
	if c.WebhookURL != nil {
		sources.Webhooks = func() metrics.Webhooks { return backlogOf(store) }
	}
	if bus, ok := b.(*broadcast.NATS); ok {
		sources.Bus = func() metrics.Bus {
			t := bus.Traffic()
			return metrics.Bus{Connected: t.Connected, Users: t.Subscriptions, Sent: t.Sent, Received: t.Received, Dropped: t.DroppedInAll}
		}
	}
	w.metrics.Watch(sources)
}

// backlogTimeout is how long a scrape waits for the database.
const backlogTimeout = 2 * time.Second

func backlogOf(store *db.Store) metrics.Webhooks {
	ctx, cancel := context.WithTimeout(context.Background(), backlogTimeout)
	defer cancel()
	b, err := store.Backlog(ctx)
	if err != nil {
		return metrics.Webhooks{} // the database is away, which another metric says
	}
	waits := metrics.Webhooks{Known: true, Pending: b.Pending, SetAside: b.SetAside}
	if b.Since != nil {
		waits.Oldest = max(0, time.Since(*b.Since))
	}
	return waits
}

// webhooks is what their sender tells.
func (w *watch) webhooks() webhook.Observer {
	return webhook.Observer{Delivered: w.metrics.WebhookDelivered, Failed: w.metrics.WebhookFailed, SetAside: w.metrics.WebhookSetAside}
}

// writes is what the store tells.
func (w *watch) writes() db.Measure {
	m := db.Measure{Waited: w.metrics.Waited, Shared: w.metrics.Shared, Refused: w.metrics.QueueFull}
	if w.traces != nil {
		m.Span = w.traces.Write
	}
	return m
}

// operations is what the endpoint tells.
func (w *watch) operations() graph.Measure {
	m := graph.Measure{Operation: w.metrics.Operation, Failed: w.metrics.Failed, Measure: transport.Measure{
		Opened: w.metrics.Opened, Closed: w.metrics.Closed, SocketClosed: w.metrics.SocketClosed,
		Refused: w.metrics.Refused, CutOff: w.metrics.CutOff,
		NewTally: func() transport.Tally { return w.metrics.Tally() },
	}}
	if w.traces != nil {
		m.Span = w.traces.Operation
	}
	return m
}

// traced has the spans of requests belong to those of their callers.
func (w *watch) traced(next http.Handler) http.Handler {
	if w.traces == nil {
		return next
	}
	return w.traces.Handler(next)
}

// listen serves the metrics at an address of their own.
func (w *watch) listen(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("--metrics-listen %q: %w", address, unbound(err))
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", w.metrics.Handler(w.log))
	w.server = &http.Server{
		Handler:           web.Secure(mux),
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(w.log.Handler(), slog.LevelWarn),
	}
	go func() { // ends with close
		if err := w.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			w.log.Error("metrics are served no more", "error", err)
		}
	}()
	w.log.Info("metrics are served", "url", "http://"+listener.Addr().String()+"/metrics")
	return nil
}

// close sends what is left.
func (w *watch) close() {
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	if w.server != nil && w.server.Shutdown(ctx) != nil {
		_ = w.server.Close()
	}
	if w.traces != nil {
		w.traces.Close(ctx)
	}
}
