//go:build linux

package deploy

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// ways are the committed files.
var ways = map[string]func(t *testing.T, node string, parts ...string) *entrance{
	"nginx.conf": throughNginx, "nginx-tls.conf": throughNginxTLS, "Caddyfile": throughCaddy,
}

const (
	// quiet is longer than any of nginx's time-outs for a proxy at its default.
	quiet = 65 * time.Second
	// atOnce leaves room for a machine that is busy.
	atOnce = 5 * time.Second
)

// remain sees that streams tell nothing and stay open for the quiet time.
func remain(t *testing.T, streams []*stream) {
	t.Helper()
	var waiting sync.WaitGroup
	for _, s := range streams {
		waiting.Go(func() {
			if err := s.await("customStatus", quiet); !errors.Is(err, errLate) {
				t.Errorf("%s, while nothing happened: %v", s.name, err)
			}
		})
	}
	waiting.Wait()
}

func TestStreamsStayOpenThroughAProxyWhileNothingHappens(t *testing.T) {
	t.Parallel()
	for name, through := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := through(t, startNode(t))
			e.setText("first")
			streams := e.streams()
			e.do("bob", `mutation{subscribeUserStatus(userIDList:["alice"]){failureUserList{userID}}}`)
			settle(t, streams, "first")
			remain(t, streams)
			e.setText("second")
			for _, s := range streams {
				s.until(t, "second", atOnce)
			}
		})
	}
}

// What the test above finds, it finds only if it fails where a setting is wrong.
func TestWrongSettingsOfAProxyAreFound(t *testing.T) {
	t.Parallel()
	const upgrade = "proxy_set_header Upgrade $http_upgrade;"
	t.Run("no upgrade", func(t *testing.T) {
		t.Parallel()
		if _, _, err := throughNginx(t, startNode(t), upgrade, "").handshake(""); err == nil {
			t.Error("a socket opens")
		}
	})
	t.Run("a time-out below the ping interval", func(t *testing.T) {
		t.Parallel()
		e := throughNginx(t, startNode(t), "proxy_read_timeout 1m;", "proxy_read_timeout 2s;")
		for _, s := range e.streams() {
			if err := s.await("no such words", patience); err == nil || errors.Is(err, errLate) {
				t.Errorf("%s outlives the time-out: %v", s.name, err)
			}
		}
	})
	t.Run("answers are held back", func(t *testing.T) {
		t.Parallel()
		e := throughNginx(t, startNode(t), "proxy_buffering off;", "proxy_ignore_headers X-Accel-Buffering;", "proxy_http_version 1.1;", "")
		if err := e.toldWithin(2 * time.Second); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("an event is told at once: %v", err)
		}
	})
}

// toldWithin is nil if a new stream tells its first event in a time.
func (e *entrance) toldWithin(limit time.Duration) error {
	e.t.Helper()
	ctx, cancel := context.WithTimeout(e.t.Context(), limit)
	defer cancel()
	response, err := e.client(false).Do(e.request("bob", subscription, eventStream).WithContext(ctx))
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	_, err = bufio.NewReader(response.Body).ReadString('\n')
	return err
}

func TestAPageOfTheSiteGetsInThroughTLS(t *testing.T) {
	t.Parallel()
	const own, foreign, other = "https://" + host, "https://evil.example", "https://app.example"
	for name, c := range map[string]struct {
		through func(t *testing.T, node string, parts ...string) *entrance
		flags   []string
		parts   []string
		in, out []string
	}{
		"nginx":                                {throughNginxTLS, nil, nil, []string{"", own}, []string{foreign, other, "null"}},
		"nginx, with an allowed origin":        {throughNginxTLS, []string{"--allowed-origin=" + other}, nil, []string{own, other}, []string{foreign}},
		"Caddy":                                {throughCaddy, nil, nil, []string{"", own}, []string{foreign, other}},
		"Caddy, with an allowed origin":        {throughCaddy, []string{"--allowed-origin=" + other}, nil, []string{own, other}, []string{foreign}},
		"a proxy that hides the Host":          {throughNginxTLS, nil, hideHost, []string{""}, []string{own, foreign}},
		"that, with the site's origin allowed": {throughNginxTLS, []string{"--allowed-origin=" + own}, hideHost, []string{own}, []string{foreign}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := c.through(t, startNode(t, c.flags...), c.parts...)
			for _, origin := range c.in {
				conn, _, err := e.handshake(origin)
				if err != nil {
					t.Errorf("a page of %q is kept out: %v", origin, err)
					continue
				}
				_ = conn.Close()
			}
			for _, origin := range c.out {
				if _, response, err := e.handshake(origin); err == nil || response == nil || response.StatusCode != http.StatusForbidden {
					t.Errorf("a page of %q: %v", origin, err)
				}
			}
		})
	}
}

// hideHost leaves the header to nginx, which names the node.
var hideHost = []string{"proxy_set_header Host $http_host;", ""}

func TestFiguresAreNotForTheOutside(t *testing.T) {
	t.Parallel()
	for name, through := range map[string]func(t *testing.T, node string, parts ...string) *entrance{"nginx": throughNginxTLS, "Caddy": throughCaddy} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := through(t, startNode(t))
			for path, want := range map[string]int{"/metrics": 404, "/healthz": 200, "/": 200} {
				response, err := e.client(false).Get("https://" + host + path)
				must(t, err)
				body, err := io.ReadAll(response.Body)
				must(t, err)
				_ = response.Body.Close()
				if response.StatusCode != want || path == "/metrics" && strings.Contains(string(body), "userstatus") {
					t.Errorf("%s: %s", path, response.Status)
				}
			}
		})
	}
}
