package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	// proof names a test and where it is: "(`TestX` in auth, …)".
	proof = regexp.MustCompile("`([^`]+)` (at the root|in ([a-z/.]+))")
	// exempt are the sections whose lines promise nothing.
	exempt = map[string]bool{"What there is to protect, and from whom": true, "What is not protected": true, "Reporting": true}
)

// checkProof sees that a test is where it is said to be.
func checkProof(t *testing.T, name, place string) {
	t.Helper()
	if strings.HasSuffix(place, ".ts") {
		if !strings.Contains(readFile(t, place), `it("`+name+`"`) {
			t.Errorf("%s has no test %q", place, name)
		}
		return
	}
	files, err := filepath.Glob(filepath.Join(place, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.Contains(readFile(t, file), "\nfunc "+name+"(") {
			return
		}
	}
	t.Errorf("package %q has no test %s", place, name)
}

func TestEachLineOnSecurityIsProvenByATest(t *testing.T) {
	t.Parallel()
	section, proven := "", 0
	for line := range strings.Lines(readFile(t, "docs/security.md")) {
		if heading, is := strings.CutPrefix(line, "## "); is {
			section = strings.TrimSpace(heading)
			continue
		}
		if exempt[section] || !strings.HasPrefix(line, "- ") && !strings.HasPrefix(line, "* ") {
			continue
		}
		at := strings.LastIndex(line, "(`")
		tests := proof.FindAllStringSubmatch(line[max(0, at):], -1)
		if at < 0 || len(tests) == 0 || len(tests) != strings.Count(line[at:], "`")/2 {
			t.Errorf("%s: no test is named behind %q", section, line)
			continue
		}
		for _, one := range tests {
			checkProof(t, one[1], one[3])
			proven++
		}
	}
	if proven < 60 {
		t.Errorf("only %d tests are named", proven)
	}
}
