package transport

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/time/rate"
)

// faults logs why clients could not be served though it wasn't their fault. Who
// is not signed in can bring about as many as they like, with the keys' host or
// the database down: so only some are logged; the metrics count all.
type faults struct{ sometimes rate.Sometimes }

const (
	faultsFirst = 10
	faultsEvery = time.Second
)

func newFaults() *faults {
	return &faults{rate.Sometimes{First: faultsFirst, Interval: faultsEvery}}
}

func (f *faults) log(ctx context.Context, log *slog.Logger, message string, err error) {
	f.sometimes.Do(func() { log.ErrorContext(ctx, message, "error", err) })
}
