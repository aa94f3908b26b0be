package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
)

// The commands that are not serve. What they share with it they take from the
// same variables and file.

type backupSettings struct {
	To       string `placeholder:"FILE" help:"File to write, which must not be there yet."`
	Database string `default:"sqlite:userstatus.db" placeholder:"sqlite:PATH" help:"What to copy, as the service has it."`
	Config   string `placeholder:"FILE" help:"File of settings, as the service has it."`
}

type healthSettings struct {
	Listen string `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where the service listens, as it has it."`
	Config string `placeholder:"FILE" help:"File of settings, as the service has it."`
}

type completionSettings struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

func (b *backupSettings) config() (config, error) {
	c := config{Command: commandBackup, BackupTo: b.To}
	if b.To == "" {
		return config{}, errors.New("--to is needed: the file to write")
	}
	if err := c.takeDatabase(b.Database); err != nil {
		return config{}, err
	}
	if c.DatabaseURL != "" {
		return config{}, errors.New("--database is a Postgres: back it up with pg_dump --format=custom")
	}
	return c, nil
}

func (h *healthSettings) config() (config, error) {
	if _, err := checkAddress(h.Listen); err != nil {
		return config{}, fmt.Errorf("--listen %q: %w", h.Listen, err)
	}
	return config{Command: commandHealth, ReadyURL: "http://" + nearby(h.Listen) + "/readyz"}, nil
}

// nearby is where this machine reaches what listens on an address.
func nearby(address string) string {
	host, port, _ := net.SplitHostPort(address)
	switch ip, err := netip.ParseAddr(host); {
	case host == "":
		host = "127.0.0.1"
	case err == nil && ip.IsUnspecified() && ip.Is4():
		host = "127.0.0.1"
	case err == nil && ip.IsUnspecified():
		host = "::1"
	}
	return (&url.URL{Host: net.JoinHostPort(host, port)}).Host
}
