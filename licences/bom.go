package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
)

// completeFile gives a bill of materials what its tool doesn't see.
func completeFile(file string, parts []part) error {
	bom, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if bom, err = complete(bom, parts); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, bom, 0o644)
}

// complete has each module's licence put in, and all the other parts. A module
// that is in the bill and not among the parts, or the other way round, is an error.
func complete(bom []byte, parts []part) ([]byte, error) {
	var bill map[string]any
	if err := json.Unmarshal(bom, &bill); err != nil {
		return nil, err
	}
	components, _ := bill["components"].([]any)
	for _, p := range parts {
		if p.where != inProgram {
			components = append(components, p.component())
			continue
		}
		i := slices.IndexFunc(components, func(c any) bool { return c.(map[string]any)["name"] == p.name })
		if i < 0 {
			return nil, fmt.Errorf("%s is linked and not in it", p.name)
		}
		components[i].(map[string]any)["licenses"] = p.licences()
	}
	for _, c := range components {
		if c := c.(map[string]any); c["licenses"] == nil {
			return nil, fmt.Errorf("%s is in it and not linked", c["name"])
		}
	}
	if len(components) == 0 {
		return nil, errors.New("it has no components")
	}
	bill["components"] = components
	var to bytes.Buffer
	encoder := json.NewEncoder(&to)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(bill)
	return to.Bytes(), err
}

func (p part) component() map[string]any {
	c := map[string]any{"type": "library", "name": p.name, "licenses": p.licences()}
	if p.where == inPages {
		url := "pkg:npm/" + escaped(p.name) + "@" + p.version
		c["version"], c["purl"], c["bom-ref"] = p.version, url, url
	}
	return c
}

// escaped is a package's name in a package URL, where a scope's @ is %40.
func escaped(name string) string {
	if name[0] == '@' {
		return "%40" + name[1:]
	}
	return name
}

func (p part) licences() []any { return []any{map[string]any{"expression": p.licence}} }
