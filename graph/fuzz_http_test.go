package graph_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"userstatus/presence"
)

// page is a response that ends its request once a stream has begun.
type page struct {
	*httptest.ResponseRecorder
	end func()
}

func (p *page) FlushError() error                { p.end(); return nil }
func (p *page) SetReadDeadline(time.Time) error  { return nil }
func (p *page) SetWriteDeadline(time.Time) error { return nil }

const (
	jsonType  = "application/json"
	eventType = "text/event-stream"
	partType  = "multipart/mixed"
)

// plain is an Accept header of the usual characters, with weights that all
// readers take for the same.
var plain = regexp.MustCompile(`^[a-z*+-]+/[a-z*+-]+(; ?q=(0|1|0\.[1-9]))?(, ?[a-z*+-]+/[a-z*+-]+(; ?q=(0|1|0\.[1-9]))?)*$`)

// wanted are the types that a plain header takes of those there are, the best
// first; multipart without its parameter is none. Anything is JSON, unless that is
// named too.
func wanted(header string) (types []string) {
	named := regexp.MustCompile(`(^|[ ,])application/json($|[ ,;])`).MatchString(header)
	weights := map[string]float64{}
	for entry := range strings.SplitSeq(header, ",") {
		name, q, weighed := strings.Cut(strings.TrimSpace(entry), ";")
		weight, _ := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(q), "q="), 64)
		if !weighed {
			weight = 1
		}
		if (name == "*/*" || name == "application/*") && !named {
			name = jsonType
		}
		if _, twice := weights[name]; !twice && slices.Contains([]string{jsonType, graphqlJSON, eventType}, name) {
			types, weights[name] = append(types, name), weight
		}
	}
	types = slices.DeleteFunc(types, func(name string) bool { return weights[name] == 0 })
	slices.SortStableFunc(types, func(a, b string) int { return cmp.Compare(weights[b], weights[a]) })
	return types
}

// FuzzNegotiation asks for anything in any way to ask. Whatever comes is of a
// type that was accepted, and is what its type says; and nothing is our failure.
func FuzzNegotiation(f *testing.F) {
	for _, accept := range []string{
		"", "*/*", "text/html", jsonType, graphqlJSON + "," + jsonType + ";q=0.9", "application/json;q=0.1, application/*;q=0.2, */*;q=0.3", "application/json;q=0", "*/*, application/json;q=0", "text/event-stream;q=0.5, */*, application/json;q=0.1", jsonType + ";q=2",
		eventType, jsonType + ", " + eventType + ";q=0.5", strings.TrimPrefix(parts, "Accept: "), `multipart/mixed;subscriptionSpec="1.0";boundary="a,b"`, "multipart/mixed;deferSpec=2022", "text/event-stream;\x00", `"`, ",;,", "APPLICATION/JSON",
	} {
		for _, query := range []string{watchAll, `{__typename}`, setText("x"), `{nope}`, `{`} {
			body, _ := json.Marshal(map[string]any{"query": query})
			f.Add("POST", accept, jsonType, "", string(body))
			f.Add("GET", accept, "", "query="+url.QueryEscape(query), "")
		}
	}
	for _, contentType := range []string{"", "text/plain", "application/json; charset=utf-8", "application/json;charset=utf-16", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a", "application/json, text/plain", "Application/JSON;a=b;a=c"} {
		f.Add("POST", jsonType, contentType, "", `{"query":"{__typename}"}`)
	}
	f.Add("OPTIONS", "", "", "", "")
	f.Add("BREW", eventType, "", "", "")
	f.Add("POST", "", jsonType, "query={a}", "[]")
	s := start(f, func(s *settings) {
		s.Authenticate = func(context.Context, string) (presence.Viewer, error) {
			return presence.Viewer{UserID: "fuzz", ExpiresAt: time.Now().Add(time.Hour)}, nil
		}
	})
	f.Fuzz(func(t *testing.T, method, accept, contentType, query, body string) {
		ctx, end := context.WithCancel(t.Context())
		defer end()
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", strings.NewReader(body))
		r.Method, r.URL.RawQuery = method, query
		r.Header.Set("Authorization", "Bearer fuzz")
		r.Header.Set("Content-Type", contentType)
		if accept != "" {
			r.Header.Set("Accept", accept)
		}
		w := &page{httptest.NewRecorder(), end}
		s.endpoint.ServeHTTP(w, r)
		checkPage(t, w.Result(), method, accept, ctx.Err() != nil)
	})
}

func checkPage(t *testing.T, got *http.Response, method, accept string, stream bool) {
	t.Helper()
	body, _ := io.ReadAll(got.Body)
	status, in := got.StatusCode, got.Header.Get("Content-Type")
	if method == http.MethodOptions {
		if status != http.StatusNoContent || len(body) > 0 {
			t.Errorf("OPTIONS is answered with %d %q", status, body)
		}
		return
	}
	name, params, err := mime.ParseMediaType(in)
	if err != nil || !slices.Contains([]int{200, 400, 405, 406, 413, 415}, status) || got.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Fatalf("answered with %d %s %q", status, in, body)
	}
	switch name {
	case jsonType, graphqlJSON:
		checkJSON(t, status, name, body)
	case eventType:
		checkEvents(t, body, stream)
	case partType:
		checkParts(t, params["boundary"], body, stream)
	default:
		t.Fatalf("answered in %s", in)
	}
	isStream := name == eventType || name == partType
	if isStream && status != 200 || method == http.MethodGet && status == 200 && strings.Contains(string(body), `"setSelfStatus"`) {
		t.Errorf("%s is answered with %d %q", method, status, body)
	}
	header := strings.ToLower(accept)
	if isStream && !strings.Contains(header, name) || name == partType && !strings.Contains(header, "subscriptionspec") {
		t.Errorf("%q is answered in %s", accept, in)
	}
	if !plain.MatchString(accept) {
		return
	}
	switch takes := wanted(accept); {
	case len(takes) == 0:
		if status == 200 {
			t.Errorf("%q takes nothing, and is answered with %d in %s", accept, status, in)
		}
	case status == 200 && !stream && name != takes[0], stream && !slices.Contains(takes, name):
		t.Errorf("%q takes %q, and is answered in %s", accept, takes, in)
	}
}

// checkJSON checks that an answer has data, or says what is wrong, with a code.
func checkJSON(t *testing.T, status int, name string, body []byte) {
	t.Helper()
	var got reply
	if err := json.Unmarshal(body, &got); err != nil || got.Data == nil && len(got.Errors) == 0 || status != 200 && (got.Data != nil || len(got.Errors) == 0) {
		t.Fatalf("%d %q: %v", status, body, err)
	}
	if name == graphqlJSON && status == 200 && got.Data == nil {
		t.Errorf("what was not executed is answered with 200: %q", body)
	}
	for _, e := range got.Errors {
		if e.Message == "" || e.Extensions.Code == "" || e.Extensions.Code == "INTERNAL_SERVER_ERROR" || e.Extensions.ErrorCode == 0 {
			t.Errorf("an error is %+v", e)
		}
	}
}

// checkEvents checks each line; one that is cut off has but begun.
func checkEvents(t *testing.T, body []byte, cutOff bool) {
	t.Helper()
	events := readEvents(bytes.NewReader(body))
	var names []string
	for e := events.next(); e != (event{}); e = events.next() {
		names = append(names, e.name)
		if e.name == "next" {
			checkJSON(t, 200, jsonType, []byte(e.data))
		}
	}
	if whole := slices.Equal(names, []string{"next", "complete"}); !bytes.HasPrefix(body, []byte(":\n\n")) || !bytes.HasSuffix(body, []byte("\n\n")) || whole == cutOff {
		t.Errorf("the events are %q", body)
	}
}

// checkParts is checkEvents for multipart.
func checkParts(t *testing.T, boundary string, body []byte, cutOff bool) {
	t.Helper()
	reader := multipart.NewReader(bytes.NewReader(body), boundary)
	payloads := 0
	for {
		part, err := reader.NextPart()
		if err != nil {
			if whole := err == io.EOF && payloads == 1; whole == cutOff {
				t.Errorf("the parts end with %v: %q", err, body)
			}
			return
		}
		var envelope struct{ Payload json.RawMessage }
		text, _ := io.ReadAll(part)
		if err := json.Unmarshal(text, &envelope); err != nil || part.Header.Get("Content-Type") != jsonType {
			t.Fatalf("a part is %q: %v", text, err)
		}
		if envelope.Payload != nil {
			payloads++
			checkJSON(t, 200, jsonType, envelope.Payload)
		}
	}
}
