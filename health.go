package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// readyTimeout is how long the store has to answer before it counts as away.
const readyTimeout = 2 * time.Second

// health is what an operator's probes are told.
type health struct{ stopping atomic.Bool }

// alive is 200 while the process runs.
func (h *health) alive(w http.ResponseWriter, _ *http.Request) { sayOK(w) }

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
		sayOK(w)
	}
}

// sayOK answers whoever is still there to hear it.
func sayOK(w io.Writer) { _, _ = fmt.Fprintln(w, "ok") }

const (
	// askTimeout is for the whole of a question, more than the service itself waits.
	askTimeout = readyTimeout + time.Second
	// maxReason is in bytes of an answer that are shown.
	maxReason = 200
)

// askReady is nil when the service at an address says that it is ready.
func askReady(ctx context.Context, address string, stdout io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	transport := &http.Transport{DisableKeepAlives: true} // and no proxy of the environment's
	response, err := transport.RoundTrip(r)
	if err != nil {
		return fmt.Errorf("not ready: %s: %s", address, err.Error()) // not wrapped: to be told to stop is no success
	}
	defer func() { _ = response.Body.Close() }()
	reason, _ := io.ReadAll(io.LimitReader(response.Body, maxReason))
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s: %s: %q", address, response.Status, strings.TrimSpace(string(reason)))
	}
	_, err = fmt.Fprintln(stdout, "ready")
	return err
}
