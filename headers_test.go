package main

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// answered is one answer, for what it lets a browser do.
type answered struct {
	method, path string
	code         int
	header       http.Header
	body         string
}

// ask follows no redirect: it is an answer like any other.
func (p *program) ask(method, path, body string, headers ...string) answered {
	p.t.Helper()
	response, err := httpClient.Transport.RoundTrip(p.request(method, path, body, headers...))
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answered{method, path, response.StatusCode, response.Header, string(text)}
}

var linked = regexp.MustCompile(`(?:href|src)="(/[^"]*)"`)

// crawl asks for the paths, and for all that what they are answered with links to.
func (p *program) crawl(paths ...string) (all []answered) {
	p.t.Helper()
	seen := map[string]bool{}
	for len(paths) > 0 {
		path := paths[0]
		paths = paths[1:]
		if seen[path] {
			continue
		}
		seen[path] = true
		a := p.ask(http.MethodGet, path, "", "Accept-Encoding: identity")
		all = append(all, a)
		if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			continue
		}
		for _, link := range linked.FindAllStringSubmatch(a.body, -1) {
			paths = append(paths, strings.ReplaceAll(link[1], "&amp;", "&"))
		}
	}
	return all
}

// everyAnswer is one of each kind there is: pages and what they load, errors, redirects,
// and calls.
func (p *program) everyAnswer(token string) []answered {
	p.t.Helper()
	all := p.crawl("/", "/playground", "/playground/", "/demo", "/demo/", "/console", "/console/", "/healthz", "/readyz", "/metrics", "/schema.graphqls", "/nothing",
		"/playground/users.json", "/demo/../console", "//nothing", "/playground/nothing.js", "/dev/token?user=alice", "/dev/token?user=", "/graphql/", "/%3Cscript%3E")
	bearer := "Authorization: Bearer " + token
	for _, c := range []struct{ method, path, body, header string }{
		{"POST", "/graphql", operation(`{self{visibility}}`), ""}, {"POST", "/graphql", operation(`{nothing}`), ""}, {"POST", "/graphql", "{", ""}, {"POST", "/graphql", "", "Content-Type: text/plain"},
		{"POST", "/graphql", operation(`{__typename}`), "Accept: text/html"}, {"POST", "/graphql", operation(`{__typename}`), "Accept: text/event-stream"},
		{"POST", "/graphql", operation(`{__typename}`), "Accept: multipart/mixed;subscriptionSpec=1.0"}, {"POST", "/graphql", operation(`{__typename}`), "Accept: application/graphql-response+json"},
		{"POST", "/graphql", operation(`{__typename}`), "Origin: https://evil.example"}, {"POST", "/graphql", operation(`{__typename}`), "Authorization: Bearer x"},
		{"POST", "/graphql", strings.Repeat(" ", 1<<20+1), ""}, {"GET", "/graphql", "", ""}, {"GET", "/graphql?query={__typename}", "", ""}, {"GET", "/graphql", "", "Upgrade: websocket"},
		{"GET", "/graphql?query=mutation{logout{version}}", "", ""}, {"PUT", "/graphql", "", ""}, {"OPTIONS", "/graphql", "", ""}, {"OPTIONS", "/graphql", "", "Origin: https://evil.example"},
		{"HEAD", "/", "", ""}, {"POST", "/", "", ""}, {"DELETE", "/metrics", "", ""}, {"TRACE", "/", "", ""}, {"POST", "/healthz", "", ""}, {"GET", "/style.css", "", "If-None-Match: *"},
		{"GET", "/dev/token?user=alice", "", "Host: evil.example"},
	} {
		headers := []string{bearer, "Content-Type: application/json"}
		if c.header != "" {
			headers = append(headers, c.header)
		}
		all = append(all, p.ask(c.method, c.path, c.body, headers...))
	}
	return all
}

// checkHeaders sees that a browser runs nothing of an answer that isn't the page's own
// script, shows it in no frame, and tells nobody of it.
func (a answered) checkHeaders(t *testing.T) {
	t.Helper()
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Set-Cookie": "", "Server": "", "X-Powered-By": "",
	} {
		if got := strings.Join(a.header.Values(name), ", "); got != want {
			t.Errorf("%s %s (%d): %s is %q, want %q", a.method, a.path, a.code, name, got, want)
		}
	}
	kind := a.header.Get("Content-Type")
	policy := a.header.Values("Content-Security-Policy")
	if len(policy) != 1 {
		t.Errorf("%s %s: the policies are %q", a.method, a.path, policy)
		return
	}
	if !regexp.MustCompile(`^default-src '(self|none)'; .*base-uri 'none'; .*frame-ancestors 'none'`).MatchString(policy[0]) ||
		regexp.MustCompile(`script-src|unsafe-eval|\*|https?:`).MatchString(policy[0]) {
		t.Errorf("%s %s: the policy is %q", a.method, a.path, policy[0])
	}
	if a.body != "" && a.code != http.StatusNotModified && kind == "" {
		t.Errorf("%s %s (%d) is of no type", a.method, a.path, a.code)
	}
	secret := strings.HasPrefix(a.path, "/dev/token") || a.path == "/graphql" || strings.HasPrefix(a.path, "/graphql?")
	explains := strings.HasPrefix(kind, "text/plain") || strings.HasPrefix(kind, "text/html")
	if secret && a.body != "" && !explains && a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s %s may be kept: %v", a.method, a.path, a.header)
	}
}

func TestEveryAnswerHasTheHeadersThatKeepABrowserSafe(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]*program{"development": serving(t), "with a secret": onSecret(t, newDatabase(t))} {
		token := mint("alice")
		if name == "development" {
			token = p.demoToken("user=alice").Token
		}
		codes := map[int]int{}
		for _, a := range p.everyAnswer(token) {
			a.checkHeaders(t)
			codes[a.code]++
		}
		for _, code := range []int{200, 204, 304, 307, 400, 401, 403, 404, 405, 406, 413, 415} {
			if codes[code] == 0 {
				t.Errorf("%s: nothing was answered with %d, but %v", name, code, codes)
			}
		}
	}
}

func TestMetricsOnTheirOwnAddressHaveTheHeadersToo(t *testing.T) {
	t.Parallel()
	p := serving(t, "--jwt-secret="+goodSecret, "--database=sqlite:"+newDatabase(t), "--metrics-listen=127.0.0.1:0")
	p.url = strings.TrimSuffix(p.logged("metrics are served")["url"].(string), "/metrics")
	for _, path := range []string{"/metrics", "/", "/nothing"} {
		p.ask(http.MethodGet, path, "").checkHeaders(t)
	}
}
