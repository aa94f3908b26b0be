package web

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

const schema = "type Query { self: Self! }\n"

var gzipped = http.Header{"Accept-Encoding": {"gzip"}}

// serve starts the pages; the client asks for what the tests say and no more.
func serve(t *testing.T, o Options) *httptest.Server {
	t.Helper()
	o.Schema = []byte(schema)
	server := httptest.NewServer(Handler(o))
	t.Cleanup(server.Close)
	server.Client().Transport.(*http.Transport).DisableCompression = true
	return server
}

func request(t *testing.T, server *httptest.Server, method, path string, header http.Header) *http.Response {
	t.Helper()
	r, err := http.NewRequest(method, server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		r.Header[name] = values
	}
	response, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

func body(t *testing.T, response *http.Response) string {
	t.Helper()
	reader := io.Reader(response.Body)
	if response.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		reader = unzipped
	}
	content, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func page(t *testing.T, server *httptest.Server, path string) string {
	t.Helper()
	response := request(t, server, http.MethodGet, path, nil)
	if response.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s", path, response.Status)
	}
	return body(t, response)
}

var ownFile = regexp.MustCompile(`(?:src|href)="(/[^"]+\.(?:js|css|svg))"`)

// files are those that a page loads.
func files(page string) []string {
	var paths []string
	for _, match := range ownFile.FindAllStringSubmatch(page, -1) {
		paths = append(paths, match[1])
	}
	return paths
}

func TestEveryFileAPageLoadsIsThere(t *testing.T) {
	server := serve(t, Options{Development: true, DemoUsers: []DemoUser{{UserID: "dave"}, {UserID: "admin", Admin: true}}})
	for _, path := range []string{"/", "/playground", "/playground/", "/demo", "/demo/", "/console", "/console/"} {
		loaded := files(page(t, server, path))
		if len(loaded) < 2 {
			t.Errorf("%s loads only %q", path, loaded)
		}
		for _, file := range loaded {
			page(t, server, file)
		}
	}
}

func TestTypes(t *testing.T) {
	server := serve(t, Options{})
	want := map[string]string{
		"/":                      "text/html; charset=utf-8",
		"/playground":            "text/html; charset=utf-8",
		"/demo":                  "text/html; charset=utf-8",
		"/console":               "text/html; charset=utf-8",
		"/schema.graphqls":       "text/plain; charset=utf-8",
		"/playground/users.json": "application/json",
		"/favicon.svg":           "image/svg+xml",
		"/style.css":             "text/css; charset=utf-8",
		"/copy.js":               "text/javascript; charset=utf-8",
		hashedFile(t, "js"):      "text/javascript; charset=utf-8",
	}
	for path, kind := range want {
		if got := request(t, server, http.MethodGet, path, gzipped).Header.Get("Content-Type"); got != kind {
			t.Errorf("%s has the type %q, want %q", path, got, kind)
		}
	}
}

func TestTheSchemaIsServedAsItIs(t *testing.T) {
	if got := page(t, serve(t, Options{}), "/schema.graphqls"); got != schema {
		t.Errorf("got %q", got)
	}
}

func TestSecurityHeadersOnEveryAnswer(t *testing.T) {
	server := serve(t, Options{})
	for _, path := range []string{"/", "/playground", "/demo", "/console", "/schema.graphqls", "/nothing", hashedFile(t, "js")} {
		h := request(t, server, http.MethodGet, path, nil).Header
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s lacks headers: %v", path, h)
		}
		checkPolicy(t, path, h.Get("Content-Security-Policy"))
	}
}

func checkPolicy(t *testing.T, path, policy string) {
	t.Helper()
	for _, directive := range []string{"default-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, directive) {
			t.Errorf("the policy of %s lacks %s: %s", path, directive, policy)
		}
	}
	if strings.Contains(policy, "script-src") || strings.Contains(policy, "://") || strings.Contains(policy, "unsafe-eval") {
		t.Errorf("the policy of %s lets in more than our own scripts: %s", path, policy)
	}
	if strings.Contains(policy, "unsafe-inline") && path != "/playground" {
		t.Errorf("%s needs no inline styles: %s", path, policy)
	}
}

func TestNoPageHasInlineScripts(t *testing.T) {
	server := serve(t, Options{Development: true, DemoUsers: []DemoUser{{UserID: "dave"}, {UserID: "admin", Admin: true}}})
	inline := regexp.MustCompile(`<script>|<script [^>]*>[^<]|<style|\son\w+=|\sstyle=`)
	for _, path := range []string{"/", "/playground", "/demo", "/console"} {
		if found := inline.FindString(page(t, server, path)); found != "" {
			t.Errorf("%s has %q", path, found)
		}
	}
}

func TestWhatIsUnknownIsNotFound(t *testing.T) {
	server := serve(t, Options{})
	for _, path := range []string{"/nothing", "/playground/assets/nothing.js", "/playground/index.html", "/dist/", "/site/start.html"} {
		response := request(t, server, http.MethodGet, path, nil)
		if response.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, response.Status)
		}
		if !strings.Contains(body(t, response), `<a href="/">`) {
			t.Errorf("%s does not lead back", path)
		}
	}
}

func TestStartPage(t *testing.T) {
	t.Run("leads to the pages and the health checks", func(t *testing.T) {
		start := page(t, serve(t, Options{Version: "1.2.3"}), "/")
		contains(t, start, `href="/demo"`, `href="/playground"`, `href="/console"`, `href="/schema.graphqls"`, `href="/healthz"`, `href="/readyz"`, "1.2.3")
	})
	t.Run("leads to the metrics where they are", func(t *testing.T) {
		contains(t, page(t, serve(t, Options{Metrics: true}), "/"), `href="/metrics"`)
		if strings.Contains(page(t, serve(t, Options{}), "/"), "/metrics") {
			t.Error("the page leads to metrics that are elsewhere")
		}
	})
	t.Run("in development mode it leads to the playground as each demo user", func(t *testing.T) {
		start := page(t, serve(t, Options{Development: true, DemoUsers: []DemoUser{{UserID: "dave"}, {UserID: "admin", Admin: true}}}), "/")
		contains(t, start, `"/playground?user=alice"`, `"/playground?user=dave"`, `"/playground?user=admin&amp;role=admin"`, "/dev/token?user=alice")
	})
	t.Run("in development mode it leads to the demo as two users", func(t *testing.T) {
		users := []DemoUser{{UserID: "dave"}, {UserID: "erin"}, {UserID: "frank"}, {UserID: "admin", Admin: true}}
		start := page(t, serve(t, Options{Development: true, DemoUsers: users}), "/")
		contains(t, start, `"/demo?user=dave"`, `"/demo?user=erin"`)
		if strings.Contains(start, `"/demo?user=frank"`) {
			t.Error("the demo is offered as more than two")
		}
	})
	t.Run("in development mode it leads to the console as the admin", func(t *testing.T) {
		start := page(t, serve(t, Options{Development: true, DemoUsers: []DemoUser{{UserID: "dave"}, {UserID: "root", Admin: true}}}), "/")
		contains(t, start, `"/console?user=root"`)
	})
	t.Run("elsewhere it says what a token has, and nothing of demo users", func(t *testing.T) {
		start := page(t, serve(t, Options{}), "/")
		contains(t, start, "HS256", "JWKS", `"sub": "alice"`, `"exp"`, "userstatus token")
		if strings.Contains(start, "/dev/token") || strings.Contains(start, "?user=") {
			t.Error("the page tells of the development mode")
		}
	})
	t.Run("commands have the address the visitor came by", func(t *testing.T) {
		server := serve(t, Options{})
		contains(t, page(t, server, "/"), "curl -s "+server.URL+"/graphql", "ws"+server.URL[len("http"):]+"/graphql")
	})
	t.Run("a Host is neither markup nor a command", func(t *testing.T) {
		for _, host := range []string{"<script>alert(1)</script>", "$(id).evil.example", "`id`.evil.example", "a';id;'.evil.example", "a&id.evil.example", "a b"} {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Host = host
			w := httptest.NewRecorder()
			Handler(Options{Development: true}).ServeHTTP(w, r)
			if strings.Contains(w.Body.String(), "evil") || strings.Contains(w.Body.String(), "<script>alert") || strings.Contains(w.Body.String(), "a b") {
				t.Errorf("the page has the Host %q", host)
			}
			contains(t, w.Body.String(), "curl -s http://localhost/graphql")
		}
	})
}

func contains(t *testing.T, page string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}
