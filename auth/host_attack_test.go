package auth

import (
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// drips sends a byte now and then, for as long as anybody listens.
func drips(w http.ResponseWriter, r *http.Request) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for r.Context().Err() == nil {
		if _, err := w.Write([]byte(" ")); err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush()
		select {
		case <-tick.C:
		case <-r.Context().Done():
		}
	}
}

// swells is small on the way and large once unzipped.
func swells(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	zipped := gzip.NewWriter(w)
	defer func() { _ = zipped.Close() }()
	blank := []byte(strings.Repeat(" ", 64<<10))
	for range 64 {
		if _, err := zipped.Write(blank); err != nil {
			return
		}
	}
}

func TestAHostThatDripsSwellsOrRedirectsForEverIsGivenUp(t *testing.T) {
	hasty := quick
	hasty.timeout = 200 * time.Millisecond
	for name, c := range map[string]struct {
		pace   pace
		answer http.HandlerFunc
		said   string
	}{
		"drips":              {hasty, drips, "read the keys"},
		"swells":             {quick, swells, "more than 1048576 bytes"},
		"redirects in a row": {quick, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/again", http.StatusFound) }, "redirects more than 3 times"},
		"redirects to a file": {quick, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "file:///dev/null")
			w.WriteHeader(http.StatusFound)
		}, "unsupported protocol scheme"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, jwk(t, rsaKey(), "r", nil))
			v, _, _ := follow(t, h.URL, c.pace)
			h.does(c.answer)
			failsInside(t, v, sign(t, jwt.SigningMethodRS256, rsaKey(), kid("unknown"), good(nil)), c.said)
			accepts(t, v, sign(t, jwt.SigningMethodRS256, rsaKey(), kid("r"), good(nil)))
		})
	}
}

// overTLS has the keys follow a host of https.
func overTLS(t *testing.T, k *keys, answer http.HandlerFunc) {
	t.Helper()
	h := httptest.NewTLSServer(answer)
	t.Cleanup(h.Close)
	trusted := x509.NewCertPool()
	trusted.AddCert(h.Certificate())
	k.client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: trusted}
	k.url = must(url.Parse(h.URL))
}

func TestKeysOfHTTPSDoNotComeByHTTP(t *testing.T) {
	attacker := newHost(t, jwk(t, rsaKey2(), "x", nil))
	h := newHost(t, jwk(t, rsaKey(), "r", nil))
	v, k, _ := follow(t, h.URL, quick)
	overTLS(t, k, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			http.Redirect(w, r, "/moved", http.StatusFound)
		case "/moved":
			http.Redirect(w, r, attacker.URL, http.StatusFound)
		}
	})
	failsInside(t, v, sign(t, jwt.SigningMethodRS256, rsaKey2(), kid("x"), good(nil)), "from https to http")
	if n := attacker.fetches.Load(); n != 0 {
		t.Errorf("the other host was asked %d times", n)
	}
	accepts(t, v, sign(t, jwt.SigningMethodRS256, rsaKey(), kid("r"), good(nil)))

	overTLS(t, k, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/moved" {
			http.Redirect(w, r, "/moved", http.StatusFound)
			return
		}
		h.Config.Handler.ServeHTTP(w, r)
	})
	refuses(t, v, sign(t, jwt.SigningMethodRS256, rsaKey(), kid("unknown"), good(nil)), "not among the published keys")
}
