package admission

import (
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestWhoARequestIsFrom(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:ffff::/48")}
	addresses, err := NewAddresses(trusted)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		peer      string
		forwarded []string
		client    string
		proxied   bool
	}{
		"by itself":                   {"192.0.2.1:5", nil, "192.0.2.1", false},
		"who only says so":            {"192.0.2.1:5", []string{"198.51.100.1"}, "192.0.2.1", false},
		"through a proxy":             {"10.1.2.3:5", []string{"192.0.2.7"}, "192.0.2.7", true},
		"through two":                 {"10.1.2.3:5", []string{"192.0.2.7, 10.9.9.9"}, "192.0.2.7", true},
		"through two, in two headers": {"10.1.2.3:5", []string{"192.0.2.7", "10.9.9.9"}, "192.0.2.7", true},
		"who says more than is true":  {"10.1.2.3:5", []string{"203.0.113.9, 192.0.2.7"}, "192.0.2.7", true},
		"a proxy that says nothing":   {"10.1.2.3:5", nil, "10.1.2.3", true},
		"a proxy that says nonsense":  {"10.1.2.3:5", []string{"unknown"}, "10.1.2.3", true},
		"mapped":                      {"[::ffff:192.0.2.1]:5", nil, "192.0.2.1", false},
		"a mapped proxy":              {"[::ffff:10.0.0.1]:5", []string{"192.0.2.7"}, "192.0.2.7", true},
		"IPv6 counts by its /64":      {"[2001:db8:1:2:3:4:5:6]:5", nil, "2001:db8:1:2::", false},
		"with a zone":                 {"[fe80::1:2%eth0]:5", nil, "fe80::", false},
		"IPv6 through a proxy":        {"[2001:db8:ffff::1]:5", []string{"2001:db8:1:2:3:4:5:6"}, "2001:db8:1:2::", true},
		"a forwarded port":            {"10.1.2.3:5", []string{"192.0.2.7:4711"}, "192.0.2.7", true},
	} {
		r := httptest.NewRequest("GET", "/graphql", nil)
		r.RemoteAddr = c.peer
		for _, f := range c.forwarded {
			r.Header.Add("X-Forwarded-For", f)
		}
		client, proxied := addresses.Of(r)
		if client != netip.MustParseAddr(c.client) || proxied != c.proxied {
			t.Errorf("%s: %v, %v; want %s, %v", name, client, proxied, c.client, c.proxied)
		}
	}
}

func TestAPeerWithoutAnAddressIsNobody(t *testing.T) {
	var addresses Addresses
	r := httptest.NewRequest("GET", "/graphql", nil)
	r.RemoteAddr = "@"
	if client, proxied := addresses.Of(r); client.IsValid() || proxied {
		t.Errorf("%v, %v", client, proxied)
	}
}
