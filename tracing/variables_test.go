package tracing

import (
	"context"
	"log/slog"
	"strings"
	"testing"
)

func env(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestNothingIsStartedThatNobodyAskedFor(t *testing.T) {
	for name, variables := range map[string]map[string]string{
		"nothing":               {},
		"a name alone":          {"OTEL_SERVICE_NAME": "x"},
		"none":                  {"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"},
		"disabled":              {"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "otlp"},
		"disabled, all wrong":   {"OTEL_SDK_DISABLED": "TRUE", "OTEL_TRACES_EXPORTER": "x", "OTEL_TRACES_SAMPLER": "x"},
		"an exporter of others": {"OTEL_METRICS_EXPORTER": "otlp"},
	} {
		got, err := Start(t.Context(), Options{Getenv: env(variables)})
		if got != nil || err != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestWhatCannotBeMeantIsRefusedByName(t *testing.T) {
	const secret = "sesame"
	for name, value := range map[string]string{
		"OTEL_TRACES_EXPORTER":               "zipkin" + secret,
		"OTEL_SDK_DISABLED":                  secret,
		"OTEL_EXPORTER_OTLP_PROTOCOL":        "http/json" + secret,
		"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": secret,
		"OTEL_EXPORTER_OTLP_ENDPOINT":        secret + ":4318",
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://user:" + secret + "@127.0.0.1:4318",
		"OTEL_EXPORTER_OTLP_TIMEOUT":         "10s" + secret,
		"OTEL_BSP_SCHEDULE_DELAY":            "0",
		"OTEL_EXPORTER_OTLP_HEADERS":         "authorization" + secret,
		"OTEL_TRACES_SAMPLER":                "sometimes" + secret,
		"OTEL_PROPAGATORS":                   "b3" + secret,
		"OTEL_RESOURCE_ATTRIBUTES":           secret,
	} {
		variables := map[string]string{"OTEL_TRACES_EXPORTER": "otlp", name: value}
		t.Setenv("OTEL_RESOURCE_ATTRIBUTES", variables["OTEL_RESOURCE_ATTRIBUTES"]) // which the library reads by itself
		_, err := Start(t.Context(), Options{Getenv: env(variables), Log: slog.New(slog.DiscardHandler)})
		if err == nil || !strings.HasPrefix(err.Error(), name+" ") || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
	variables := map[string]string{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "2"}
	if _, err := read(env(variables)); err == nil || !strings.HasPrefix(err.Error(), "OTEL_TRACES_SAMPLER_ARG ") {
		t.Errorf("a share of 2: %v", err)
	}
}

func TestWhatTheVariablesAskForIsTaken(t *testing.T) {
	v, err := read(env(map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://x:1", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
		"OTEL_EXPORTER_OTLP_HEADERS": "a=b,c=d%20e", "OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.5"}))
	if err != nil || v.exporter != exporterOTLP || !v.overGRPC || len(v.parents.Fields()) == 0 {
		t.Errorf("got %+v, %v", v, err)
	}
	if v, err = read(env(map[string]string{"OTEL_TRACES_EXPORTER": "console", "OTEL_PROPAGATORS": "none"})); err != nil || v.exporter != exporterConsole || len(v.parents.Fields()) != 0 {
		t.Errorf("got %+v, %v", v, err)
	}
	for name, value := range map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_TRACES_EXPORTER": "console"} {
		got, err := Start(t.Context(), Options{Getenv: env(map[string]string{"OTEL_TRACES_EXPORTER": "otlp", name: value}), Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got.Close(context.Background())
	}
}
