package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// module is what the project's own import paths begin with.
const module = "userstatus"

// mayImport says of each of the project's packages which others it may import.
// The program itself may import all, and bench is a user of it all.
var mayImport = map[string][]string{
	"admission":          {},
	"presence":           {},
	"auth":               {"presence"},
	"db":                 {"presence"},
	"db/disktest":        {},
	"db/pgtest":          {},
	"broadcast":          {"presence"},
	"broadcast/natstest": {},
	"chaos":              {},
	"deploy":             {},
	"graph/transport":    {"presence", "admission"},
	"graph":              {"presence", "admission", "graph/transport"},
	"licences":           {},
	"metrics":            {"presence"},
	"tracing":            {},
	"web":                {"presence"},
	"webhook":            {"presence"},
}

// goPackage is what go list tells of one.
type goPackage struct {
	ImportPath, Dir  string
	GoFiles, Imports []string
	Standard         bool
}

func listed(t *testing.T, patterns ...string) (packages []goPackage) {
	t.Helper()
	list := exec.Command("go", append([]string{"list", "-deps", "-json=ImportPath,Dir,GoFiles,Imports,Standard"}, patterns...)...)
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); decoder.More(); {
		var p goPackage
		if err := decoder.Decode(&p); err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	return packages
}

// own is a package's path within the project; empty for the root.
func own(importPath string) (path string, isOwn bool) {
	if importPath == module {
		return "", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

func isBench(path string) bool { return path == "bench" || strings.HasPrefix(path, "bench/") }

func TestPackagesImportOnlyWhatTheyMay(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, p := range listed(t, "./...") {
		path, isOwn := own(p.ImportPath)
		if !isOwn || path == "" || isBench(path) {
			continue
		}
		allowed, known := mayImport[path]
		if !known {
			t.Errorf("package %s is new: say in mayImport what it may import", path)
		}
		checked++
		for _, imported := range p.Imports {
			if other, isOwn := own(imported); isOwn && !slices.Contains(allowed, other) {
				t.Errorf("%s imports %s", path, other)
			}
		}
	}
	if checked != len(mayImport) {
		t.Errorf("%d packages were found, %d are known", checked, len(mayImport))
	}
}

func TestTheDomainIsOfTheStandardLibraryAlone(t *testing.T) {
	t.Parallel()
	for _, p := range listed(t, "./presence") {
		if path, isOwn := own(p.ImportPath); !p.Standard && (!isOwn || path != "presence") {
			t.Errorf("presence comes with %s", p.ImportPath)
		}
	}
}

// settingsIn finds in a file what reads a setting or names one.
func settingsIn(file *ast.File) (found []string) {
	named := regexp.MustCompile(`USERSTATUS_|^--[a-z]`)
	for _, text := range literals(file) {
		if named.MatchString(text) {
			found = append(found, text)
		}
	}
	for _, used := range selectors(file) {
		if slices.Contains([]string{"os.Getenv", "os.LookupEnv", "os.Environ", "os.Args", "flag.Parse", "kong.New"}, used) {
			found = append(found, used)
		}
	}
	return found
}

// The settings are in the files named here, how they become variables is in flags.go. The
// program hands them its arguments and environment, and names the flag
// whose address, or name, it can't use.
func TestSettingsAreReadInOnePlace(t *testing.T) {
	t.Parallel()
	elsewhere := map[string][]string{"server.go": {"--cluster-listen: %w", "--database: %w", "--database: database %s cannot be used: %w", "--database: database %s cannot be used: %w", "--listen %q: %w", "--nats: %w", "--node-name: %w", "os.Args", "os.Getenv"}, "watch.go": {"--metrics-listen %q: %w"}}
	for _, p := range listed(t, "./...") {
		path, isOwn := own(p.ImportPath)
		if !isOwn || isBench(path) || path == "broadcast/natstest" || path == "licences" { // which name settings of nats-server, and of their own
			continue
		}
		for _, file := range p.GoFiles {
			name := filepath.Join(path, file)
			parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, file), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			found := settingsIn(parsed)
			slices.Sort(found)
			if !slices.Contains([]string{"config.go", "config_nodes.go", "config_checks.go", "config_commands.go", "config_errors.go", "config_file.go", "config_webhooks.go", "flags.go"}, name) && !slices.Equal(found, elsewhere[name]) {
				t.Errorf("%s has %q", name, found)
			}
		}
	}
}

// literals are a file's strings.
func literals(file *ast.File) (texts []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			text, _ := strconv.Unquote(literal.Value)
			texts = append(texts, text)
		}
		return true
	})
	return texts
}

// selectors are what a file takes of packages, and of other things: x.Y.
func selectors(file *ast.File) (names []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := selector.X.(*ast.Ident); ok {
				names = append(names, x.Name+"."+selector.Sel.Name)
			}
		}
		return true
	})
	return names
}
