// Package tracing tells a collector of traces, by OpenTelemetry, what each
// operation took. It does so where the standard OTEL_ variables ask for it.
package tracing

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// scope is what the spans are made by.
const scope = "userstatus"

// maxName is how much of an operation's name is kept, in bytes.
const maxName = 64

// internalError is the code of what is the server's fault.
const internalError = "INTERNAL_SERVER_ERROR"

// Options say who traces.
type Options struct {
	// Getenv reads the variables. The library reads those of the process by itself.
	Getenv            func(string) string
	Version, NodeName string
	Log               *slog.Logger
}

// Tracing makes spans and sends them.
type Tracing struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
	parents  propagation.TextMapPropagator
	log      *slog.Logger
}

// Start is nil where no variable asks for traces; then nothing was started. A
// variable that can't be meant is an error that names it. Close ends it.
func Start(ctx context.Context, o Options) (*Tracing, error) {
	v, err := read(o.Getenv)
	if err != nil || v.exporter == exporterNone {
		return nil, err
	}
	otel.SetLogger(logr.Discard()) // it would write values, secrets among them, past the log
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { o.Log.Warn("tracing has trouble", "error", err) }))
	exporter, err := v.open(ctx)
	if err != nil {
		return nil, err
	}
	about, err := describe(ctx, o)
	if err != nil {
		return nil, err
	}
	provider := sdk.NewTracerProvider(sdk.WithBatcher(&steady{SpanExporter: exporter, log: o.Log}), sdk.WithResource(about))
	return &Tracing{provider: provider, tracer: provider.Tracer(scope), parents: v.parents, log: o.Log}, nil
}

// Close sends what is left, until ctx ends.
func (t *Tracing) Close(ctx context.Context) {
	if err := t.provider.Shutdown(ctx); err != nil {
		t.log.Warn("the last traces were not sent", "error", err)
	}
}

// Handler has the spans of a request belong to the one that its header names.
func (t *Tracing) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := t.parents.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Operation begins the span of a GraphQL operation that began before. end is
// told the code of its error, or "".
func (t *Tracing) Operation(ctx context.Context, kind, name string, began time.Time) (within context.Context, end func(code string)) {
	name = name[:min(len(name), maxName)] // names are ASCII
	about := []attribute.KeyValue{attribute.String("graphql.operation.type", kind)}
	title := "graphql " + kind
	if name != "" {
		about = append(about, attribute.String("graphql.operation.name", name))
		title = kind + " " + name
	}
	ctx, span := t.tracer.Start(ctx, title, trace.WithTimestamp(began), trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(about...))
	return ctx, func(code string) {
		if code != "" {
			span.SetAttributes(attribute.String("error.type", code))
		}
		if code == internalError {
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

// Write begins the span of a call's write. One that belongs to no operation has none.
func (t *Tracing) Write(ctx context.Context) (end func(error)) {
	if !trace.SpanContextFromContext(ctx).IsValid() {
		return func(error) {}
	}
	_, span := t.tracer.Start(ctx, "write", trace.WithSpanKind(trace.SpanKindInternal))
	return func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, "") // the log has the text, which may name users
		}
		span.End()
	}
}
