package main

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// spans are what a collector got.
type spans struct {
	url      string
	mu       sync.Mutex
	all      []*tracepb.Span
	services []string
	raw      []byte
}

// newCollector takes traces by OTLP over HTTP.
func newCollector(t *testing.T) *spans {
	t.Helper()
	s := &spans{}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var sent collector.ExportTraceServiceRequest
		if err == nil {
			err = proto.Unmarshal(body, &sent)
		}
		if err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("%s: %v", r.URL, err)
		}
		s.take(&sent, body)
	}))
	t.Cleanup(web.Close)
	s.url = web.URL
	return s
}

func (s *spans) take(sent *collector.ExportTraceServiceRequest, raw []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raw = append(s.raw, raw...)
	for _, of := range sent.ResourceSpans {
		for _, a := range of.Resource.Attributes {
			if a.Key == "service.name" {
				s.services = append(s.services, a.Value.GetStringValue())
			}
		}
		for _, scope := range of.ScopeSpans {
			s.all = append(s.all, scope.Spans...)
		}
	}
}

// named is the spans of a name.
func (s *spans) named(name string) (found []*tracepb.Span) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, span := range s.all {
		if span.Name == name {
			found = append(found, span)
		}
	}
	return found
}

func attributeOf(span *tracepb.Span, key string) string {
	for _, a := range span.Attributes {
		if a.Key == key {
			return a.Value.GetStringValue()
		}
	}
	return ""
}

func TestTracesAreSentWhereTheVariablesAskForThem(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	p := servingWith(t, []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.url, "OTEL_SERVICE_NAME=status-of-tests"},
		"--jwt-secret="+goodSecret, "--database=sqlite:"+newDatabase(t))
	const traceID, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	response, err := httpClient.Do(p.request(http.MethodPost, "/graphql", operation(`mutation SayHello{setSelfStatus(customStatus:"private words"){version}}`),
		"Content-Type: application/json", "Authorization: Bearer "+mint("secretive"), "traceparent: 00-"+traceID+"-"+parent+"-01"))
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	_ = p.post(mint("secretive"), `query Wrong{nothing}`)
	s := p.socket(t, "secretive")
	s.do(`query Mine{self{visibility}}`)
	s.watch()
	s.news()
	p.terminate()
	if code := p.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}

	hello := c.named("mutation SayHello")
	if len(hello) != 1 || hex.EncodeToString(hello[0].TraceId) != traceID || hex.EncodeToString(hello[0].ParentSpanId) != parent {
		t.Fatalf("the mutation's: %v", hello)
	}
	inside := slices.ContainsFunc(c.named("write"), func(w *tracepb.Span) bool {
		return string(w.ParentSpanId) == string(hello[0].SpanId) && w.StartTimeUnixNano >= hello[0].StartTimeUnixNano && w.EndTimeUnixNano <= hello[0].EndTimeUnixNano
	})
	if !inside {
		t.Errorf("its write is not among %v", c.named("write"))
	}
	if wrong := c.named("graphql invalid"); len(wrong) != 1 || attributeOf(wrong[0], "error.type") != "GRAPHQL_VALIDATION_FAILED" {
		t.Errorf("the wrong one's: %v", wrong)
	}
	if mine := c.named("query Mine"); len(mine) != 1 || attributeOf(mine[0], "graphql.operation.type") != "query" || attributeOf(mine[0], "error.type") != "" {
		t.Errorf("the socket's: %v", mine)
	}
	if stream := c.named("graphql subscription"); len(stream) != 1 {
		t.Errorf("the subscription's: %v", stream)
	}
	if len(c.services) == 0 || c.services[0] != "status-of-tests" {
		t.Errorf("they are of %q", c.services)
	}
	if strings.Contains(string(c.raw), "private words") || strings.Contains(string(c.raw), "secretive") {
		t.Error("a user, or their words, went along")
	}
}

func TestACollectorThatIsAwayHoldsNothingUp(t *testing.T) {
	t.Parallel()
	p := servingWith(t, []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1", "OTEL_BSP_SCHEDULE_DELAY=50", "OTEL_EXPORTER_OTLP_TIMEOUT=200"},
		"--jwt-secret="+goodSecret, "--database=sqlite:"+newDatabase(t))
	p.do(mint("alice"), setText("x"))
	p.logged("traces can't be sent and are dropped")
	p.terminate()
	if code := p.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestAWrongVariableForTracesIsRefused(t *testing.T) {
	t.Parallel()
	p := launchWith(t, []string{"OTEL_TRACES_EXPORTER=otlp", "OTEL_EXPORTER_OTLP_PROTOCOL=carrier-pigeon"}, "--listen=127.0.0.1:0", "--database=sqlite:"+newDatabase(t))
	if code, told := p.exit(), p.stderr.text(); code != 1 || told != "userstatus: OTEL_EXPORTER_OTLP_PROTOCOL is none of http/protobuf, grpc\n" {
		t.Errorf("exit code %d, told %q", code, told)
	}
}
