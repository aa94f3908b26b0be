package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// asProgram in the environment makes the test binary the program itself, so
// that what is tested is main, in a process of its own.
const asProgram = "TEST_AS_PROGRAM"

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	goleak.VerifyTestMain(m)
}

// program is a process of the program under test.
type program struct {
	t      *testing.T
	cmd    *exec.Cmd
	url    string
	stdout journal
	stderr journal
	// ended is closed when the process is gone and all it wrote is here.
	ended chan struct{}
}

// launch runs the program to wherever it gets; the test's end ends it.
func launch(t *testing.T, args ...string) *program {
	t.Helper()
	return launchWith(t, nil, args...)
}

// launchWith is launch with variables in the environment.
func launchWith(t *testing.T, env []string, args ...string) *program {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, cmd: exec.Command(binary, args...), ended: make(chan struct{})}
	p.cmd.Env = append([]string{asProgram + "=yes", "GORACE=atexit_sleep_ms=0"}, env...)
	p.cmd.Dir = t.TempDir()
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait()
	}()
	t.Cleanup(p.kill)
	return p
}

// serving launches the program and waits until it listens, wherever there is room.
func serving(t *testing.T, flags ...string) *program {
	t.Helper()
	return servingWith(t, nil, flags...)
}

// servingWith is serving with variables in the environment.
func servingWith(t *testing.T, env []string, flags ...string) *program {
	t.Helper()
	p := launchWith(t, env, append([]string{"serve", "--listen=127.0.0.1:0"}, flags...)...)
	t.Cleanup(p.checkLog)
	t.Cleanup(p.kill) // runs before the check
	p.url, _ = p.logged("listening")["url"].(string)
	return p
}

// onSecret is serving on a database, with the tests' secret and without a
// limit to the rate of changes.
func onSecret(t *testing.T, database string, flags ...string) *program {
	t.Helper()
	return serving(t, append([]string{"--jwt-secret=" + goodSecret, "--database=sqlite:" + database, "--set-status-rate=0"}, flags...)...)
}

func newDatabase(t *testing.T) string { return filepath.Join(t.TempDir(), "test.db") }

// kill ends the process as a crash would, if it still runs.
func (p *program) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

func (p *program) terminate() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
}

// exit waits for the end of the process and returns its code.
func (p *program) exit() int {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatalf("the program does not end; it wrote\n%s", p.stderr.text())
	}
	return p.cmd.ProcessState.ExitCode()
}

// logged waits for a line of the log and returns it.
func (p *program) logged(message string) (line map[string]any) {
	p.t.Helper()
	found := p.stderr.await(p.ended, func(text string) bool {
		line = lineOf(text, message)
		return line != nil
	})
	if !found {
		p.t.Fatalf("no %q in what the program wrote:\n%s", message, p.stderr.text())
	}
	return line
}

func lineOf(log, message string) map[string]any {
	for text := range strings.Lines(log) {
		var line map[string]any
		if json.Unmarshal([]byte(text), &line) == nil && line["msg"] == message {
			return line
		}
	}
	return nil
}

// checkLog sees that the log is JSON, line by line, and keeps secrets. It also
// finds what the race detector writes.
func (p *program) checkLog() {
	log := p.stderr.text()
	for text := range strings.Lines(log) {
		var line struct {
			Time       time.Time
			Level, Msg string
		}
		if err := json.Unmarshal([]byte(text), &line); err != nil || line.Time.IsZero() || line.Level == "" || line.Msg == "" {
			p.t.Errorf("not a line of a log, %v: %s", err, log)
			return
		}
	}
	if secret := secretIn(log); secret != "" {
		p.t.Errorf("%s… is in the log:\n%s", secret, log)
	}
}

// secretIn finds the tests' secret or the beginning of a token, which is that
// of every JSON object in base64.
func secretIn(text string) string {
	for _, secret := range []string{goodSecret, "eyJ"} {
		if strings.Contains(text, secret) {
			return secret
		}
	}
	return ""
}

// journal is what a process writes, for others to read meanwhile.
type journal struct {
	mu      sync.Mutex
	content []byte
	grown   chan struct{}
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.content = append(j.content, p...)
	if j.grown != nil {
		close(j.grown)
		j.grown = nil
	}
	return len(p), nil
}

func (j *journal) text() string {
	text, _ := j.read()
	return text
}

func (j *journal) read() (text string, grown <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.grown == nil {
		j.grown = make(chan struct{})
	}
	return string(j.content), j.grown
}

// await is true once the content is as wanted, and false if its writer ended
// before, or in too long a time.
func (j *journal) await(ended <-chan struct{}, wanted func(text string) bool) bool {
	late := time.After(patience)
	for {
		text, grown := j.read()
		if wanted(text) {
			return true
		}
		select {
		case <-grown:
		case <-ended:
			return wanted(j.text())
		case <-late:
			return false
		}
	}
}

// rounds is how often to do what is done many times.
func rounds(many int) int {
	if testing.Short() && os.Getenv("CI") == "" {
		return max(1, many/5)
	}
	return many
}

// unable ends a test for want of a part: with CI set it fails.
func unable(t *testing.T, why error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(errors.Join(errors.New("skipped, for CI is not set"), why))
}
