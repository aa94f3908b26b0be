package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

const (
	// embedded is the --nats of a bus in the process.
	embedded = "embedded"
	// maxNodeName is in characters.
	maxNodeName = 64
)

func (c *config) takeBus(s *serveSettings) error {
	c.NATSFiles = NATSFiles{s.NATSCredentials, s.NATSCA, s.NATSCertificate, s.NATSKey}
	c.ClusterListen, c.ClusterPeers = s.ClusterListen, s.ClusterPeers
	switch {
	case s.NATS != "" && c.DatabaseURL == "":
		return errors.New("--nats is for several nodes, and these need --database=postgres://…: a file of SQLite is one node's")
	case s.NATS == embedded:
		c.Embedded = true
		return c.checkEmbedded()
	case s.ClusterListen != "" || len(s.ClusterPeers) > 0:
		return errors.New("--cluster-listen and --cluster-peers are for --nats=embedded")
	case s.NATS == "" && c.NATSFiles != (NATSFiles{}):
		return errors.New("--nats-credentials, --nats-ca, --nats-certificate and --nats-key are for --nats")
	case (s.NATSCertificate == "") != (s.NATSKey == ""):
		return errors.New("--nats-certificate and --nats-key need each other")
	}
	c.NATSURL = s.NATS
	return nil
}

func (c *config) checkEmbedded() error {
	if c.NATSFiles != (NATSFiles{}) {
		return errors.New("--nats-credentials, --nats-ca, --nats-certificate and --nats-key are for a NATS elsewhere: with --nats=embedded the nodes know each other by their database")
	}
	if c.ClusterListen == "" {
		return errors.New("--nats=embedded needs --cluster-listen, where other nodes reach this one")
	}
	if _, err := checkAddress(c.ClusterListen); err != nil {
		return fmt.Errorf("--cluster-listen %q: %w", c.ClusterListen, err)
	}
	for _, peer := range c.ClusterPeers {
		host, port, err := net.SplitHostPort(peer)
		if number, invalid := strconv.ParseUint(port, 10, 16); err != nil || invalid != nil || number == 0 || host == "" {
			return fmt.Errorf("--cluster-peers: %q is not HOST:PORT, such as node2.internal:6222", peer)
		}
	}
	return nil
}

// takeNodeName makes up a name that no other node has, unless one is given.
func (c *config) takeNodeName(name string) error {
	if name == "" {
		c.NodeName = machineName() + "-" + strings.ToLower(rand.Text()[:6])
		return nil
	}
	if len(name) > maxNodeName || strings.ContainsFunc(name, foreignToHost) {
		return fmt.Errorf("--node-name is %q: it has 1 to %d of A-Za-z0-9._-", name, maxNodeName)
	}
	c.NodeName = name
	return nil
}

// machineName is how the machine calls itself, as far as it may be in a name.
func machineName() string {
	name, err := os.Hostname()
	if err != nil || name == "" || strings.ContainsFunc(name, foreignToHost) {
		return "node"
	}
	return name[:min(len(name), 40)]
}
