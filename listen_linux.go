package main

import (
	"math"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// listenConfig makes listeners whose connections end once the client has not
// acknowledged for lost what was written to it. So a client that vanished
// without a word is noticed even where nothing but a stream is written to it:
// the kernel alone would try for a quarter of an hour.
func listenConfig(lost time.Duration) *net.ListenConfig {
	config := &net.ListenConfig{Control: func(_, _ string, conn syscall.RawConn) error {
		var err error
		if broken := conn.Control(func(fd uintptr) { err = setUserTimeout(int(fd), lost) }); broken != nil {
			return broken
		}
		return os.NewSyscallError("setsockopt", err)
	}}
	config.SetMultipathTCP(false) // its sockets don't have the option
	return config
}

// setUserTimeout is inherited by what is accepted.
func setUserTimeout(fd int, lost time.Duration) error {
	return unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(lost.Milliseconds()))
}

// openFiles is how many descriptors the process may have; 0 is as many as it likes.
func openFiles() int {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil || limit.Cur > math.MaxInt32 {
		return 0
	}
	return int(limit.Cur)
}
