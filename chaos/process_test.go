package chaos

import (
	"errors"
	"fmt"
	"os/exec"
	"syscall"
	"time"
)

// secret signs the clients' tokens.
const secret = "a secret of the tests, of 32 bytes and more"

// process is one run of the program.
type process struct {
	cmd    *exec.Cmd
	stderr journal
	// ended is closed when the process is gone and all it wrote is here.
	ended chan struct{}
}

// launch runs the program that build makes to wherever it gets, in a folder. The
// end of this process ends it.
func launch(build func() (path string, err error), dir string, args ...string) (*process, error) {
	path, err := build()
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.Command(path, args...), ended: make(chan struct{})}
	p.cmd.Env = []string{"USERSTATUS_JWT_SECRET=" + secret, "GORACE=atexit_sleep_ms=0"}
	p.cmd.Dir, p.cmd.Stderr = dir, &p.stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{}
	endWithParent(p.cmd.SysProcAttr)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("launch the program: %w", err)
	}
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait()
	}()
	return p, nil
}

// serving waits until the process listens, and returns where.
func (p *process) serving() (url string, err error) {
	line := p.stderr.await(p.ended, "listening")
	if line == nil {
		return "", fmt.Errorf("the program does not listen: %s", p.stderr.text())
	}
	url, _ = line["url"].(string)
	return url, nil
}

func (p *process) signal(s syscall.Signal) error {
	if err := p.cmd.Process.Signal(s); err != nil {
		return fmt.Errorf("send %v to a node, which wrote %s: %w", s, p.stderr.text(), err)
	}
	return nil
}

// kill ends the process as a crash would, if it still runs.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// terminate ends the process in order.
func (p *process) terminate() error {
	if err := p.signal(syscall.SIGTERM); err != nil {
		return err
	}
	code, err := p.exit()
	if err == nil && code != 0 {
		err = fmt.Errorf("a node ended with code %d: %s", code, p.stderr.text())
	}
	return err
}

// exit waits for the end of the process and returns its code.
func (p *process) exit() (int, error) {
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode(), nil
	case <-time.After(patience):
		return 0, errors.New("a node does not end: " + p.stderr.text())
	}
}
