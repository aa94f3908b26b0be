//go:build linux

package deploy

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

// secret signs the clients' tokens.
const secret = "a secret of the tests, of 32 bytes and more"

// folder is where the program is built, for all tests.
var folder string

func TestMain(m *testing.M) { goleak.VerifyTestMain(inFolder{m}) }

// inFolder runs the tests with a folder for the program.
type inFolder struct{ m *testing.M }

func (f inFolder) Run() int {
	var err error
	if folder, err = os.MkdirTemp("", "deploy"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	return f.m.Run()
}

// build makes the program as the image and the release have it.
var build = sync.OnceValues(func() (path string, err error) {
	path = filepath.Join(folder, "userstatus")
	out, err := runMake("static", "OUT="+path, "VERSION=1.2.3-test")
	if err == nil && strings.Contains(out, "warning:") {
		err = errors.New("the linker warns")
	}
	if err != nil {
		return "", fmt.Errorf("build the program: %w: %s", err, out)
	}
	return path, nil
})

func runMake(args ...string) (string, error) {
	command := exec.Command("make", append([]string{"--no-print-directory", "-C", ".."}, args...)...)
	out, err := command.CombinedOutput()
	return string(out), err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tool finds a program of Debian's; without CI set a test goes without it.
func tool(t *testing.T, name string) (path string) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if path = "/usr/sbin/" + name; isFile(path) {
		return path
	}
	unable(t, err)
	return ""
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// unable ends a test for want of a part: with CI set it fails.
func unable(t *testing.T, why error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(errors.Join(errors.New("skipped, for CI is not set"), why))
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	return string(text)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte(text), 0o644))
}

// with replaces parts of a committed file, given as old and new, each of which
// must be there.
func with(t *testing.T, text string, parts ...string) string {
	t.Helper()
	for i := 0; i < len(parts); i += 2 {
		if !strings.Contains(text, parts[i]) {
			t.Fatalf("%q is not in the file", parts[i])
		}
		text = strings.ReplaceAll(text, parts[i], parts[i+1])
	}
	return text
}
