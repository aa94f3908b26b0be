package main

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"userstatus/presence"
)

func (c *config) takeKeys(secret, jwksURL *string) error {
	switch {
	case secret != nil && jwksURL != nil:
		return errors.New("--jwt-secret and --jwks-url exclude each other: tokens are signed one way")
	case secret != nil && len(*secret) < minSecret:
		return fmt.Errorf("--jwt-secret has %d bytes, at least %d are needed", len(*secret), minSecret)
	case secret != nil:
		c.Secret = []byte(*secret)
	case jwksURL != nil && !isWebAddress(*jwksURL):
		return errors.New("--jwks-url is not an http or https URL")
	case jwksURL != nil:
		c.JWKSURL = *jwksURL
	default:
		c.Development = true
	}
	return nil
}

func (c *config) takePrevious(secret *string) error {
	switch {
	case secret == nil:
		return nil
	case c.Secret == nil:
		return errors.New("--jwt-previous-secret is for --jwt-secret: keys at --jwks-url change by themselves")
	case len(*secret) < minSecret:
		return fmt.Errorf("--jwt-previous-secret has %d bytes, at least %d are needed", len(*secret), minSecret)
	}
	c.PreviousSecret = []byte(*secret)
	return nil
}

// takeChecks refuses an empty issuer or audience, which comes of a variable that
// a script left out: it would let in every token.
func (c *config) takeChecks(issuer, audience *string) error {
	for _, check := range []struct {
		flag  string
		given *string
		take  *string
	}{{"--jwt-issuer", issuer, &c.Issuer}, {"--jwt-audience", audience, &c.Audience}} {
		switch {
		case check.given == nil:
			continue
		case *check.given == "":
			return fmt.Errorf("%s is empty; leave it out to accept any", check.flag)
		case c.Development:
			return fmt.Errorf("%s checks nothing without --jwt-secret or --jwks-url", check.flag)
		}
		*check.take = *check.given
	}
	return nil
}

func (c *config) checkListen(flag, address string) error {
	loopback, err := checkAddress(address)
	if err != nil {
		return fmt.Errorf("%s %q: %w", flag, address, err)
	}
	if c.Development && !loopback {
		return fmt.Errorf("%s %q lets in other machines, which takes --jwt-secret or --jwks-url; without, only 127.0.0.1, ::1 and localhost go", flag, address)
	}
	return nil
}

func (c *config) checkMetricsListen() error {
	if c.MetricsListen == "" {
		return nil
	}
	return c.checkListen("--metrics-listen", c.MetricsListen)
}

func (c *config) takeDatabase(database string) error {
	postgres, err := isPostgres(database)
	if err != nil {
		return fmt.Errorf("--database: %w", err)
	}
	if postgres {
		c.DatabaseURL = database
		return nil
	}
	path, err := sqlitePath(database)
	if err != nil {
		return fmt.Errorf("--database: %w", err)
	}
	c.DatabasePath = path
	return nil
}

func (c *config) takeOrigins(origins []string) error {
	for _, text := range origins {
		origin, err := normalOrigin(strings.TrimSpace(text))
		if err != nil {
			return fmt.Errorf("--allowed-origin: %w", err)
		}
		c.Origins = append(c.Origins, origin)
	}
	return nil
}

// takeProxies refuses a range of all addresses: whoever says where they are from
// would be believed.
func (c *config) takeProxies(proxies []string) error {
	for _, text := range proxies {
		proxy, err := parseProxy(strings.TrimSpace(text))
		if err != nil {
			return fmt.Errorf("--trusted-proxy %q: %w", text, err)
		}
		c.TrustedProxies = append(c.TrustedProxies, proxy)
	}
	return nil
}

func parseProxy(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	proxy, err := netip.ParsePrefix(text)
	switch {
	case err != nil || proxy.Addr().Is4In6():
		return netip.Prefix{}, errors.New("it is neither an address, such as 10.0.0.2, nor a range, such as 10.0.0.0/8")
	case proxy.Bits() == 0:
		return netip.Prefix{}, errors.New("it is everybody: a client could say that it has any address")
	}
	return proxy.Masked(), nil
}

func checkUser(id string) error {
	if err := presence.CheckUserID(id); err != nil {
		return fmt.Errorf("--user: %w", err)
	}
	return nil
}

func between(flag string, d, least, most time.Duration) error {
	if d < least || d > most {
		return fmt.Errorf("%s is %s, from %s to %s go", flag, brief(d), brief(least), brief(most))
	}
	return nil
}

func notNegative(flag string, n int) error {
	if n < 0 {
		return fmt.Errorf("%s is %d, at least 0 is needed", flag, n)
	}
	return nil
}
