package broadcast

import (
	"context"
	"net"
	"sync/atomic"

	"github.com/nats-io/nats-server/v2/server"
)

// dialer makes the connections to NATS, so that they end when they must.
type dialer struct {
	// ended ends all connections, and those being made.
	ended context.Context
	// inProcess is the server to reach without a network, or nil.
	inProcess *server.Server
	// failure is what the last attempt died of, or nil: the library tells less.
	failure atomic.Pointer[error]
}

// Dial is for nats.Options.CustomDialer.
func (d *dialer) Dial(network, address string) (net.Conn, error) {
	d.failure.Store(nil)
	conn, err := (&net.Dialer{Timeout: connectTimeout}).DialContext(d.ended, network, address)
	if err != nil {
		d.failure.Store(&err)
		return nil, err
	}
	return d.guard(conn), nil
}

// InProcessConn is for nats.Options.InProcessServer.
func (d *dialer) InProcessConn() (net.Conn, error) {
	conn, err := d.inProcess.InProcessConn()
	if err != nil {
		return nil, err
	}
	return d.guard(conn), nil
}

func (d *dialer) guard(conn net.Conn) net.Conn {
	return &guarded{conn, context.AfterFunc(d.ended, func() { _ = conn.Close() })}
}

// guarded is a connection that doesn't outlive a write that failed. The
// library drops what it could not write and goes on, and a subscription might
// be lost with it, unnoticed; a connection that is made anew has them all.
type guarded struct {
	net.Conn
	stop func() bool
}

func (g *guarded) Write(p []byte) (int, error) {
	n, err := g.Conn.Write(p)
	if err != nil {
		_ = g.Conn.Close() // the error that matters is the write's
	}
	return n, err
}

func (g *guarded) Close() error {
	g.stop()
	return g.Conn.Close()
}
