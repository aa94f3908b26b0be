//go:build linux

package deploy

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestARelease(t *testing.T) {
	t.Parallel()
	name := "userstatus_1.2.3-test_linux_" + runtime.GOARCH
	first, again := released(t, name), released(t, name)
	archive := read(t, filepath.Join(first, name+".tar.gz"))

	t.Run("is the same when it is made again", func(t *testing.T) {
		if archive != read(t, filepath.Join(again, name+".tar.gz")) {
			t.Error("the archives differ")
		}
	})
	t.Run("names its sum", func(t *testing.T) {
		want := fmt.Sprintf("%x  %s.tar.gz\n", sha256.Sum256([]byte(archive)), name)
		if got := read(t, filepath.Join(first, "SHA256SUMS")); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("is nothing but the archive and its sum", func(t *testing.T) {
		if entries, err := os.ReadDir(first); err != nil || len(entries) != 2 {
			t.Errorf("%v, %v", entries, err)
		}
	})
	dir := t.TempDir()
	if out, err := exec.Command("tar", "--extract", "--gzip", "--directory", dir, "--file", filepath.Join(first, name+".tar.gz")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Run("has what it takes to run it", func(t *testing.T) {
		for _, file := range []string{
			"README.md", "CHANGELOG.md", "docs/operations.md", "deploy/userstatus.yaml", "deploy/userstatus.service", "deploy/nginx-tls.conf",
			"deploy/Caddyfile", "completion/userstatus.bash", "completion/userstatus.zsh", "completion/userstatus.fish",
		} {
			if content := read(t, filepath.Join(dir, name, file)); len(content) < 100 {
				t.Errorf("%s has %q", file, content)
			}
		}
	})
	program := filepath.Join(dir, name, "userstatus")
	t.Run("bears its version", func(t *testing.T) {
		if out, err := exec.Command(program, "version").Output(); err != nil || string(out) != "1.2.3-test\n" {
			t.Errorf("%q, %v", out, err)
		}
	})
	t.Run("needs no library, and says nothing of where it was built", func(t *testing.T) {
		binary := []byte(read(t, program))
		here, err := filepath.Abs("..")
		must(t, err)
		if bytes.Contains(binary, []byte(here+"/")) {
			t.Errorf("%s is in the program", here)
		}
		file, err := elf.NewFile(bytes.NewReader(binary))
		must(t, err)
		if libraries, err := file.ImportedLibraries(); err == nil && len(libraries) > 0 || file.Section(".interp") != nil {
			t.Errorf("it needs %q", libraries)
		}
	})
}

func released(t *testing.T, name string) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "dist")
	if out, err := runMake("release", "VERSION="+strings.Split(name, "_")[1], "DIST="+dir); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}
