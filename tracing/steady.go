package tracing

import (
	"context"
	"log/slog"
	"sync/atomic"

	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// steady says once that a collector can't be reached, and once that it can.
type steady struct {
	sdk.SpanExporter
	log    *slog.Logger
	failed atomic.Bool
}

// ExportSpans never fails: spans that can't be sent are dropped.
func (s *steady) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	err := s.SpanExporter.ExportSpans(ctx, spans)
	switch before := s.failed.Swap(err != nil); {
	case err != nil && !before:
		s.log.Warn("traces can't be sent and are dropped", "error", err)
	case err == nil && before:
		s.log.Info("traces are sent again")
	}
	return nil
}
