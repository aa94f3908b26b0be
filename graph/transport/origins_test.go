package transport

import (
	"net/http/httptest"
	"testing"
)

func TestOrigins(t *testing.T) {
	for _, c := range []struct {
		name, origin, site string
		origins            Origins
		want               bool
	}{
		{"no page", "", "", Origins{}, true},
		{"typed in by hand", "", "none", Origins{}, true},
		{"an image on the own page", "", "same-origin", Origins{}, true},
		{"an image on a foreign page", "", "cross-site", Origins{Allowed: []string{"https://app.example"}}, false},
		{"an image on a sister page", "", "same-site", Origins{}, false},
		{"an image where all may", "", "cross-site", Origins{Allowed: []string{"*"}}, true},
		{"the own page", "http://status.example:8080", "same-origin", Origins{}, true},
		{"the own page behind TLS", "https://status.example:8080", "", Origins{}, true},
		{"the own host in capitals", "http://STATUS.example:8080", "", Origins{}, true},
		{"another port", "http://status.example:9090", "", Origins{}, false},
		{"a foreign page", "https://evil.example", "", Origins{}, false},
		{"a page without an origin", "null", "", Origins{Development: true}, false},
		{"what is no origin", "://", "", Origins{Development: true}, false},
		{"an allowed page", "https://app.example", "cross-site", Origins{Allowed: []string{"https://app.example"}}, true},
		{"an allowed page, with its port said", "https://app.example:443", "", Origins{Allowed: []string{"https://APP.example/"}}, true},
		{"an allowed host by another scheme", "http://app.example", "", Origins{Allowed: []string{"https://app.example"}}, false},
		{"a name that only begins like an allowed one", "https://app.example.evil", "", Origins{Allowed: []string{"https://app.example"}}, false},
		{"all", "https://evil.example", "", Origins{Allowed: []string{"*"}}, true},
		{"localhost in development", "http://localhost:5173", "", Origins{Development: true}, true},
		{"a name of localhost in development", "http://app.localhost:5173", "", Origins{Development: true}, true},
		{"127.0.0.1 in development", "http://127.0.0.1", "", Origins{Development: true}, true},
		{"::1 in development", "http://[::1]:3000", "", Origins{Development: true}, true},
		{"localhost otherwise", "http://localhost:5173", "", Origins{}, false},
		{"a name that only ends like localhost", "http://evillocalhost", "", Origins{Development: true}, false},
		{"a foreign page in development", "https://evil.example", "", Origins{Development: true}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "http://status.example:8080/graphql", nil)
			if c.origin != "" {
				r.Header.Set("Origin", c.origin)
			}
			if c.site != "" {
				r.Header.Set("Sec-Fetch-Site", c.site)
			}
			if got := c.origins.Allow(r); got != c.want {
				t.Errorf("Allow is %t", got)
			}
		})
	}
	t.Run("the own page at the port that goes without saying", func(t *testing.T) {
		r := httptest.NewRequest("GET", "http://status.example/graphql", nil)
		r.Header.Set("Origin", "https://status.example")
		if !(Origins{}).Allow(r) {
			t.Error("refused")
		}
	})
}
