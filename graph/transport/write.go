package transport

import (
	"net"
	"syscall"
)

// trier writes to a socket as much as it takes at once, without waiting.
type trier struct {
	frame []byte
	n     int
	err   error
	// write is t.attempt, kept because a method value made for each write would be garbage.
	write func(fd uintptr)
}

func newTrier() *trier {
	t := &trier{}
	t.write = t.attempt
	return t
}

// rawConn is conn's way to write without waiting, or nil if it has none.
func rawConn(conn net.Conn) syscall.RawConn {
	tcp, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// try returns how many bytes of frame the socket took; a full one takes none,
// which is no error.
func (t *trier) try(raw syscall.RawConn, frame []byte) (int, error) {
	if raw == nil {
		return 0, nil
	}
	t.frame, t.n, t.err = frame, 0, nil
	err := raw.Control(t.write) // raw.Write would ready the poller for a wait that never comes
	t.frame = nil
	if err != nil {
		return t.n, err
	}
	return t.n, t.err
}

func (t *trier) attempt(fd uintptr) {
	for t.n < len(t.frame) {
		n, err := syscall.Write(int(fd), t.frame[t.n:])
		switch err {
		case nil:
			t.n += n
		case syscall.EINTR:
		case syscall.EAGAIN:
			return
		default:
			t.err = err
			return
		}
	}
}
