package tracing

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
)

const (
	exporterNone    = "none"
	exporterOTLP    = "otlp"
	exporterConsole = "console"
)

// variables are what the OTEL_ variables ask for, as far as the library does not
// read them by itself.
type variables struct {
	exporter string
	overGRPC bool
	parents  propagation.TextMapPropagator
}

// read refuses what the library would pass over: its own words go nowhere. No
// error has a value in it that may be secret.
func read(getenv func(string) string) (variables, error) {
	v := variables{exporter: exporterNone}
	if disabled, err := strconv.ParseBool(getenv("OTEL_SDK_DISABLED")); err == nil && disabled {
		return v, nil
	}
	asked := getenv("OTEL_TRACES_EXPORTER")
	if asked == "" && (getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != "") {
		asked = exporterOTLP
	}
	if asked == "" || asked == exporterNone {
		return v, nil
	}
	v.exporter = asked
	err := v.check(getenv)
	return v, err
}

func (v *variables) check(getenv func(string) string) error {
	for _, check := range []func(func(string) string) error{v.checkExporter, v.takeProtocol, checkEndpoints, checkNumbers, checkHeaders, checkSampler, v.takePropagators} {
		if err := check(getenv); err != nil {
			return err
		}
	}
	return nil
}

func (v *variables) checkExporter(getenv func(string) string) error {
	if text := getenv("OTEL_SDK_DISABLED"); text != "" {
		if _, err := strconv.ParseBool(text); err != nil {
			return errors.New("OTEL_SDK_DISABLED is neither true nor false")
		}
	}
	return oneOf("OTEL_TRACES_EXPORTER", v.exporter, exporterOTLP, exporterConsole, exporterNone)
}

func (v *variables) takeProtocol(getenv func(string) string) error {
	for _, name := range []string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
		if protocol := getenv(name); protocol != "" {
			v.overGRPC = protocol == "grpc"
			return oneOf(name, protocol, "http/protobuf", "grpc")
		}
	}
	return nil
}

func oneOf(name, value string, known ...string) error {
	if !slices.Contains(known, value) {
		return fmt.Errorf("%s is none of %s", name, strings.Join(known, ", "))
	}
	return nil
}

func checkEndpoints(getenv func(string) string) error {
	for _, name := range []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"} {
		text := getenv(name)
		if text == "" {
			continue
		}
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("%s is not an http or https URL, such as http://127.0.0.1:4318", name)
		}
		if u.User != nil {
			return fmt.Errorf("%s has a password in it, which belongs into OTEL_EXPORTER_OTLP_HEADERS", name)
		}
	}
	return nil
}

func checkNumbers(getenv func(string) string) error {
	for _, name := range []string{
		"OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
		"OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_EXPORT_TIMEOUT", "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
	} {
		if text := getenv(name); text != "" {
			if n, err := strconv.Atoi(text); err != nil || n < 1 {
				return fmt.Errorf("%s is not a whole number from 1 on", name)
			}
		}
	}
	return nil
}

func checkHeaders(getenv func(string) string) error {
	for _, name := range []string{"OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"} {
		text := getenv(name)
		if text == "" {
			continue
		}
		for _, pair := range strings.Split(text, ",") {
			key, value, found := strings.Cut(pair, "=")
			if _, err := url.PathUnescape(value); !found || strings.TrimSpace(key) == "" || err != nil {
				return fmt.Errorf("%s is not of the form name=value,name=value", name)
			}
		}
	}
	return nil
}

func checkSampler(getenv func(string) string) error {
	sampler, share := getenv("OTEL_TRACES_SAMPLER"), getenv("OTEL_TRACES_SAMPLER_ARG")
	if sampler == "" {
		return nil
	}
	if strings.HasSuffix(sampler, "traceidratio") && share != "" {
		if n, err := strconv.ParseFloat(share, 64); err != nil || !(n >= 0 && n <= 1) {
			return errors.New("OTEL_TRACES_SAMPLER_ARG is not a number from 0 to 1")
		}
	}
	return oneOf("OTEL_TRACES_SAMPLER", sampler, "always_on", "always_off", "traceidratio",
		"parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio")
}

// takePropagators has requests name their parents by traceparent, unless told not to.
func (v *variables) takePropagators(getenv func(string) string) error {
	const name = "OTEL_PROPAGATORS"
	v.parents = propagation.TraceContext{}
	if getenv(name) == "" {
		return nil
	}
	v.parents = propagation.NewCompositeTextMapPropagator()
	for _, propagator := range strings.Split(getenv(name), ",") {
		propagator = strings.TrimSpace(propagator)
		if err := oneOf(name, propagator, "tracecontext", "baggage", "none"); err != nil {
			return err
		}
		if propagator == "tracecontext" {
			v.parents = propagation.TraceContext{}
		}
	}
	return nil
}

// open makes the exporter, which tries to reach nobody yet.
func (v *variables) open(ctx context.Context) (exporter sdk.SpanExporter, err error) {
	switch {
	case v.exporter == exporterConsole:
		exporter, err = stdouttrace.New()
	case v.overGRPC:
		exporter, err = otlptracegrpc.New(ctx)
	default:
		exporter, err = otlptracehttp.New(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("OTEL_TRACES_EXPORTER: %w", err)
	}
	return exporter, nil
}

// describe is what all spans have in common; the variables win.
func describe(ctx context.Context, o Options) (*resource.Resource, error) {
	about, err := resource.New(ctx,
		resource.WithTelemetrySDK(),
		resource.WithAttributes(
			attribute.String("service.name", scope),
			attribute.String("service.version", o.Version),
			attribute.String("service.instance.id", o.NodeName)),
		resource.WithFromEnv())
	if err != nil {
		return nil, errors.New("OTEL_RESOURCE_ATTRIBUTES is not of the form name=value,name=value")
	}
	return about, nil
}
