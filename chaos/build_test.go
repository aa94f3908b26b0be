package chaos

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

// build makes the program with the race detector, which writes to its log.
var build = sync.OnceValues(func() (path string, err error) { return compile("userstatus") })

// buildWithClock makes it with a clock that the tests set. Nothing in the
// program is there for it: its sources are compiled with other calls.
var buildWithClock = sync.OnceValues(func() (path string, err error) {
	overlay, err := clockOverlay()
	if err != nil {
		return "", fmt.Errorf("replace the program's clock: %w", err)
	}
	return compile("userstatus-clock", "-overlay="+overlay)
})

func compile(name string, flags ...string) (path string, err error) {
	path = filepath.Join(folder, name)
	args := append([]string{"build", "-race", "-o", path}, flags...)
	if out, err := exec.Command("go", append(args, "userstatus")...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w: %s", err, out)
	}
	return path, nil
}

var (
	ownSources = `{{with .Module}}{{if .Main}}{{range $.GoFiles}}{{$.Dir}}/{{.}}{{"\n"}}{{end}}{{end}}{{end}}`
	clockCalls = regexp.MustCompile(`\btime\.(Now|Since|Until)\b`)
)

// clockOverlay is a file for the compiler that has the program's own sources
// ask testdata/clock.go for the time.
func clockOverlay() (path string, err error) {
	clock, err := filepath.Abs("testdata/clock.go")
	if err != nil {
		return "", err
	}
	listed, err := exec.Command("go", "list", "-deps", "-f", ownSources, "userstatus").Output()
	if err != nil {
		return "", err
	}
	replace := map[string]string{filepath.Join(filepath.Dir(clock), "..", "clock", "clock.go"): clock}
	for i, source := range strings.Fields(string(listed)) {
		text, err := os.ReadFile(source)
		if err != nil {
			return "", err
		}
		if !clockCalls.Match(text) {
			continue
		}
		replace[source] = filepath.Join(folder, fmt.Sprint("source-", i, ".go"))
		if err := os.WriteFile(replace[source], withClock(text), 0o600); err != nil {
			return "", err
		}
	}
	path = filepath.Join(folder, "overlay.json")
	return path, os.WriteFile(path, []byte(encode(map[string]any{"Replace": replace})), 0o600)
}

// withClock is a source that calls the tests' clock, and still uses its time.
func withClock(text []byte) []byte {
	text = bytes.Replace(text, []byte("\nimport "), []byte("\nimport clock \"userstatus/chaos/clock\"\nimport "), 1)
	return append(clockCalls.ReplaceAll(text, []byte("clock.$1")), "\nvar _ time.Duration\n"...)
}

// newClock is a right one for a program that starts in the folder.
func newClock(dir string) error {
	return os.WriteFile(filepath.Join(dir, "clock"), make([]byte, 8), 0o600)
}

// setClock has a program's clock be off by so much, whole seconds.
func setClock(dir string, by time.Duration) error {
	file, err := os.OpenFile(filepath.Join(dir, "clock"), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	_, err = file.WriteAt(binary.NativeEndian.AppendUint64(nil, uint64(by/time.Second)), 0)
	return err
}
