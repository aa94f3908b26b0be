package main

import (
	"embed"
	"io"
	"slices"
	"strings"
	"text/template"

	"github.com/alecthomas/kong"
)

//go:embed completion/*.tmpl
var completionFiles embed.FS

// completionTemplates are named by the shell, with .tmpl behind it.
var completionTemplates = template.Must(template.New("").Funcs(template.FuncMap{
	"zsh":  func(text string) string { return strings.NewReplacer(`'`, `'\''`, `:`, `\:`).Replace(text) },
	"fish": func(text string) string { return strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) },
	"join": strings.Join,
}).ParseFS(completionFiles, "completion/*.tmpl"))

// completion is what a shell's script is made of.
type completion struct {
	Commands []completionCommand
	// Values are the flags and commands that take one of a few, by their names
	// as they are typed; Files and Others are flags with another value.
	Values        map[string][]string
	Files, Others []string
}

type completionCommand struct {
	Name, Help string
	Default    bool // needs not be named
	Flags      []completionFlag
}

type completionFlag struct {
	Name, Help  string // the name without dashes
	Values      []string
	Value, File bool
}

// writeCompletion writes the script with which a shell completes the commands
// and flags of the model.
func writeCompletion(to io.Writer, shell string, model *kong.Application) error {
	c := completion{Values: map[string][]string{}}
	for _, node := range model.Children {
		c.Commands = append(c.Commands, c.command(node, node == model.DefaultCmd))
	}
	return completionTemplates.ExecuteTemplate(to, shell+".tmpl", c)
}

func (c *completion) command(node *kong.Node, isDefault bool) completionCommand {
	command := completionCommand{Name: node.Name, Help: firstSentence(node.Help), Default: isDefault}
	for _, positional := range node.Positional {
		c.Values[node.Name] = positional.EnumSlice()
	}
	for _, group := range node.AllFlags(false) {
		for _, flag := range group {
			command.Flags = append(command.Flags, c.flag(flag)...)
		}
	}
	return command
}

func (c *completion) flag(flag *kong.Flag) (flags []completionFlag) {
	one := completionFlag{Name: flag.Name, Help: firstSentence(flag.Help), Value: !flag.IsBool(), File: flag.PlaceHolder == "FILE"}
	if flag.Name == "help" {
		one.Help = "Print help"
	}
	if flag.Enum != "" {
		one.Values = slices.DeleteFunc(flag.EnumSlice(), func(value string) bool { return value == "" })
	}
	switch name := "--" + flag.Name; {
	case len(one.Values) > 0:
		c.Values[name] = one.Values
	case one.File && !slices.Contains(c.Files, name):
		c.Files = append(c.Files, name)
	case one.Value && !one.File && !slices.Contains(c.Others, name):
		c.Others = append(c.Others, name)
	}
	flags = append(flags, one)
	if flag.Tag.Negatable != "" {
		flags = append(flags, completionFlag{Name: "no-" + flag.Name, Help: "Not: " + one.Help})
	}
	return flags
}

// firstSentence is short enough for a line of a list.
func firstSentence(help string) string {
	first, _, _ := strings.Cut(help, ". ")
	first, _, _ = strings.Cut(first, ";")
	return strings.TrimSuffix(first, ".")
}
