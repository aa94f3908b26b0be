// Package natstest runs real nats-server processes for tests: the version that
// go.mod names, on a loopback port of their own.
package natstest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// startTimeout is how long a server has to get up, or down.
const startTimeout = 20 * time.Second

// Options are of a server.
type Options struct {
	// User and Password are asked of clients, if there is a User.
	User, Password string
	// Config is what else goes into the server's file, in its own language.
	Config string
}

// Server is a nats-server.
type Server struct {
	dir     string
	address string
	options Options
	process *exec.Cmd
	log     logged
	// ended is closed when the process is gone.
	ended chan struct{}
}

// binary is where the server's program is. Go builds it once, and keeps it.
var binary = sync.OnceValues(func() (string, error) {
	find := exec.Command("go", "tool", "-n", "github.com/nats-io/nats-server/v2")
	var problem bytes.Buffer
	find.Stderr = &problem
	out, err := find.Output()
	if err != nil {
		return "", fmt.Errorf("build nats-server: %w: %s", err, problem.String())
	}
	return strings.TrimSpace(string(out)), nil
})

// Start starts a server. Close ends it, and where that isn't called the end of
// this process.
func Start(options Options) (*Server, error) {
	dir, err := os.MkdirTemp("", "natstest")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, address: "127.0.0.1:-1", options: options}
	if err := s.StartAgain(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// StartAgain starts a server that was stopped or killed, at the same address.
func (s *Server) StartAgain() error {
	program, err := binary()
	if err != nil {
		return err
	}
	if err := s.configure(); err != nil {
		return err
	}
	s.process = exec.Command(program, "-c", s.file("conf"), "--ports_file_dir", s.dir)
	s.process.Stdout, s.process.Stderr = &s.log, &s.log
	s.process.SysProcAttr = &syscall.SysProcAttr{}
	endWithParent(s.process.SysProcAttr)
	if err := s.process.Start(); err != nil {
		return fmt.Errorf("start nats-server: %w", err)
	}
	s.ended = make(chan struct{})
	go func() {
		defer close(s.ended)
		_ = s.process.Wait()
	}()
	return s.awaitReady()
}

func (s *Server) file(name string) string { return filepath.Join(s.dir, name) }

func (s *Server) configure() error {
	config := fmt.Sprintf("listen: %q\n%s\n", s.address, s.options.Config)
	if s.options.User != "" {
		config += fmt.Sprintf("authorization { user: %q, password: %q }\n", s.options.User, s.options.Password)
	}
	return os.WriteFile(s.file("conf"), []byte(config), 0o600)
}

// awaitReady asks the file in which the server says where it listens.
func (s *Server) awaitReady() error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	timeout := time.After(startTimeout)
	for {
		select {
		case <-s.ended:
			return fmt.Errorf("nats-server ended: %s", s.log.String())
		case <-timeout:
			return errors.New("nats-server does not get ready")
		case <-tick.C:
			if address, ok := s.listening(); ok {
				s.address = address
				return nil
			}
		}
	}
}

// listening is the address at which the server answers, if it does.
func (s *Server) listening() (address string, ok bool) {
	text, err := os.ReadFile(s.file(fmt.Sprintf("%s_%d.ports", filepath.Base(s.process.Path), s.process.Process.Pid)))
	var ports struct{ Nats []string }
	if err != nil || json.Unmarshal(text, &ports) != nil || len(ports.Nats) == 0 {
		return "", false
	}
	u, err := url.Parse(ports.Nats[0])
	if err != nil {
		return "", false
	}
	probe, err := net.Dial("tcp", u.Host)
	if err != nil {
		return "", false
	}
	return u.Host, probe.Close() == nil
}

// URL is for clients, with user and password.
func (s *Server) URL() string {
	u := url.URL{Scheme: "nats", Host: s.address}
	if s.options.User != "" {
		u.User = url.UserPassword(s.options.User, s.options.Password)
	}
	return u.String()
}

// Address is host and port.
func (s *Server) Address() string { return s.address }

// Halt has the server stand still: connections stay, and nothing answers.
func (s *Server) Halt() error { return s.process.Process.Signal(syscall.SIGSTOP) }

// Resume lets a server that stood still go on.
func (s *Server) Resume() error { return s.process.Process.Signal(syscall.SIGCONT) }

// Stop ends the server in order; StartAgain starts it again.
func (s *Server) Stop() error { return s.end(syscall.SIGTERM) }

// Kill ends the server at once, also one that stands still.
func (s *Server) Kill() error { return s.end(syscall.SIGKILL) }

func (s *Server) end(signal syscall.Signal) error {
	if s.ended == nil {
		return nil
	}
	if err := s.process.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-s.ended:
		return nil
	case <-time.After(startTimeout):
		return errors.New("nats-server does not end")
	}
}

// Close ends the server and removes its files.
func (s *Server) Close() error { return errors.Join(s.Kill(), os.RemoveAll(s.dir)) }

// logged is what a process has said, for whoever asks while it goes on.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
