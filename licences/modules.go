package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// tags are those that the program is built with for releases.
const tags = "netgo,osusergo,sqlite_omit_load_extension"

// grant is what licensecheck calls a grant of patents, which is no licence to be named.
const grant = "GooglePatentsFile"

// unknown is a licence that can't be told from its text.
const unknown = "UNKNOWN"

// linkedPackage is what go list tells of one.
type linkedPackage struct {
	Dir    string
	Module *struct {
		Path, Version, Dir, GoVersion string
		Main                          bool
	}
}

// modulesOf are the modules with a package in the program, and Go's own library.
func modulesOf(root string) ([]part, error) {
	list := exec.Command("go", "list", "-deps", "-tags", tags, "-json=Dir,Module", ".")
	list.Dir, list.Stderr = root, os.Stderr
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("list what is linked: %w", err)
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("ask where Go is: %w", err)
	}
	modules := map[string]*part{}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p linkedPackage
		switch err := decoder.Decode(&p); {
		case errors.Is(err, io.EOF):
			return inOrder(modules), nil
		case err != nil:
			return nil, err
		}
		if err := addPackage(modules, p, strings.TrimSpace(string(goroot))); err != nil {
			return nil, err
		}
	}
}

func inOrder(modules map[string]*part) (parts []part) {
	for _, path := range slices.Sorted(maps.Keys(modules)) {
		one := *modules[path]
		one.licence = licenceOf(one.texts)
		parts = append(parts, one)
	}
	return parts
}

// addPackage puts a package's texts to those of its module. The project itself
// stands for Go's own library, of the version that it names.
func addPackage(modules map[string]*part, p linkedPackage, goroot string) error {
	m := p.Module
	if m == nil {
		return nil
	}
	if m.Main {
		m.Path, m.Version, m.Dir = "std", "go"+m.GoVersion, goroot
		p.Dir = m.Dir
	}
	if modules[m.Path] == nil {
		modules[m.Path] = &part{where: inProgram, name: m.Path, version: m.Version}
	}
	texts, err := textsAbove(p.Dir, m.Dir)
	for _, text := range texts {
		if one := modules[m.Path]; !slices.Contains(one.texts, text) {
			one.texts = append(one.texts, text)
		}
	}
	return err
}

var namesLicence = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents|unlicense)([.-].*)?$`)

// textsAbove are the licences' files in a package's folder and in those above it,
// up to its module's.
func textsAbove(dir, module string) (texts []string, err error) {
	for ; strings.HasPrefix(dir, module); dir = filepath.Dir(dir) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if !entry.Type().IsRegular() || !namesLicence.MatchString(entry.Name()) || strings.HasSuffix(entry.Name(), ".go") {
				continue
			}
			text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
			if err != nil {
				return nil, err
			}
			texts = append(texts, string(text))
		}
	}
	return texts, nil
}

// licenceOf tells licences by their texts; a notice or a grant of patents is none.
func licenceOf(texts []string) string {
	found := map[string]bool{}
	for _, text := range texts {
		for _, match := range licensecheck.Scan([]byte(text)).Match {
			if !match.IsURL && match.ID != grant {
				found[match.ID] = true
			}
		}
	}
	if len(found) == 0 {
		return unknown
	}
	return strings.Join(slices.Sorted(maps.Keys(found)), " AND ")
}
