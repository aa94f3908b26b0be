package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// checkAddress tells whether an address to listen on, HOST:PORT, is for this
// machine alone. An empty host is all of the machine's addresses.
func checkAddress(address string) (loopback bool, err error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return false, errors.New("it is not HOST:PORT, such as 127.0.0.1:8080")
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return false, errors.New("its port is not a number from 0 to 65535")
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().IsLoopback(), nil
	}
	if strings.ContainsFunc(host, foreignToHost) {
		return false, errors.New("its host is neither a name nor an IP address")
	}
	return strings.EqualFold(host, "localhost"), nil
}

func foreignToHost(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '.' && r != '-' && r != '_'
}

const postgresForm = "postgres://USER:PASSWORD@HOST:PORT/NAME"

// isPostgres is true of what is meant as the address of a Postgres; db knows
// whether it is one.
func isPostgres(database string) (bool, error) {
	scheme, rest, _ := strings.Cut(database, ":")
	if scheme != "postgres" && scheme != "postgresql" {
		return false, nil
	}
	if !strings.HasPrefix(rest, "//") {
		return false, errors.New("the address of a Postgres is written " + postgresForm)
	}
	return true, nil
}

// sqlitePath takes the path out of sqlite:PATH. What else was given is named by
// its scheme alone, for the address of a database may bear a password.
func sqlitePath(database string) (string, error) {
	scheme, path, _ := strings.Cut(database, ":")
	switch {
	case scheme != "sqlite" && strings.Contains(database, ":") && !strings.ContainsFunc(scheme, foreignToHost):
		return "", fmt.Errorf("%s: does not go, only sqlite:PATH, such as sqlite:userstatus.db, and %s do", scheme, postgresForm)
	case scheme != "sqlite" || path == "":
		return "", errors.New("only sqlite:PATH goes, such as sqlite:userstatus.db, or " + postgresForm)
	case strings.HasPrefix(path, "//"):
		return "", errors.New("sqlite:PATH has no //, write sqlite:userstatus.db or sqlite:/var/lib/userstatus.db")
	case strings.HasPrefix(path, ":memory:") || strings.HasPrefix(path, "file:"):
		return "", errors.New("sqlite:PATH names a file, so that what was acknowledged is kept; :memory: and file: do not go")
	case strings.ContainsAny(path, "?\x00"):
		return "", errors.New("sqlite:PATH is a path alone, without a ? and parameters")
	}
	return path, nil
}

func isWebAddress(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Hostname() != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// normalOrigin is an origin as browsers send it: scheme://host[:port] in small
// letters and without the scheme's usual port. A * stands for all, by itself.
func normalOrigin(origin string) (string, error) {
	if origin == "*" {
		return origin, nil
	}
	u, err := url.Parse(origin)
	if err != nil || u.User != nil || u.Scheme == "" || u.Hostname() == "" {
		return "", errors.New("an origin is scheme://host[:port], such as https://chat.example.com, or * for all")
	}
	if u.Path != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(origin, "#") {
		return "", fmt.Errorf("an origin ends before the path: write %s://%s", u.Scheme, u.Host)
	}
	if err := checkOriginHost(u); err != nil {
		return "", err
	}
	host := strings.ToLower(u.Host)
	if usual := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]; usual != "" {
		host = strings.TrimSuffix(host, usual)
	}
	return u.Scheme + "://" + host, nil
}

func checkOriginHost(u *url.URL) error {
	name := u.Hostname()
	if _, err := netip.ParseAddr(name); err != nil && strings.ContainsFunc(name, foreignToHost) {
		return fmt.Errorf("the host %q of an origin has characters that do not go: no * but by itself, and xn-- for other letters", name)
	}
	if _, err := strconv.ParseUint(u.Port(), 10, 16); err != nil && u.Port() != "" || strings.HasSuffix(u.Host, ":") {
		return fmt.Errorf("the port of an origin at %s is not a number from 1 to 65535", name)
	}
	return nil
}
