package graph_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"userstatus/graph/transport"
)

const graphqlJSON = "application/graphql-response+json"

// TestGraphQLOverHTTP is what graphql-http's audit asks for, and some more.
func TestGraphQLOverHTTP(t *testing.T) {
	s := start(t, func(s *settings) { s.Introspection = true })
	const json = "Content-Type: application/json"
	for _, c := range []struct {
		name, body string
		headers    []string
		status     int
		in, words  string
	}{
		{"takes JSON where Accept is missing", `{"query":"{__typename}"}`, nil, 200, "application/json", `{"data":{"__typename":"Query"}}`},
		{"takes JSON for anything", `{"query":"{__typename}"}`, []string{"Accept: */*"}, 200, "application/json", `"data"`},
		{"answers in GraphQL's own type", `{"query":"{__typename}"}`, []string{"Accept: " + graphqlJSON}, 200, graphqlJSON, `"data"`},
		{"answers Apollo in GraphQL's own type", `{"query":"{__typename}"}`, []string{"Accept: application/graphql-response+json,application/json;q=0.9"}, 200, graphqlJSON, `"data"`},
		{"answers GraphiQL in JSON", `{"query":"{__typename}"}`, []string{"Accept: application/json, multipart/mixed"}, 200, "application/json", `"data"`},
		{"allows null parameters", `{"query":"{__typename}","variables":null,"operationName":null,"extensions":null}`, nil, 200, "application/json", `"data"`},
		{"allows extensions", `{"query":"{__typename}","extensions":{"a":1}}`, nil, 200, "application/json", `"data"`},
		{"allows introspection where it is on", `{"query":"query T($n:String!){__type(name:$n){name}}","variables":{"n":"Run🏃"}}`, nil, 200, "application/json", `{"data":{"__type":null}}`},
		{"says 200 to a parse error in JSON", `{"query":"{"}`, []string{"Accept: application/json"}, 200, "application/json", "GRAPHQL_PARSE_FAILED"},
		{"says 400 to a parse error in GraphQL's own type", `{"query":"{"}`, []string{"Accept: " + graphqlJSON}, 400, graphqlJSON, "GRAPHQL_PARSE_FAILED"},
		{"says 400 to an invalid document", `{"query":"{nope}"}`, []string{"Accept: " + graphqlJSON}, 400, graphqlJSON, "GRAPHQL_VALIDATION_FAILED"},
		{"says 400 to a variable that is wrong", `{"query":"query($i:ID!){userStatus(userIDList:[$i]){__typename}}","variables":{"i":null}}`, []string{"Accept: " + graphqlJSON}, 400, graphqlJSON, "BAD_USER_INPUT"},
		{"says 200 to what was executed", `{"query":"{self{visibility}}"}`, []string{"Accept: " + graphqlJSON}, 200, graphqlJSON, `"data":null`},
		{"says 400 to broken JSON", `{ "secret`, nil, 400, "application/json", "not valid JSON"},
		{"says 400 to more than one value", `{"query":"{__typename}"} {}`, nil, 400, "application/json", "not valid JSON"},
		{"says 400 to text that is not UTF-8", "{\"query\":\"{\xff}\"}", nil, 400, "application/json", "UTF-8"},
		{"says 400 to no body", ``, nil, 400, "application/json", "the body is empty"},
		{"says 400 to no query", `{"qeury":"{__typename}"}`, nil, 400, "application/json", "no query"},
		{"says 400 to a query that is no string", `{"query":{"a":1}}`, nil, 400, "application/json", "query is not a string"},
		{"says 400 to a name that is no string", `{"query":"{__typename}","operationName":["a"]}`, nil, 400, "application/json", "operationName is not a string"},
		{"says 400 to variables that are no object", `{"query":"{__typename}","variables":["a"]}`, nil, 400, "application/json", "variables is not an object"},
		{"says 400 to extensions that are no object", `{"query":"{__typename}","extensions":0}`, nil, 400, "application/json", "extensions is not an object"},
		{"says 400 to a number", `5`, nil, 400, "application/json", "not a JSON object"},
		{"refuses batches in words", `[{"query":"{__typename}"}]`, nil, 400, "application/json", "batched"},
		{"refuses a type it doesn't have", `{"query":"{__typename}"}`, []string{"Accept: text/html"}, 406, "application/json", "Accept"},
		{"refuses a subscription without a stream", `{"query":"subscription{userStatusUpdated{version}}"}`, nil, 406, "application/json", "text/event-stream"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := s.do(s.request(http.MethodPost, s.url, c.body, append(c.headers, json)...))
			if got.status != c.status || !strings.HasPrefix(got.header.Get("Content-Type"), c.in+";") || !strings.Contains(got.body, c.words) {
				t.Errorf("got %d %s %s", got.status, got.header.Get("Content-Type"), got.body)
			}
			if strings.Contains(got.body, "secret") {
				t.Error("the body is echoed")
			}
			if c.status != 200 && strings.Contains(got.body, `"data"`) {
				t.Error("there is data for what was not executed")
			}
		})
	}
	for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a", "application/json; charset=utf-16"} {
		t.Run("runs nothing that is sent as "+contentType, func(t *testing.T) {
			r := s.request(http.MethodPost, s.url, `{"query":"{__typename}"}`, "Content-Type: "+contentType)
			s.do(r).refused(t, http.StatusUnsupportedMediaType, "BAD_USER_INPUT", 6017, "application/json")
		})
	}
}

func TestGet(t *testing.T) {
	s := start(t)
	get := func(headers []string, parameters ...string) *reply {
		q := url.Values{}
		for i := 0; i < len(parameters); i += 2 {
			q.Set(parameters[i], parameters[i+1])
		}
		return s.do(s.request(http.MethodGet, s.url+"?"+q.Encode(), "", headers...))
	}
	t.Run("a query", func(t *testing.T) {
		got := get([]string{"Authorization: Bearer alice"}, "query", `query A($l:[ID!]!){userStatus(userIDList:$l){failureUserList{code}}} query B{__typename}`, "operationName", "A", "variables", `{"l":["nobody"]}`)
		if got.status != 200 || got.body != `{"data":{"userStatus":{"failureUserList":[{"code":70107}]}}}` {
			t.Error(got.status, got.body)
		}
	})
	t.Run("a mutation is 405 and does nothing", func(t *testing.T) {
		got := get([]string{"Authorization: Bearer alice"}, "query", `mutation{setSelfStatus(customStatus:"x"){version}}`)
		got.refused(t, http.StatusMethodNotAllowed, "BAD_USER_INPUT", 6017, "POST")
		if got.header.Get("Allow") != "POST" {
			t.Error(got.header)
		}
		if got := s.as("alice", `{self{status{customStatus}}}`); !strings.Contains(got.body, `""`) {
			t.Error(got.body)
		}
	})
	t.Run("variables that are no object", func(t *testing.T) {
		get(nil, "query", "{__typename}", "variables", "[1]").refused(t, 400, "BAD_USER_INPUT", 6017, "variables")
	})
	t.Run("no query", func(t *testing.T) { get(nil).refused(t, 400, "BAD_USER_INPUT", 6017, "no query") })
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch} {
		t.Run(method, func(t *testing.T) {
			got := s.do(s.request(method, s.url, "{}"))
			got.refused(t, http.StatusMethodNotAllowed, "BAD_USER_INPUT", 6017, "POST")
			if got.header.Get("Allow") != "GET, POST, OPTIONS" {
				t.Error(got.header)
			}
		})
	}
}

func TestBodies(t *testing.T) {
	s := start(t, func(s *settings) { s.PingInterval = 200 * time.Millisecond })
	t.Run("3 MiB", func(t *testing.T) {
		s.post(strings.Repeat(" ", 3<<20), nil).refused(t, http.StatusRequestEntityTooLarge, "BAD_USER_INPUT", 6017, "1 MiB")
	})
	t.Run("1 MiB goes", func(t *testing.T) {
		body := `{"query":"{__typename}"}`
		got := s.do(s.request(http.MethodPost, s.url, body+strings.Repeat(" ", transport.MaxBody-len(body)), "Content-Type: application/json"))
		if got.status != 200 {
			t.Error(got.status, got.body)
		}
	})
	t.Run("one that does not arrive", func(t *testing.T) {
		u, _ := url.Parse(s.url)
		conn, err := net.Dial("tcp", u.Host)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		_, _ = fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", u.Host)
		answer, _ := io.ReadAll(conn)
		if !strings.HasPrefix(string(answer), "HTTP/1.1 408 ") || !strings.Contains(string(answer), "did not arrive") {
			t.Errorf("%s", answer)
		}
	})
}

func TestOriginsOverHTTP(t *testing.T) {
	s := start(t)
	for _, headers := range [][]string{
		{"Origin: https://evil.example"}, {"Origin: null"}, {"Sec-Fetch-Site: cross-site"}, {"Sec-Fetch-Site: same-site"},
		{"Origin: https://evil.example", "Upgrade: websocket", "Connection: Upgrade"},
	} {
		t.Run("runs nothing for "+headers[0], func(t *testing.T) {
			headers := append(headers, "Content-Type: application/json", "Authorization: Bearer alice")
			body := `{"query":"mutation{setSelfStatus(customStatus:\"x\"){version}}"}`
			got := s.do(s.request(http.MethodPost, s.url, body, headers...))
			got.refused(t, http.StatusForbidden, "FORBIDDEN", 70403, "origin")
			if got.header.Get("Access-Control-Allow-Origin") != "" {
				t.Error(got.header)
			}
		})
	}
	if got := s.as("alice", `{self{status{customStatus}}}`); !strings.Contains(got.body, `""`) {
		t.Error(got.body)
	}
	t.Run("an allowed page may ask and call", func(t *testing.T) {
		got := s.do(s.request(http.MethodOptions, s.url, "", "Origin: https://app.example",
			"Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization,content-type,x-platform"))
		if got.status != http.StatusNoContent || got.header.Get("Access-Control-Allow-Origin") != "https://app.example" ||
			got.header.Get("Access-Control-Allow-Headers") == "" || got.header.Get("Access-Control-Max-Age") == "" {
			t.Error(got.status, got.header)
		}
		got = s.post(`{__typename}`, nil, "Origin: https://app.example", "Sec-Fetch-Site: cross-site")
		if got.status != 200 || got.header.Get("Access-Control-Allow-Origin") != "https://app.example" {
			t.Error(got.status, got.header)
		}
	})
	t.Run("a foreign page may not ask", func(t *testing.T) {
		got := s.do(s.request(http.MethodOptions, s.url, "", "Origin: https://evil.example", "Access-Control-Request-Method: POST"))
		if got.status != http.StatusForbidden {
			t.Error(got.status)
		}
	})
	t.Run("OPTIONS says what goes", func(t *testing.T) {
		got := s.do(s.request(http.MethodOptions, s.url, ""))
		if got.status != http.StatusNoContent || got.header.Get("Allow") != "GET, POST, OPTIONS" {
			t.Error(got.status, got.header)
		}
	})
	t.Run("the own page may", func(t *testing.T) {
		if got := s.post(`{__typename}`, nil, "Origin: "+strings.TrimSuffix(s.url, "/graphql")); got.status != 200 {
			t.Error(got.status, got.body)
		}
	})
}
