package transport

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Origins says which pages may talk to the service from a browser.
type Origins struct {
	// Allowed has origins like https://app.example.com; "*" stands for all.
	Allowed []string
	// Development lets every page in that was served from this machine.
	Development bool
}

// Allow is true for a request that no page sent, or one of the service's own
// origin, or one that is allowed. Whatever is refused must run nothing.
func (o Origins) Allow(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return o.allowUnnamed(r.Header.Get("Sec-Fetch-Site"))
	}
	return o.allows(origin, r.Host)
}

// allowUnnamed decides on a request without an Origin: not from a browser, or
// one that a page can make without asking, as for an image.
func (o Origins) allowUnnamed(site string) bool {
	foreign := site == "cross-site" || site == "same-site"
	return !foreign || slices.Contains(o.Allowed, "*")
}

func (o Origins) allows(origin, host string) bool {
	if slices.Contains(o.Allowed, "*") {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	return sameHost(u, host) || o.Development && loopback(u.Hostname()) || slices.ContainsFunc(o.Allowed, sameOrigin(u))
}

// sameHost leaves the scheme aside: behind a proxy that ends TLS the service
// does not see it.
func sameHost(origin *url.URL, host string) bool {
	own := &url.URL{Scheme: origin.Scheme, Host: host}
	return sameOrigin(origin)(own.String())
}

func sameOrigin(origin *url.URL) func(string) bool {
	return func(other string) bool {
		u, err := url.Parse(other)
		return err == nil && strings.EqualFold(u.Scheme, origin.Scheme) &&
			strings.EqualFold(u.Hostname(), origin.Hostname()) && port(u) == port(origin)
	}
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	return map[string]string{"http": "80", "https": "443"}[strings.ToLower(u.Scheme)]
}

func loopback(host string) bool {
	host = strings.ToLower(host)
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}
