//go:build !unix

package transport

import (
	"net"
	"syscall"
)

// trier is for systems on which a socket can't be written to without waiting:
// there a goroutine always does.
type trier struct{}

func newTrier() *trier { return &trier{} }

func rawConn(net.Conn) syscall.RawConn { return nil }

func (t *trier) try(syscall.RawConn, []byte) (int, error) { return 0, nil }
