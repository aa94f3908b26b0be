package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A shell's session: the words typed so far, the last of which is completed.
var completions = []struct {
	typed   []string
	want    []string // among what is offered
	notWant []string
}{
	{[]string{""}, []string{"serve", "token", "backup", "health", "completion", "version"}, []string{"--listen"}},
	{[]string{"he"}, []string{"health"}, []string{"serve"}},
	{[]string{"--max"}, []string{"--max-subscriptions", "--max-connections-per-user", "--max-connections"}, []string{"--listen", "serve"}},
	{[]string{"serve", "--no-i"}, []string{"--no-introspection"}, []string{"--node-name"}},
	{[]string{"token", "--"}, []string{"--user", "--role", "--ttl"}, []string{"--listen"}},
	{[]string{"token", "--role", ""}, []string{"admin"}, []string{"--user"}},
	{[]string{"completion", ""}, []string{"bash", "zsh", "fish"}, []string{"serve"}},
	{[]string{"backup", "--to", "set"}, []string{"settings.yaml"}, []string{"--database"}},
}

// shells are asked for what they complete; each prints a candidate a line.
var shells = map[string]func(script string, typed []string) *exec.Cmd{
	"bash": func(script string, typed []string) *exec.Cmd {
		program := `compopt() { :; }; source "$0"; COMP_WORDS=(userstatus "$@"); COMP_CWORD=$#; _userstatus; printf '%s\n' "${COMPREPLY[@]}"`
		return exec.Command("bash", append([]string{"--norc", "-c", program, script}, typed...)...)
	},
	"fish": func(script string, typed []string) *exec.Cmd {
		return exec.Command("fish", "--no-config", "-c", `source $argv[1]; complete -C $argv[2]`, script, "userstatus "+strings.Join(typed, " "))
	},
	// In a terminal of its own, with what would be offered written to a file.
	"zsh": func(script string, typed []string) *exec.Cmd {
		return exec.Command("zsh", "-f", "-c", zshSession, script, "userstatus "+strings.Join(typed, " "))
	},
}

const zshSession = `
zmodload zsh/zpty
zpty shell zsh -f -i
ask() { zpty -w shell "$1"; local line; while zpty -r shell line; do [[ $line == *"$2"* ]] && return; done }
zpty -w shell 'PS1= PS2= RPS1=; stty -echo; unsetopt zle_bracketed_paste 2>/dev/null; source '"$0"
zpty -w shell 'compadd() { if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)(|\ *) ]]; then builtin compadd "$@"; return; fi; local -a __hits; builtin compadd -O __hits "$@"; print -rl -- $__hits >> offered; builtin compadd "$@" }'
ask 'print re''ady' ready
zpty -n -w shell "$1"$'\t'
zpty -n -w shell $'\C-u'
ask 'print fi''nished' finished
zpty -d shell
cat offered`

func TestAShellCompletesTheCommandLine(t *testing.T) {
	t.Parallel()
	for shell, command := range shells {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(shell); err != nil {
				unable(t, err)
			}
			p := launch(t, "completion", shell)
			if code := p.exit(); code != 0 {
				t.Fatalf("exit code %d: %s", code, p.stderr.text())
			}
			for _, c := range completions {
				offered := offeredBy(t, command, p.stdout.text(), c.typed)
				if !containsAll(offered, c.want) || slices.ContainsFunc(c.notWant, func(one string) bool { return slices.Contains(offered, one) }) {
					t.Errorf("%q: offered is %q, want %q, and not %q", c.typed, offered, c.want, c.notWant)
				}
			}
		})
	}
}

func offeredBy(t *testing.T, command func(string, []string) *exec.Cmd, script string, typed []string) (offered []string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"script": script, "settings.yaml": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	shell := command(filepath.Join(dir, "script"), typed)
	shell.Dir = dir
	shell.Env = []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "TERM=dumb", "LC_ALL=C.UTF-8"}
	out, err := shell.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, fmt.Sprint(err))
	}
	for line := range strings.Lines(string(out)) {
		word, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
		offered = append(offered, word)
	}
	return offered
}

func containsAll(list, wanted []string) bool {
	for _, one := range wanted {
		if !slices.Contains(list, one) {
			return false
		}
	}
	return true
}

func TestNoOtherShellHasAScript(t *testing.T) {
	refusesConfig(t, env(), []string{"completion", "csh"}, `must be one of "bash","zsh","fish"`)
	refusesConfig(t, env(), []string{"completion"}, "<shell> is missing: bash, zsh and fish go")
}
