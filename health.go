package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"
)

// readyTimeout is how long the store has to answer before it counts as away.
const readyTimeout = 2 * time.Second

// health is what an operator's probes are told.
type health struct{ stopping atomic.Bool }

// alive is 200 while the process runs.
func (h *health) alive(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }

// ready is 200 while requests can be served, and 503 from the moment the
// program is told to stop, or while the store is away.
func (h *health) ready(check func(context.Context) error, log *slog.Logger) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if h.stopping.Load() {
			http.Error(w, "stopping", http.StatusServiceUnavailable)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
		defer cancel()
		if err := check(ctx); err != nil {
			log.Error("not ready: the database does not answer", "error", err)
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	}
}
