package main

import (
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// variable is the name of a flag in the environment.
func variable(flag string) string {
	return "USERSTATUS_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// fromEnv takes the place of kong's own env tags, which read the process's environment.
func fromEnv(getenv func(string) string) kong.ResolverFunc {
	return func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		value := getenv(variable(flag.Name))
		if value == "" || flag.Name == "help" {
			return nil, nil
		}
		return value, nil
	}
}

// describe adds to a flag's help what else one wants to know of it.
func describe(value *kong.Value) string {
	if value.Name == "help" {
		return "Print this."
	}
	help := value.Help
	if value.Default != "" {
		help += " Default: " + value.Default + "."
	}
	return help + " [" + variable(value.Name) + "]"
}

// printHelp shows the flags of serve where no command is named, for one need not name it.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	if ctx.Selected() != nil {
		return kong.DefaultHelpPrinter(options, ctx)
	}
	if _, err := io.WriteString(ctx.Stdout, introduction); err != nil {
		return err
	}
	serve, err := kong.Trace(ctx.Kong, []string{commandServe})
	if err != nil {
		return err
	}
	serve.Selected().Help = ""
	options.NoAppSummary = true
	return kong.DefaultHelpPrinter(options, serve)
}
