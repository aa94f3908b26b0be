package broadcast

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

const (
	routeUser, clientUser = "userstatus", "userstatus"
	// routePing finds a node that is gone without a word in routePing times three.
	routePing = 2 * time.Second
	// startTimeout is how long an embedded server may take to get up.
	startTimeout = 10 * time.Second
)

// EmbeddedOptions say how an embedded server finds the others.
type EmbeddedOptions struct {
	// Listen is where the other nodes reach this one, HOST:PORT. Port 0 is any
	// that is free.
	Listen string
	// Peers is where the others listen. One of them leads to all of theirs; those
	// that aren't there are found when they come.
	Peers []string
	// ClusterKey is the store's: who doesn't have it isn't let in.
	ClusterKey string
	NodeName   string
	Log        *slog.Logger
}

// Embedded is a NATS server in this process, for ConnectNATS alone.
type Embedded struct {
	server   *server.Server
	password string
}

// StartEmbedded starts a server. Close ends it.
func StartEmbedded(options EmbeddedOptions) (*Embedded, error) {
	opts, err := options.options()
	if err != nil {
		return nil, err
	}
	s, err := server.NewServer(opts)
	if err != nil {
		return nil, fmt.Errorf("nats in this process: %w", err)
	}
	s.SetLoggerV2(embeddedLog{options.Log}, false, false, false)
	s.Start()
	e := &Embedded{s, opts.Password}
	if !s.ReadyForConnections(startTimeout) {
		e.Close()
		return nil, errors.New("nats in this process: it does not get ready")
	}
	return e, nil
}

func (o *EmbeddedOptions) options() (*server.Options, error) {
	host, port, err := o.listen()
	if err != nil {
		return nil, err
	}
	routes, err := o.routes()
	if err != nil {
		return nil, err
	}
	return &server.Options{
		ServerName: o.NodeName,
		NoSigs:     true,
		// The server links up with others only if it listens for clients. Nobody has
		// the password but this process, which comes in from inside.
		Host: "127.0.0.1", Port: server.RANDOM_PORT, Username: clientUser, Password: rand.Text(),
		Cluster: server.ClusterOpts{
			Name: "userstatus", Host: host, Port: port,
			Username: routeUser, Password: o.password(),
			PingInterval: routePing, MaxPingsOut: 2, NoAdvertise: true,
		},
		Routes: routes,
	}, nil
}

// listen is where to listen; it tries, since the server would end the process
// instead of saying that it can't.
func (o *EmbeddedOptions) listen() (host string, port int, err error) {
	probe, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return "", 0, fmt.Errorf("nats in this process: %w", err)
	}
	if err := probe.Close(); err != nil {
		return "", 0, fmt.Errorf("nats in this process: %w", err)
	}
	host, text, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return "", 0, fmt.Errorf("nats in this process: %w", err)
	}
	if port = probe.Addr().(*net.TCPAddr).Port; text == "" || text == "0" {
		port = server.RANDOM_PORT
	}
	return host, port, nil
}

func (o *EmbeddedOptions) routes() (routes []*url.URL, err error) {
	for _, peer := range o.Peers {
		host, port, err := net.SplitHostPort(peer)
		if number, invalid := strconv.ParseUint(port, 10, 16); err != nil || invalid != nil || number == 0 || host == "" {
			return nil, fmt.Errorf("nats in this process: the peer %q is not of the form HOST:PORT", peer)
		}
		routes = append(routes, &url.URL{Scheme: "nats", Host: peer, User: url.UserPassword(routeUser, o.password())})
	}
	return routes, nil
}

// password is for the routes between servers; the key can't be told from it.
func (o *EmbeddedOptions) password() string {
	sum := sha256.Sum256([]byte("routes of " + o.ClusterKey))
	return hex.EncodeToString(sum[:])
}

// Address is where the other nodes reach this one.
func (e *Embedded) Address() string { return e.server.ClusterAddr().String() }

// Close ends the server and its connections. Without a server it does nothing.
func (e *Embedded) Close() {
	if e == nil {
		return
	}
	e.server.Shutdown()
	e.server.WaitForShutdown()
}

// routes is by which connections the server reaches others.
func (e *Embedded) routes() map[uint64]bool {
	ids := map[uint64]bool{}
	all, err := e.server.Routez(nil)
	if err != nil { // never: that is of options alone
		return ids
	}
	for _, route := range all.Routes {
		ids[route.Rid] = true
	}
	return ids
}

// embeddedLog has the server's warnings and errors go where ours go. The rest
// is for people who run a server.
type embeddedLog struct{ log *slog.Logger }

func (l embeddedLog) Warnf(format string, v ...any) {
	if strings.HasPrefix(format, "Plaintext passwords") { // none that people set, nor that is kept
		return
	}
	l.log.Warn("nats: " + fmt.Sprintf(format, v...))
}

// Errorf has a peer that isn't there be no error: it is found when it comes.
func (l embeddedLog) Errorf(format string, v ...any) {
	if strings.HasPrefix(format, "Error trying to connect to route") {
		l.log.Warn("nats: " + fmt.Sprintf(format, v...))
		return
	}
	l.log.Error("nats: " + fmt.Sprintf(format, v...))
}
func (l embeddedLog) Fatalf(format string, v ...any) { l.Errorf(format, v...) }
func (embeddedLog) Noticef(string, ...any)           {}
func (embeddedLog) Debugf(string, ...any)            {}
func (embeddedLog) Tracef(string, ...any)            {}
