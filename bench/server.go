package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"userstatus/bench/hook"
)

// kind is one of the servers that are compared.
type kind string

const (
	ours  kind = "ours"
	bare  kind = "bare"
	lean  kind = "bare, lean" // with smaller buffers than gorilla's own
	plain kind = "plain gqlgen"
	// greeted is bare, to which clients say connection_init.
	greeted kind = "bare, greeted"
)

// secret signs the tokens of a run.
const secret = "a secret for measuring on loopback alone"

// server is a child process.
type server struct {
	kind   kind
	url    string // ws://…/graphql
	pid    int
	cmd    *exec.Cmd
	socket string // of its hook
	dir    string
}

// start runs a server of a kind in a directory of its own, and returns when it
// listens. Flags are for ours alone.
func (l *lab) start(k kind, flags ...string) (*server, error) {
	dir, err := os.MkdirTemp(l.dir, "server")
	if err != nil {
		return nil, err
	}
	return l.startIn(dir, k, flags...)
}

func (l *lab) startIn(dir string, k kind, flags ...string) (*server, error) {
	s := &server{kind: k, dir: dir, socket: filepath.Join(dir, "hook")}
	_ = os.Remove(s.socket)
	s.cmd = exec.Command(l.binary(k), l.arguments(k, dir, flags)...)
	s.cmd.Env = append(os.Environ(), "USERSTATUS_JWT_SECRET="+secret)
	if k != ours || l.hooked {
		s.cmd.Env = append(s.cmd.Env, hook.Variable+"="+s.socket)
	}
	log, err := s.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	s.pid = s.cmd.Process.Pid
	if s.url, err = listening(log); err != nil {
		s.stop()
		return nil, fmt.Errorf("start %s: %w", k, err)
	}
	return s, nil
}

func (l *lab) binary(k kind) string {
	switch {
	case k == ours && l.hooked:
		return filepath.Join(l.dir, "ours-hooked")
	case k == lean || k == greeted:
		return filepath.Join(l.dir, string(bare))
	case k == plain:
		return filepath.Join(l.dir, "plain")
	}
	return filepath.Join(l.dir, string(k))
}

func (l *lab) arguments(k kind, dir string, flags []string) []string {
	switch k {
	case ours:
		return append([]string{"--listen=127.0.0.1:0", "--database=sqlite:" + filepath.Join(dir, "status.db"),
			"--set-status-rate=0", "--max-subscriptions=0", "--max-connections-per-user=0", "--max-connections=0"}, flags...)
	case lean:
		return []string{"-lean"}
	}
	return nil
}

// listening waits for the log line that has the address, and throws away the rest.
func listening(log io.Reader) (string, error) {
	lines := bufio.NewScanner(log)
	var last string
	for lines.Scan() {
		last = lines.Text()
		var line struct{ Msg, URL string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "listening" {
			go func() { _, _ = io.Copy(io.Discard, log) }() // ends with the process
			return "ws" + strings.TrimPrefix(line.URL, "http") + "/graphql", nil
		}
	}
	return "", fmt.Errorf("it ended with %q", last)
}

// stop ends the process the hard way: its sockets go with it.
func (s *server) stop() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	_ = os.RemoveAll(s.dir)
}

// quit ends it in order, and leaves its files.
func (s *server) quit() error {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	return s.cmd.Wait()
}

func (s *server) cpu() time.Duration {
	d, err := cpuOf(s.pid)
	if err != nil {
		panic(fmt.Sprintf("read the processor time of %s: %v", s.kind, err))
	}
	return d
}

// rss is the process's resident memory in bytes.
func (s *server) rss() (int, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")))
			return kib << 10, err
		}
	}
	return 0, errors.New("no VmRSS")
}

// hook asks the server's hook for a path, and copies the answer.
func (s *server) hook(path string, to io.Writer) error {
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", s.socket)
		},
	}}
	answer, err := client.Get("http://hook" + path)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	_, err = io.Copy(to, answer.Body)
	return err
}
