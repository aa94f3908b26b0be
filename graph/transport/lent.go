package transport

import (
	"bufio"
	"net"
	"net/http"
	"time"
)

// lentConn is a connection as the WebSocket library has it. After the handshake
// the library only reads: the close that it would write to a client which broke
// the protocol could fall into the middle of a frame, or behind another close.
type lentConn struct {
	net.Conn
	readOnly bool
}

func (l *lentConn) Write(p []byte) (int, error) {
	if l.readOnly {
		return len(p), nil
	}
	return l.Conn.Write(p)
}

func (l *lentConn) SetWriteDeadline(t time.Time) error {
	if l.readOnly {
		return nil
	}
	return l.Conn.SetWriteDeadline(t)
}

// lender is a response whose connection is lent.
type lender struct {
	http.ResponseWriter
	lent *lentConn
}

func (l *lender) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffers, err := http.NewResponseController(l.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	l.lent.Conn = conn
	return l.lent, buffers, nil
}
