//go:build linux

package deploy

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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
	bill := read(t, filepath.Join(first, name+".cdx.json"))
	t.Run("has the same bill of materials when it is made again", func(t *testing.T) {
		if bill != read(t, filepath.Join(again, name+".cdx.json")) {
			t.Error("the bills differ")
		}
	})
	t.Run("names its sums", func(t *testing.T) {
		want := fmt.Sprintf("%x  %s.tar.gz\n%x  %s.cdx.json\n", sha256.Sum256([]byte(archive)), name, sha256.Sum256([]byte(bill)), name)
		if got := read(t, filepath.Join(first, "SHA256SUMS")); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("is nothing but the archive, the bill of materials and the sums", func(t *testing.T) {
		if entries, err := os.ReadDir(first); err != nil || len(entries) != 3 {
			t.Errorf("%v, %v", entries, err)
		}
	})
	dir := t.TempDir()
	if out, err := exec.Command("tar", "--extract", "--gzip", "--directory", dir, "--file", filepath.Join(first, name+".tar.gz")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Run("has what it takes to run it", func(t *testing.T) {
		for _, file := range []string{
			"README.md", "CHANGELOG.md", "NOTICES", "docs/operations.md", "docs/licences.md", "deploy/userstatus.yaml", "deploy/userstatus.service", "deploy/nginx-tls.conf",
			"deploy/Caddyfile", "completion/userstatus.bash", "completion/userstatus.zsh", "completion/userstatus.fish",
		} {
			if content := read(t, filepath.Join(dir, name, file)); len(content) < 100 {
				t.Errorf("%s has %q", file, content)
			}
		}
	})
	t.Run("has no link in its documents that leads nowhere", func(t *testing.T) {
		checkLinks(t, filepath.Join(dir, name))
	})
	t.Run("has a bill of the program's modules, the pages' packages and what the linker brought", func(t *testing.T) {
		checkBill(t, bill)
	})
	t.Run("has the licences' texts", func(t *testing.T) {
		notices := read(t, filepath.Join(dir, name, "NOTICES"))
		for _, words := range []string{"gorm.io/gorm v", "Copyright 2009 The Go Authors", "\nreact 1", "GNU LESSER GENERAL PUBLIC LICENSE"} {
			if !strings.Contains(notices, words) {
				t.Errorf("the notices lack %q", words)
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

var linked = regexp.MustCompile(`\]\(([^)#:]+)[)#]`)

// checkLinks follows what documents name by a path.
func checkLinks(t *testing.T, root string) {
	t.Helper()
	followed := 0
	must(t, filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".md" {
			return err
		}
		for _, link := range linked.FindAllStringSubmatch(read(t, path), -1) {
			followed++
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), link[1])); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
		return nil
	}))
	if followed == 0 {
		t.Error("there are no links")
	}
}

// checkBill looks for parts of each kind, each with its licence.
func checkBill(t *testing.T, text string) {
	t.Helper()
	var bill struct {
		BOMFormat string
		Metadata  struct {
			Component struct{ Name, Version string }
		}

		Components []struct {
			Name, Version, PURL string
			Licenses            []struct{ Expression string }
		}
	}
	must(t, json.Unmarshal([]byte(text), &bill))
	if of := bill.Metadata.Component; bill.BOMFormat != "CycloneDX" || of.Name != "userstatus" || of.Version != "1.2.3-test" {
		t.Errorf("a bill in %q of %v", bill.BOMFormat, of)
	}
	licences := map[string]string{}
	for _, c := range bill.Components {
		if len(c.Licenses) != 1 || c.Licenses[0].Expression == "" {
			t.Errorf("%s has the licences %v", c.Name, c.Licenses)
			continue
		}
		licences[c.Name] = c.Licenses[0].Expression
	}
	for name, want := range map[string]string{"gorm.io/gorm": "MIT", "std": "BSD-3-Clause", "react": "MIT", "@apollo/client": "MIT", "SQLite": "blessing", "GNU C Library": "LGPL-2.1-or-later"} {
		if licences[name] != want {
			t.Errorf("the licence of %s is %q, want %q", name, licences[name], want)
		}
	}
}

func released(t *testing.T, name string) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "dist")
	if out, err := runMake("release", "VERSION="+strings.Split(name, "_")[1], "DIST="+dir); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}
