package graph_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// foreign are origins of pages that may not call, where https://app.example may.
func foreign(s *server) []string {
	own := strings.TrimSuffix(s.url, "/graphql")
	host := strings.TrimPrefix(own, "http://")
	name, _, _ := strings.Cut(host, ":")
	return []string{
		"https://evil.example", "null", "https://app.example.evil", "https://evil.example/app.example", "https://evilapp.example",
		"https://xapp.example", "https://app.example@evil.example", "https://evil.example#app.example", "https://evil.example?https://app.example",
		"https://sub.app.example", "http://app.example", "https://app.example:8443", "https://app.example:80", "https://app.example.", "https://app.exampl",
		"https://app.example%2eevil.example", "https://\u0430pp.example", "https://xn--pp-6kc.example", "wss://app.example", "file://", "file:///app.example",
		"about:blank", "data:text/html,x", "blob:https://app.example/1", "chrome-extension://app.example", "https://", "https:app.example", "app.example", "//app.example",
		"*", "https://*", "https://*.example", "undefined", "http://" + name, "http://" + name + ":1", "http://localhost:1", "http://[::1]:1",
		"http://" + host + ".evil.example", "http://evil.example/" + host, "http://" + host + "@evil.example", own + ".", "https://app.example https://evil.example",
	}
}

func TestAForeignPageOpensNoSocket(t *testing.T) {
	s := start(t)
	open := func(origin, protocol string) (*websocket.Conn, *http.Response, error) {
		dialer := websocket.Dialer{Subprotocols: []string{protocol}, HandshakeTimeout: patience}
		return dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(s.url, "http"), http.Header{"Origin": {origin}})
	}
	for _, protocol := range []string{modern, legacy} {
		for _, origin := range foreign(s) {
			conn, response, err := open(origin, protocol)
			if err == nil {
				_ = conn.Close()
			}
			if response == nil || response.StatusCode != http.StatusForbidden {
				t.Errorf("a page of %q opens a socket of %s: %v", origin, protocol, err)
			}
		}
		for _, origin := range []string{"https://app.example", "https://APP.example:443", strings.TrimSuffix(s.url, "/graphql")} {
			conn, _, err := open(origin, protocol)
			if err != nil {
				t.Errorf("a page of %q is kept out: %v", origin, err)
				continue
			}
			_ = conn.Close()
		}
	}
}

// text is what alice has set, which nothing may change.
func (s *server) untouched(t *testing.T, what string) {
	t.Helper()
	if got := s.as("alice", `{self{status{customStatus statusType}}}`).body; got != `{"data":{"self":{"status":{"customStatus":"","statusType":"UNLOGINED"}}}}` {
		t.Errorf("%s: %s", what, got)
	}
}

const change = `mutation{setSelfStatus(customStatus:"x"){version}}`

func TestAForeignPageRunsNothingAndReadsNothing(t *testing.T) {
	s := start(t)
	streams := []string{"Accept: application/json", events, parts}
	for _, origin := range foreign(s) {
		for _, accept := range streams {
			headers := []string{"Origin: " + origin, accept, "Authorization: Bearer alice", "Content-Type: application/json"}
			for _, query := range []string{change, watchAll} {
				got := s.do(s.request(http.MethodPost, s.url, operation(t, query, nil), headers...))
				got.refused(t, http.StatusForbidden, "FORBIDDEN", 70403, "origin")
				unread(t, origin, got)
			}
			got := s.do(s.request(http.MethodGet, s.url+"?query="+url.QueryEscape(watchAll), "", headers...))
			got.refused(t, http.StatusForbidden, "FORBIDDEN", 70403, "origin")
			unread(t, origin, got)
		}
		s.untouched(t, origin)
	}
}

// unread checks that the browser keeps an answer from a page.
func unread(t *testing.T, origin string, got *reply) {
	t.Helper()
	for name := range got.header {
		if strings.HasPrefix(name, "Access-Control-Allow-") {
			t.Errorf("a page of %s is let read: %v", origin, got.header)
		}
	}
}

func TestAForeignPageMayNotAskBeforehand(t *testing.T) {
	s := start(t)
	for _, origin := range foreign(s) {
		for _, method := range []string{"POST", "GET", "DELETE"} {
			got := s.do(s.request(http.MethodOptions, s.url, "", "Origin: "+origin, "Access-Control-Request-Method: "+method,
				"Access-Control-Request-Headers: authorization,content-type", "Access-Control-Request-Private-Network: true"))
			if got.status != http.StatusForbidden {
				t.Errorf("%s is answered with %d", origin, got.status)
			}
			unread(t, origin, got)
		}
	}
	for _, allowed := range []string{"https://app.example", "*"} {
		s := start(t, func(o *settings) { o.Origins.Allowed = []string{allowed} })
		for _, method := range []string{http.MethodOptions, http.MethodPost} {
			got := s.do(s.request(method, s.url, operation(t, `{__typename}`, nil), "Origin: https://app.example", "Content-Type: application/json",
				"Access-Control-Request-Method: POST", "Access-Control-Request-Private-Network: true"))
			h := got.header
			if h.Get("Access-Control-Allow-Origin") == "" || h.Get("Access-Control-Allow-Credentials") != "" || h.Get("Access-Control-Allow-Private-Network") != "" {
				t.Errorf("with %s allowed: %v", allowed, h)
			}
		}
	}
}

// What a page can send without being let in first, as browsers without Sec-Fetch-Site
// and Origin have it, does nothing; not even with a token, which would not be there.
func TestARequestWithoutPreflightRunsNothing(t *testing.T) {
	s := start(t)
	body := operation(t, change, nil)
	form := url.Values{"query": {change}, "operations": {body}, "map": {"{}"}}
	for _, contentType := range []string{
		"", "text/plain", "text/plain; charset=utf-8", "text/plain;application/json", "text/plain; x=\"application/json\"", "text/plain, application/json",
		"application/x-www-form-urlencoded", "multipart/form-data; boundary=a", "application/graphql", "application/json-patch+json", "application/jsonx",
		"application/json\t, text/plain",
	} {
		for _, sent := range []string{body, form.Encode(), body + "=", "--a\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n" + body + "\r\n--a--\r\n"} {
			for _, path := range []string{"", "?query=" + url.QueryEscape(change), "?" + form.Encode()} {
				r := s.request(http.MethodPost, s.url+path, sent, "Authorization: Bearer alice")
				r.Header["Content-Type"] = []string{contentType}
				if got := s.do(r); got.status != http.StatusUnsupportedMediaType {
					t.Errorf("%q: %d %s", contentType, got.status, got.body)
				}
			}
		}
	}
	for _, header := range []string{"X-HTTP-Method-Override: POST", "X-Method-Override: POST", "Accept: text/event-stream", "Content-Type: application/json"} {
		got := s.do(s.request(http.MethodGet, s.url+"?_method=POST&query="+url.QueryEscape(change), body, "Authorization: Bearer alice", header))
		got.refused(t, http.StatusMethodNotAllowed, "BAD_USER_INPUT", 6017, "POST")
	}
	s.untouched(t, "a request without preflight")
}

// What a browser adds by itself signs nobody in, so that no page can lend it.
func TestNothingThatABrowserSendsByItselfSignsIn(t *testing.T) {
	s := start(t)
	for _, header := range []string{"Cookie: authorization=Bearer alice; token=alice; Authorization=alice", "Proxy-Authorization: Bearer alice", "X-Authorization: Bearer alice", "Referer: https://app.example/?token=alice"} {
		for _, path := range []string{"", "?access_token=alice&token=alice&authorization=Bearer+alice"} {
			got := s.do(s.request(http.MethodPost, s.url+path, operation(t, `{self{visibility}}`, nil), header, "Content-Type: application/json"))
			got.refused(t, http.StatusOK, "UNAUTHENTICATED", 6014, "sign in")
			if got.header.Get("Set-Cookie") != "" {
				t.Errorf("a cookie is set: %v", got.header)
			}
		}
	}
	dialer := websocket.Dialer{Subprotocols: []string{modern}, HandshakeTimeout: patience}
	conn, _, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(s.url, "http")+"?access_token=alice",
		http.Header{"Authorization": {"Bearer alice"}, "Cookie": {"authorization=Bearer alice"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	c := &client{conn, t}
	c.send(`{"type":"connection_init"}`)
	c.closed(4403, "no token")
}
