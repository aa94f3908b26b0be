package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// root is the project's, from here.
const root = ".."

func parts(t *testing.T) []part {
	t.Helper()
	all, err := partsOf(root)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTheListIsOfWhatIsLinkedAndBundled(t *testing.T) {
	t.Parallel()
	kept, err := os.ReadFile(filepath.Join(root, table))
	if err != nil {
		t.Fatal(err)
	}
	if string(kept) != string(tableOf(parts(t))) {
		t.Errorf("%s is out of date: run make licences, and commit it", table)
	}
}

// A licence that asks for more than a notice is looked at by somebody, who puts it here.
func TestNoLicenceComesUnseen(t *testing.T) {
	t.Parallel()
	seen := map[string]string{"GNU C Library": "LGPL-2.1-or-later", "github.com/hashicorp/golang-lru/v2": "MPL-2.0"}
	for _, p := range parts(t) {
		if copyleft.MatchString(p.licence) && seen[p.name] != p.licence {
			t.Errorf("%s is under %s", p.name, p.licence)
		}
		if p.where != inPages && len(p.texts) == 0 {
			t.Errorf("%s has no text", p.name)
		}
	}
}

func TestNoticesHaveEachPartAndEachTextOnce(t *testing.T) {
	t.Parallel()
	all := parts(t)
	notices := string(noticesOf(all))
	for _, p := range all {
		if !strings.Contains(notices, "\n"+p.name+" "+p.version+"\n") {
			t.Errorf("%s is missing", p.name)
		}
	}
	if n := strings.Count(notices, "GNU LESSER GENERAL PUBLIC LICENSE\n                       Version 2.1"); n != 1 {
		t.Errorf("the LGPL is there %d times", n)
	}
}

func TestABillHasAllPartsOrIsRefused(t *testing.T) {
	t.Parallel()
	modules := []part{{where: inProgram, name: "a", licence: "MIT"}, {where: inPages, name: "@b/c", version: "1", licence: "ISC"}}
	got, err := complete([]byte(`{"bomFormat":"CycloneDX","components":[{"name":"a"}]}`), modules)
	if err != nil {
		t.Fatal(err)
	}
	var bill struct {
		Components []struct {
			Name, PURL string
			Licenses   []struct{ Expression string }
		}
	}
	if err := json.Unmarshal(got, &bill); err != nil {
		t.Fatal(err)
	}
	if c := bill.Components; len(c) != 2 || c[0].Licenses[0].Expression != "MIT" || c[1].PURL != "pkg:npm/%40b/c@1" || c[1].Licenses[0].Expression != "ISC" {
		t.Errorf("got %s", got)
	}
	for bom, want := range map[string]string{
		`{"components":[{"name":"a"},{"name":"x"}]}`: "x is in it and not linked",
		`{"components":[]}`:                          "a is linked and not in it",
		`{`:                                          "unexpected end",
	} {
		if _, err := complete([]byte(bom), modules); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", bom, err, want)
		}
	}
}
