package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHealthAsksWhetherTheServiceIsReady(t *testing.T) {
	t.Parallel()
	p := onSecret(t, newDatabase(t))
	address := strings.TrimPrefix(p.url, "http://")
	asked := launch(t, "health", "--listen="+address)
	if code := asked.exit(); code != 0 || asked.stdout.text() != "ready\n" || asked.stderr.text() != "" {
		t.Errorf("exit code %d, %q, %q", code, asked.stdout.text(), asked.stderr.text())
	}
	p.kill()
	refused(t, "not ready: http://"+address+"/readyz: ", "health", "--listen="+address)
}

func TestHealthSaysWhyTheServiceIsNotReady(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code   int
		answer string
	}{{503, "stopping\n"}, {302, ""}, {404, strings.Repeat("x", 1000)}} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "/")
			w.WriteHeader(c.code)
			_, _ = w.Write([]byte(c.answer))
		}))
		t.Cleanup(s.Close)
		refused(t, http.StatusText(c.code)+`: "`+strings.TrimSpace(c.answer)[:min(8, max(0, len(c.answer)-1))], "health", "--listen="+strings.TrimPrefix(s.URL, "http://"))
	}
}
