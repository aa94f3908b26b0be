// Package pgtest runs a real Postgres for tests: a cluster of their own in a
// temporary folder, on a Unix socket there.
package pgtest

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrMissing is of a machine without Postgres.
var ErrMissing = errors.New("no Postgres here: neither PATH nor /usr/lib/postgresql has initdb (Debian: apt-get install postgresql)")

// startTimeout is how long Postgres has to get up, or down.
const startTimeout = 30 * time.Second

// Cluster is a Postgres that runs. Its superuser is postgres, who needs no
// password over its socket.
type Cluster struct {
	dir, bin string
	process  *exec.Cmd
	log      bytes.Buffer
	// ended is closed when the process is gone.
	ended chan struct{}
}

// Start makes a cluster and starts it. It writes to the disk as it would in
// earnest. Stop ends it, and where that isn't called the end of this process.
func Start() (*Cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return nil, err
	}
	c := &Cluster{dir: dir, bin: bin}
	if err := c.init(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := c.Resume(); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

// binaries is the folder of the newest Postgres.
func binaries() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", ErrMissing
	}
	return filepath.Dir(found[len(found)-1]), nil
}

// init makes the files. A password is asked for by the role stranger alone.
func (c *Cluster) init() error {
	owner, err := c.owner()
	if err != nil {
		return err
	}
	if owner != nil {
		if err := os.Chown(c.dir, int(owner.Uid), int(owner.Gid)); err != nil {
			return err
		}
	}
	initdb := c.command("initdb", "-D", c.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8")
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	hba := "local all stranger scram-sha-256\nlocal all all trust\n"
	return os.WriteFile(filepath.Join(c.data(), "pg_hba.conf"), []byte(hba), 0o600)
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

// owner is whom Postgres runs as where that must be another: it refuses root.
func (c *Cluster) owner() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("find whom Postgres is to run as, which refuses root: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, err
}

func (c *Cluster) command(name string, args ...string) *exec.Cmd {
	command := exec.Command(filepath.Join(c.bin, name), args...)
	command.Dir = c.dir
	command.Env = []string{"LC_ALL=C", "TZ=UTC"}
	owner, _ := c.owner() // init has seen that it goes
	command.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
	return command
}

// Resume starts the cluster, also after a Halt.
func (c *Cluster) Resume() error {
	c.log.Reset()
	c.process = c.command("postgres", "-D", c.data(), "-k", c.dir, "-c", "listen_addresses=", "-c", "max_connections=100")
	c.process.Stdout, c.process.Stderr = &c.log, &c.log
	endWithParent(c.process.SysProcAttr)
	if err := c.process.Start(); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	c.ended = make(chan struct{})
	go func() {
		defer close(c.ended)
		_ = c.process.Wait()
	}()
	return c.awaitReady()
}

// awaitReady asks the file in which Postgres says how it is.
func (c *Cluster) awaitReady() error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	timeout := time.After(startTimeout)
	for {
		select {
		case <-c.ended:
			return fmt.Errorf("postgres ended: %s", c.log.String())
		case <-timeout:
			return errors.New("postgres does not get ready")
		case <-tick.C:
			status, _ := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
			if strings.HasSuffix(strings.TrimSpace(string(status)), "ready") && c.isOurs(status) {
				return nil
			}
		}
	}
}

// isOurs is false of a file that a killed Postgres left behind.
func (c *Cluster) isOurs(status []byte) bool {
	pid, _, _ := strings.Cut(string(status), "\n")
	return pid == strconv.Itoa(c.process.Process.Pid)
}

// Halt ends Postgres: by SIGINT it cuts off who is connected, by SIGQUIT or
// SIGKILL it crashes. The files stay.
func (c *Cluster) Halt(signal syscall.Signal) error {
	if c.process == nil {
		return nil
	}
	select {
	case <-c.ended:
		return nil
	default:
	}
	if err := c.process.Process.Signal(signal); err != nil {
		return err
	}
	select {
	case <-c.ended:
		return nil
	case <-time.After(startTimeout):
		return errors.New("postgres does not end")
	}
}

// Stop ends Postgres and removes its files.
func (c *Cluster) Stop() error {
	return errors.Join(c.Halt(syscall.SIGINT), os.RemoveAll(c.dir))
}

// Address is of a database of the cluster, as the superuser. Parameters come as
// name and value.
func (c *Cluster) Address(database string, parameters ...string) string {
	query := url.Values{"host": {c.dir}, "user": {"postgres"}}
	for i := 0; i < len(parameters); i += 2 {
		query.Set(parameters[i], parameters[i+1])
	}
	return (&url.URL{Scheme: "postgres", Path: "/" + database, RawQuery: query.Encode()}).String()
}

// Run runs a client program of the same Postgres, in the cluster's folder.
func (c *Cluster) Run(program string, args ...string) error {
	if out, err := c.command(program, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, out)
	}
	return nil
}
