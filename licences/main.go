// Licences says under which terms the parts of the program are: the modules that
// are linked into it, the packages that its pages are made of, and what the
// linker brings along.
//
//	go run ./licences                  writes docs/licences.md
//	go run ./licences -notices FILE    writes the licences' texts, for those who hand on the program
//	go run ./licences -bom FILE        completes a bill of materials in CycloneDX's JSON, of Go modules
package main

import (
	"flag"
	"fmt"
	"os"
)

// table is where the list is kept, from the project's root.
const table = "docs/licences.md"

func main() {
	notices := flag.String("notices", "", "file to write the licences' texts to")
	bom := flag.String("bom", "", "bill of materials to complete")
	flag.Parse()
	if err := run(".", *notices, *bom); err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

func run(root, notices, bom string) error {
	parts, err := partsOf(root)
	if err != nil {
		return err
	}
	switch {
	case notices != "":
		return os.WriteFile(notices, noticesOf(parts), 0o644)
	case bom != "":
		return completeFile(bom, parts)
	}
	return os.WriteFile(table, tableOf(parts), 0o644)
}
