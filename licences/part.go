package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// part is something of which the program has a piece.
type part struct {
	where         string // one of the three below
	name, version string
	licence       string   // in SPDX's words
	texts         []string // as its authors ship them; none where they don't
}

// Where parts are found.
const (
	inProgram = "golang"
	inPages   = "npm"
	byLinker  = "generic"
)

// copyleft are licences that ask something of the program around the part.
var copyleft = regexp.MustCompile(`GPL|MPL|EPL|CDDL|OSL|EUPL|CC-BY-SA|UNKNOWN`)

//go:embed LGPL-2.1.txt
var lesserLicence string

// linked are parts that no list of modules or packages has.
var linked = []part{
	{byLinker, "SQLite", "in github.com/mattn/go-sqlite3", "blessing", []string{"The author disclaims copyright to this source code. https://sqlite.org/copyright.html"}},
	{byLinker, "GNU C Library", "of the system that builds", "LGPL-2.1-or-later", []string{lesserLicence}},
}

// partsOf are all parts of the project at root, in the order of the list.
func partsOf(root string) ([]part, error) {
	modules, err := modulesOf(root)
	if err != nil {
		return nil, err
	}
	packages, err := packagesOf(filepath.Join(root, "web/app/licences.json"))
	if err != nil {
		return nil, err
	}
	return append(append(modules, packages...), linked...), nil
}

// packagesOf reads what the build of the pages noted of the packages in them.
func packagesOf(file string) (parts []part, err error) {
	noted, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var packages []struct{ Name, Version, Identifier, Text string }
	if err := json.Unmarshal(noted, &packages); err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	for _, p := range packages {
		if p.Identifier == "" {
			p.Identifier = unknown
		}
		one := part{where: inPages, name: p.Name, version: p.Version, licence: p.Identifier}
		if p.Text != "" {
			one.texts = []string{p.Text}
		}
		parts = append(parts, one)
	}
	return parts, nil
}
