package main

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What is asked for directly has its reason in the list, and nothing else is there.
func TestEachDependencyHasItsReason(t *testing.T) {
	t.Parallel()
	asked := map[string]bool{}
	for _, dir := range []string{".", "examples/go"} {
		for _, path := range modulesAskedFor(t, dir) {
			asked[path] = true
		}
	}
	for _, file := range []string{"client/package.json", "web/app/package.json", "examples/package.json", "examples/apollo-react/package.json"} {
		for _, name := range packagesAskedFor(t, file) {
			asked[name] = true
		}
	}
	text, err := os.ReadFile("docs/decisions.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n## Dependencies\n")
	if !found {
		t.Fatal("docs/decisions.md has no section on dependencies")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	reasons := reasonsIn(section)
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		if len(reasons[name]) < 10 {
			t.Errorf("%s has no reason in docs/decisions.md", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(reasons)) {
		if !asked[name] {
			t.Errorf("docs/decisions.md has a reason for %s, which no manifest asks for", name)
		}
	}
}

func modulesAskedFor(t *testing.T, dir string) (paths []string) {
	t.Helper()
	edit := exec.Command("go", "mod", "edit", "-json")
	edit.Dir = dir
	out, err := edit.Output()
	if err != nil {
		t.Fatal(err)
	}
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	for _, required := range mod.Require {
		if !required.Indirect {
			paths = append(paths, required.Path)
		}
	}
	return paths
}

func packagesAskedFor(t *testing.T, file string) (names []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct{ Dependencies, DevDependencies, PeerDependencies, OptionalDependencies map[string]string }
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	for _, of := range []map[string]string{manifest.Dependencies, manifest.DevDependencies, manifest.PeerDependencies, manifest.OptionalDependencies} {
		names = slices.AppendSeq(names, maps.Keys(of))
	}
	return names
}

var (
	reasonLine = regexp.MustCompile("(?m)^- ((?:`[^`]+`(?:, )?)+): (.+)$")
	quotedName = regexp.MustCompile("`([^`]+)`")
)

// reasonsIn are a list's lines by each of the names before the colon.
func reasonsIn(list string) map[string]string {
	reasons := map[string]string{}
	for _, line := range reasonLine.FindAllStringSubmatch(list, -1) {
		for _, name := range quotedName.FindAllStringSubmatch(line[1], -1) {
			reasons[name[1]] = line[2]
		}
	}
	return reasons
}
