package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// configFlag names the file of settings, which can't name another one.
const configFlag = "config"

// settingsFile is a file of settings: flags of serve without their dashes, each
// once. Its errors are one line with the file's name and, as far as it is one's
// fault, the line and the setting; never a value, which may be a secret.
type settingsFile struct {
	path  string
	flags map[string]*kong.Flag
	given map[string]setting
	// used are the settings that no flag and no variable has beaten.
	used map[string]bool
}

type setting struct {
	value any // a string, or []any of strings
	line  int
}

// openSettings reads the file that the arguments or the variable name. There
// is none where the command takes none.
func openSettings(k *kong.Kong, args []string, getenv func(string) string) (*settingsFile, error) {
	f := &settingsFile{path: fileNamed(k, args, getenv), flags: serveFlags(k), given: map[string]setting{}, used: map[string]bool{}}
	if f.path == "" {
		return f, nil
	}
	text, err := os.ReadFile(f.path)
	if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	if err != nil {
		return f, fmt.Errorf("--%s %s: %w", configFlag, f.path, err)
	}
	return f, f.read(text)
}

func fileNamed(k *kong.Kong, args []string, getenv func(string) string) (path string) {
	trace, err := kong.Trace(k, args)
	if err != nil {
		return "" // parsing says what is wrong
	}
	for _, step := range trace.Path {
		if step.Flag != nil && step.Flag.Name == configFlag {
			return fmt.Sprint(trace.FlagValue(step.Flag))
		}
		for _, flag := range step.Flags {
			if flag.Name == configFlag {
				path = getenv(variable(configFlag))
			}
		}
	}
	return path
}

// serveFlags are what a file can set, by their names.
func serveFlags(k *kong.Kong) map[string]*kong.Flag {
	flags := map[string]*kong.Flag{}
	for _, node := range k.Model.Children {
		if node.Name != commandServe {
			continue
		}
		for _, flag := range node.Flags {
			if flag.Name != configFlag && flag.Name != "help" {
				flags[flag.Name] = flag
			}
		}
	}
	return flags
}

func (f *settingsFile) read(text []byte) error {
	file, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return f.unreadable(err)
	}
	for i, document := range file.Docs {
		if document.Body == nil || document.Body.Type() == ast.NullType || document.Body.Type() == ast.CommentType {
			continue
		}
		settings, ok := document.Body.(*ast.MappingNode)
		if !ok || i > 0 {
			return f.wrong(document.Body, "settings are written name: value, each on a line of its own")
		}
		for _, one := range settings.Values {
			if err := f.take(one); err != nil {
				return err
			}
		}
	}
	return nil
}

// unreadable leaves out the parser's words, which show the text.
func (f *settingsFile) unreadable(err error) error {
	if syntax := (*yaml.SyntaxError)(nil); errors.As(err, &syntax) && syntax.Token != nil {
		return fmt.Errorf("%s, line %d: this is not YAML", f.path, syntax.Token.Position.Line)
	}
	return fmt.Errorf("%s is not YAML", f.path)
}

func (f *settingsFile) wrong(at ast.Node, format string, args ...any) error {
	return fmt.Errorf("%s, line %d: %s", f.path, lineOfNode(at), fmt.Sprintf(format, args...))
}

func lineOfNode(node ast.Node) int { return node.GetToken().Position.Line }

// nameOfFlag is what may be shown of an unknown key: more would be text that
// has lost its place.
var nameOfFlag = regexp.MustCompile(`^[a-zA-Z_-]{1,40}$`)

func (f *settingsFile) take(one *ast.MappingValueNode) error {
	key, ok := one.Key.(*ast.StringNode)
	if !ok || !nameOfFlag.MatchString(key.Value) {
		return f.wrong(one.Key, "this is not the name of a setting")
	}
	flag, known := f.flags[key.Value]
	if !known {
		return f.wrong(key, "there is no setting %s; those of serve go, written as in --help without the dashes", key.Value)
	}
	if earlier, twice := f.given[key.Value]; twice {
		return f.wrong(key, "%s is set already, in line %d", key.Value, earlier.line)
	}
	value, ok := valueFor(flag, one.Value)
	if !ok {
		return f.wrong(key, "%s is to be %s", key.Value, kindOf(flag).wanted)
	}
	f.given[key.Value] = setting{value, lineOfNode(key)}
	return nil
}

const (
	wantedDuration = "a duration, such as 500ms, 10s or 1h30m"
	wantedNumber   = "a whole number"
)

// kind is which values a flag takes.
type kind struct {
	types  []ast.NodeType
	many   bool
	wanted string
}

func kindOf(flag *kong.Flag) kind {
	target := flag.Target.Type()
	if target.Kind() == reflect.Pointer {
		target = target.Elem()
	}
	text := []ast.NodeType{ast.StringType, ast.LiteralType}
	switch {
	case target == reflect.TypeFor[time.Duration]():
		return kind{text, false, wantedDuration}
	case target.Kind() == reflect.Bool:
		return kind{[]ast.NodeType{ast.BoolType}, false, "true or false"}
	case target.Kind() == reflect.Int:
		return kind{[]ast.NodeType{ast.IntegerType}, false, wantedNumber}
	case target.Kind() == reflect.Slice:
		return kind{text, true, "a list of texts"}
	}
	return kind{text, false, "a text; one of digits needs quotes"}
}

func valueFor(flag *kong.Flag, node ast.Node) (value any, ok bool) {
	kind := kindOf(flag)
	list, isList := node.(*ast.SequenceNode)
	if !isList {
		return scalar(kind, node)
	}
	values := []any{}
	for _, item := range list.Values {
		one, ok := scalar(kind, item)
		if !ok {
			return nil, false
		}
		values = append(values, one)
	}
	return values, kind.many
}

func scalar(kind kind, node ast.Node) (text string, ok bool) {
	for _, accepted := range kind.types {
		ok = ok || node.Type() == accepted
	}
	switch node := node.(type) {
	case *ast.StringNode:
		return node.Value, ok
	case *ast.LiteralNode:
		return strings.TrimRight(node.Value.Value, "\n"), ok
	}
	return node.GetToken().Value, ok
}

// resolve is the file's part in kong's: an empty value counts as unset, as
// that of a variable does.
func (f *settingsFile) resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	set, ok := f.given[flag.Name]
	if list, isList := set.value.([]any); !ok || set.value == "" || isList && len(list) == 0 {
		return nil, nil
	}
	f.used[flag.Name] = true
	return set.value, nil
}

var aboutFlag = regexp.MustCompile(`^--([a-z-]+)`)

// locate adds to an error about a flag where its value is from, if from the file.
func (f *settingsFile) locate(err error) error {
	if err == nil {
		return nil
	}
	if flag := aboutFlag.FindStringSubmatch(err.Error()); flag != nil && f.used[flag[1]] {
		return fmt.Errorf("%s, line %d: %w", f.path, f.given[flag[1]].line, err)
	}
	return err
}
