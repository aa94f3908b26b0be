package admission

import (
	"context"
	"net"
	"net/http"
	"net/netip"

	"github.com/realclientip/realclientip-go"
)

// Addresses tells clients apart by where they come from.
type Addresses struct {
	trusted   []netip.Prefix
	forwarded realclientip.RightmostTrustedRangeStrategy
}

// NewAddresses believes the proxies at the addresses named, and nobody else,
// who a request is from: by X-Forwarded-For, of which the last address counts
// that is no trusted proxy's.
func NewAddresses(trusted []netip.Prefix) (Addresses, error) {
	ranges := make([]string, len(trusted))
	for i, prefix := range trusted {
		ranges[i] = prefix.String()
	}
	nets, err := realclientip.AddressesAndRangesToIPNets(ranges...)
	if err != nil {
		return Addresses{}, err
	}
	forwarded, err := realclientip.NewRightmostTrustedRangeStrategy("X-Forwarded-For", nets)
	return Addresses{trusted: trusted, forwarded: forwarded}, err
}

// Of is the client that a request is from, and whether a trusted proxy says so.
func (a *Addresses) Of(r *http.Request) (client netip.Addr, proxied bool) {
	peer := addrOf(r.RemoteAddr)
	if !a.isTrusted(peer) {
		return client64(peer), false
	}
	told, err := netip.ParseAddr(a.forwarded.ClientIP(r.Header, ""))
	if err != nil { // a word of the proxy's own, such as a health check
		return client64(peer), true
	}
	return client64(told), true
}

func (a *Addresses) isTrusted(peer netip.Addr) bool {
	for _, prefix := range a.trusted {
		if prefix.Contains(peer) {
			return true
		}
	}
	return false
}

func addrOf(hostPort string) netip.Addr {
	if at, err := netip.ParseAddrPort(hostPort); err == nil {
		return at.Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}

func peerOf(conn net.Conn) netip.Addr {
	if tcp, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}

// client64 is the client at an address: of IPv6 all of its /64, which is what
// one household or machine has for itself (RFC 6177).
func client64(addr netip.Addr) netip.Addr {
	addr = addr.Unmap().WithZone("")
	if !addr.Is6() {
		return addr
	}
	prefix, err := addr.Prefix(64)
	if err != nil {
		return addr
	}
	return prefix.Addr()
}

type clientKey struct{}

// caller is whom a request counts for, and what it holds.
type caller struct {
	client netip.Addr
	done   func()
	kept   bool
}

// ClientOf is whom the calls of ctx count for; the zero address is nobody.
func ClientOf(ctx context.Context) netip.Addr {
	if c, ok := ctx.Value(clientKey{}).(*caller); ok {
		return c.client
	}
	return netip.Addr{}
}

// Keep makes a context that counts for the same client as ctx, the one of a
// request, and outlives it. What the request holds is held until release.
func Keep(ctx context.Context) (kept context.Context, release func()) {
	c, ok := ctx.Value(clientKey{}).(*caller)
	if !ok {
		return context.Background(), func() {}
	}
	c.kept = true
	return context.WithValue(context.Background(), clientKey{}, c), c.done
}
