package broadcast

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	// connectTimeout is how long a server may take to answer a connection.
	connectTimeout = 5 * time.Second
	// pingEvery finds a server that is silent in pingEvery times three.
	pingEvery = 1500 * time.Millisecond
	// writeTimeout is how long a write may hang before the connection is given up.
	writeTimeout = 4 * time.Second
	// reconnectWait is between two rounds through the servers, and as much again
	// by chance.
	reconnectWait = 250 * time.Millisecond
)

// NATSOptions say how to reach the bus.
type NATSOptions struct {
	// URL is of the servers, separated by commas: nats://host:port or tls://.
	URL string
	// Credentials, CA, Certificate and Key are files, or empty.
	Credentials, CA, Certificate, Key string
	// Server, if not nil, is reached in this process instead of by URL. It is not
	// closed with the broadcaster.
	Server *Embedded
	// Prefix is of all subjects. It is Prefix of the store's ClusterKey.
	Prefix string
	// NodeName is by what the others name this node.
	NodeName string
	Log      *slog.Logger
}

// where names the servers for people, without what is secret.
func (o *NATSOptions) where() string {
	if o.Server != nil {
		return "nats in this process"
	}
	var named []string
	for _, address := range o.servers() {
		u, err := url.Parse(address)
		if err != nil {
			continue // refused by check
		}
		named = append(named, u.Scheme+"://"+u.Host)
	}
	return "nats " + strings.Join(named, ",")
}

func (o *NATSOptions) servers() []string {
	servers := strings.Split(o.URL, ",")
	for i := range servers {
		servers[i] = strings.TrimSpace(servers[i])
	}
	return servers
}

// check refuses addresses that can't be meant. What it says has nothing of the
// address: a password might be in any part of one that can't be read.
func (o *NATSOptions) check() error {
	for i, address := range o.servers() {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || !slices.Contains([]string{"nats", "tls", "ws", "wss"}, u.Scheme) {
			return fmt.Errorf("nats: address %d is not of the form nats://host:port", i+1)
		}
	}
	return nil
}

// options are what the library is told.
func (o *NATSOptions) options(d *dialer, l *link) (nats.Options, error) {
	opts := nats.GetDefaultOptions()
	opts.Name = o.NodeName
	opts.NoEcho = true
	opts.Timeout = connectTimeout
	opts.PingInterval, opts.MaxPingsOut = pingEvery, 2
	opts.FlusherTimeout = writeTimeout
	opts.MaxReconnect = -1
	opts.ReconnectWait = reconnectWait
	opts.ReconnectJitter, opts.ReconnectJitterTLS = reconnectWait, reconnectWait
	opts.IgnoreAuthErrorAbort = true
	opts.ReconnectBufSize = -1 // what is kept while the bus is away is kept in the outbox
	opts.SkipSubjectValidation = true
	opts.DisconnectedErrCB = l.lost
	opts.ReconnectedCB = l.back
	opts.AsyncErrorCB = l.failed
	opts.ClosedCB = l.closed
	if o.Server != nil {
		opts.InProcessServer = d
		opts.User, opts.Password = clientUser, o.Server.password
		return opts, nil
	}
	opts.Servers = o.servers()
	opts.CustomDialer = d
	return opts, o.secure(&opts)
}

// secure adds what proves who is who.
func (o *NATSOptions) secure(opts *nats.Options) error {
	if o.Credentials != "" {
		if _, err := os.ReadFile(o.Credentials); err != nil {
			return fmt.Errorf("nats credentials: %w", err)
		}
		if err := nats.UserCredentials(o.Credentials)(opts); err != nil {
			return fmt.Errorf("nats credentials: %w", err)
		}
	}
	if o.CA != "" {
		if err := nats.RootCAs(o.CA)(opts); err != nil {
			return fmt.Errorf("nats CA: %w", err)
		}
	}
	if o.Certificate == "" && o.Key == "" {
		return nil
	}
	if err := nats.ClientCert(o.Certificate, o.Key)(opts); err != nil {
		return fmt.Errorf("nats certificate: %w", err)
	}
	return nil
}

// describe makes one line of why there is no connection.
func (o *NATSOptions) describe(err error, d *dialer) error {
	if failure := d.failure.Load(); failure != nil && errors.Is(err, nats.ErrNoServers) {
		err = *failure
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() || errors.Is(err, nats.ErrTimeout) {
		return fmt.Errorf("%s: no answer within %s", o.where(), connectTimeout)
	}
	return fmt.Errorf("%s: %w", o.where(), plain{err})
}

// plain is an error without the library's own prefix.
type plain struct{ error }

func (p plain) Error() string { return strings.TrimPrefix(p.error.Error(), "nats: ") }
func (p plain) Unwrap() error { return p.error }
