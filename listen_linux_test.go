package main

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"os"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestAcceptedConnectionsEndWhenNothingIsAcknowledged(t *testing.T) {
	listener, err := listenConfig(40*time.Second).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	accepted, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = accepted.Close() }()
	if got := userTimeout(t, accepted); got != 40*time.Second {
		t.Errorf("it is given up after %v", got)
	}
}

func userTimeout(t *testing.T, conn net.Conn) time.Duration {
	t.Helper()
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var ms int
	var optErr error
	err = raw.Control(func(fd uintptr) { ms, optErr = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT) })
	if err := errors.Join(err, optErr); err != nil {
		t.Fatal(err)
	}
	return time.Duration(ms) * time.Millisecond
}

// A stream over HTTP is only written to: nothing but the kernel can tell that
// its client's machine is gone.
func TestAStreamWhoseClientVanishedEnds(t *testing.T) {
	t.Parallel()
	isolate(t)
	database := newDatabase(t)
	p := onSecret(t, database, "--ping-interval=1s", "--offline-grace=0s")
	conn := p.dial(t)
	request := p.request(http.MethodPost, "/graphql", operation(`subscription{userStatusUpdated`+fields+`}`),
		"Content-Type: application/json", "Accept: text/event-stream", "Authorization: Bearer "+mint("alice"))
	if err := request.Write(conn); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), request)
	if err != nil || response.StatusCode != http.StatusOK || storedStatus(t, database, "alice") != "ONLINE" {
		t.Fatalf("the stream was answered with %+v, %v", response, err)
	}
	switchLoopback(t, false)
	eventually(t, func() bool { return storedStatus(t, database, "alice") == "OFFLINE" })
}

// isolate gives the test a network of its own, with nothing but a loopback
// interface. It is that of the test's thread, which ends with the test: what
// is started or dialed must be so from the test's own goroutine.
func isolate(t *testing.T) {
	t.Helper()
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		unable(t, os.NewSyscallError("make a network", err))
	}
	switchLoopback(t, true)
}

// switchLoopback lets packets through, or lets all get lost.
func switchLoopback(t *testing.T, on bool) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(fd) }()
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		t.Fatal(err)
	}
	if on {
		lo.SetUint16(unix.IFF_UP)
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo); err != nil {
		t.Fatal(os.NewSyscallError("switch loopback", err))
	}
}
