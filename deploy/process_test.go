//go:build linux

package deploy

import (
	"context"
	"encoding/json"
	"net"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a program that runs until the test ends.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	wrote journal
	// ended is closed when the process is gone and all it wrote is here.
	ended chan struct{}
}

func launch(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{t: t, cmd: cmd, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &p.wrote, &p.wrote
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	endWithParent(cmd.SysProcAttr)
	must(t, cmd.Start())
	go func() {
		defer close(p.ended)
		_ = cmd.Wait()
	}()
	t.Cleanup(func() { p.terminate() })
	return p
}

// terminate ends the process in order, or else in any way, and returns its code.
func (p *process) terminate() int {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Errorf("%s does not end: %s", p.cmd.Path, p.wrote.text())
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
	return p.cmd.ProcessState.ExitCode()
}

// journal is what a process writes, for others to read meanwhile.
type journal struct {
	mu      sync.Mutex
	content []byte
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.content = append(j.content, p...)
	return len(p), nil
}

func (j *journal) text() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return string(j.content)
}

// within asks over and over whether a condition holds that nothing tells of,
// until the process ends.
func (p *process) within(holds func() bool) bool { return within(p.ended, holds) }

func within(ended <-chan struct{}, holds func() bool) bool {
	late := time.After(patience)
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for !holds() {
		select {
		case <-again.C:
		case <-ended:
			return false
		case <-late:
			return false
		}
	}
	return true
}

// listening waits until the program has said where it listens.
func (p *process) listening() (address string) {
	p.t.Helper()
	found := p.within(func() bool {
		for line := range strings.Lines(p.wrote.text()) {
			var entry struct{ Msg, URL string }
			if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "listening" {
				address = strings.TrimPrefix(entry.URL, "http://")
			}
		}
		return address != ""
	})
	if !found {
		p.t.Fatalf("it does not listen: %s", p.wrote.text())
	}
	return address
}

// startNode serves on a database of its own, and returns where.
func startNode(t *testing.T, flags ...string) (address string) {
	t.Helper()
	program, err := build()
	must(t, err)
	cmd := exec.Command(program, append([]string{"--listen=127.0.0.1:0", "--jwt-secret=" + secret}, flags...)...)
	cmd.Dir, cmd.Env = t.TempDir(), []string{}
	return launch(t, cmd).listening()
}

// freePort is one that nobody had a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	must(t, err)
	return port
}

// startProxy starts a proxy on a free port, anew if another program was quicker
// to take it, and returns its address.
func startProxy(t *testing.T, command func(port string) *exec.Cmd) (address string) {
	t.Helper()
	for range 5 {
		port := freePort(t)
		address = "127.0.0.1:" + port
		p := launch(t, command(port))
		if p.within(func() bool { return reachable(t.Context(), address) }) {
			return address
		}
		if !strings.Contains(strings.ToLower(p.wrote.text()), "address already in use") {
			t.Fatalf("%s does not listen: %s", p.cmd.Path, p.wrote.text())
		}
	}
	t.Fatal("no port is free")
	return ""
}

func reachable(ctx context.Context, address string) bool {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}
