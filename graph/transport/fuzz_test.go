package transport

import (
	"encoding/json"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
)

func FuzzAccept(f *testing.F) {
	for _, header := range []string{
		"", "*/*", "text/html", "application/json;q=0.9, text/event-stream", `multipart/mixed;boundary="a,b`,
		"multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/graphql-response+json,application/json;q=0.9",
		"application/json;q=0.5, text/event-stream;q=0.7, application/json;q=1, ;;, \"", "application/json;q=NaN", "application/*;q=1e309",
	} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		got := accepting(header)
		for i, m := range got {
			name, _, _ := strings.Cut(string(m), ";")
			named := strings.ToLower(header)
			said := strings.Contains(named, name) || m == mediaJSON && (strings.TrimSpace(header) == "" || strings.Contains(named, "*"))
			if _, stream := framings[m]; !said || slices.Contains(got[:i], m) || stream == (m == mediaJSON || m == mediaGraphQL) {
				t.Errorf("%q takes %q", header, got)
			}
		}
		if m := got.json(); m != mediaJSON && m != mediaGraphQL {
			t.Errorf("%q has its errors in %q", header, m)
		}
	})
}

func FuzzBody(f *testing.F) {
	for _, body := range []string{
		`{"query":"{a}","variables":{"a":1},"operationName":null}`, `[{}]`, `{"query":"{a}"} {`, "\ufeff{}", `{"query":"{a}","query":"{b}"}`,
		`{"query":"\ud800"}`, `{"query":"{a}","variables":{"a":1e999,"b":[18446744073709551616,{"":null}]},"extensions":{"e":"\u00e9"}}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		params, refused := parseBody(body)
		if (params == nil) == (refused == nil) {
			t.Fatalf("%q gives %v and %v", body, params, refused)
		}
		if refused != nil {
			if refused.status != 400 || strings.Contains(refused.message, "\n") {
				t.Errorf("%q is refused with %d %q", body, refused.status, refused.message)
			}
			return
		}
		var sent struct{ Query, OperationName string }
		if err := json.Unmarshal(body, &sent); err != nil || strings.TrimSpace(params.Query) == "" {
			t.Fatalf("%q has no query, or is no JSON: %v", body, err)
		}
		if exact := map[string]json.RawMessage{}; json.Unmarshal(body, &exact) == nil && string(exact["query"]) != "" {
			var query string
			if err := json.Unmarshal(exact["query"], &query); err != nil || query != params.Query {
				t.Fatalf("%q has the query %q", body, params.Query)
			}
		}
		again, refused := parseBody(written(t, params))
		if refused != nil || !reflect.DeepEqual(again, params) {
			t.Errorf("%q is %+v, and written anew %+v, %v", body, params, again, refused)
		}
	})
}

func written(t *testing.T, params *graphql.RawParams) []byte {
	t.Helper()
	text, err := json.Marshal(map[string]any{
		"query": params.Query, "operationName": params.OperationName, "variables": params.Variables, "extensions": params.Extensions,
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// FuzzQuery is FuzzBody for GET: what goes by one way goes by the other.
func FuzzQuery(f *testing.F) {
	f.Add("query=%7Ba%7D&variables=%7B%22a%22%3A1%7D&operationName=A")
	f.Add("query=%ff&extensions=null")
	f.Add("query=%7Ba%7D&variables=[]&;&%")
	f.Fuzz(func(t *testing.T, text string) {
		values, _ := url.ParseQuery(text) // as net/http has it: what is wrong is left out
		params, refused := parseQuery(values)
		if (params == nil) == (refused == nil) {
			t.Fatalf("%q gives %v and %v", text, params, refused)
		}
		if refused != nil {
			return
		}
		if params.Query != values.Get("query") || params.OperationName != values.Get("operationName") {
			t.Fatalf("%q is %+v", text, params)
		}
		if strings.ContainsRune(strings.ToValidUTF8(params.OperationName, "\ufffd"), '\ufffd') {
			return // JSON has no words for it
		}
		again, refused := parseBody(written(t, params))
		if refused != nil || !reflect.DeepEqual(again, params) {
			t.Errorf("%q is %+v, and as a body %+v, %v", text, params, again, refused)
		}
	})
}
