package admission

import (
	"io"
	"net"
	"net/netip"
	"sync"
	"time"
)

// refusal is what a connection past the limit is told: it may be of any
// protocol, and most likely it is HTTP.
const refusal = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 5\r\nConnection: close\r\n\r\n" +
	"too many connections are open from your address, or in all: try again later\n"

const (
	// maxRefusing is how many refused clients at a time may read why; the others
	// are just cut off.
	maxRefusing = 64
	refusalTime = time.Second
)

// listener counts connections, and refuses those past the limits.
type listener struct {
	net.Listener
	control  *Control
	refusing chan struct{}
}

// Listen has the connections of l count: in all, and for their addresses, except
// those of trusted proxies.
func (c *Control) Listen(l net.Listener) net.Listener {
	return &listener{Listener: l, control: c, refusing: make(chan struct{}, maxRefusing)}
}

// Accept returns the next connection that is let in.
func (l *listener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		peer := peerOf(conn)
		client := client64(peer)
		if l.control.addresses.isTrusted(peer) {
			client = netip.Addr{}
		}
		verdict := l.control.connections.Take(client, 1)
		if verdict == Taken {
			return l.counted(conn, client), nil
		}
		l.control.refusedConnection(verdict, client64(peer))
		l.refuse(conn)
	}
}

// refuse tells a client why it isn't let in, without waiting for it.
func (l *listener) refuse(conn net.Conn) {
	select {
	case l.refusing <- struct{}{}:
	default:
		_ = conn.Close() // an error is the client's loss alone
		return
	}
	go func() {
		defer func() { _ = conn.Close(); <-l.refusing }()
		_ = conn.SetDeadline(time.Now().Add(refusalTime))
		if _, err := io.WriteString(conn, refusal); err != nil {
			return
		}
		if tcp, ok := conn.(*net.TCPConn); ok && tcp.CloseWrite() == nil {
			_, _ = io.CopyN(io.Discard, conn, 64<<10) // closing with unread data would take the words back
		}
	}()
}

func (l *listener) counted(conn net.Conn, client netip.Addr) net.Conn {
	give := sync.OnceFunc(func() { l.control.connections.Give(client, 1) })
	if tcp, ok := conn.(*net.TCPConn); ok {
		return &countedTCP{tcp, give}
	}
	return &counted{conn, give}
}

// countedTCP is a connection that counts until it is closed.
type countedTCP struct {
	*net.TCPConn
	give func()
}

func (c *countedTCP) Close() error {
	defer c.give()
	return c.TCPConn.Close()
}

type counted struct {
	net.Conn
	give func()
}

func (c *counted) Close() error {
	defer c.give()
	return c.Conn.Close()
}
