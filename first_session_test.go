package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestTheFirstSessionOfTheReadmeRuns pastes its lines, block by block, into shells
// as people have them.
func TestTheFirstSessionOfTheReadmeRuns(t *testing.T) {
	t.Parallel()
	for _, shell := range [][]string{{"bash", "--norc"}, {"zsh", "-f"}} {
		t.Run(shell[0], func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(shell[0]); err != nil {
				unable(t, err)
			}
			p := serving(t)
			paste := typing(t, append(shell, "-i")...)
			blocks := firstSession(t, p.url)
			paste(blocks[0], `"customStatus":"having lunch"}],"failureUserList":[]`)
			paste(blocks[1], `"customStatus":"having lunch"`)
			paste(blocks[2], `"customStatus":"back"`)
			paste("kill %1; echo en''ded\nexit\n", "ended")
		})
	}
}

// firstSession are the blocks to paste, for a server at url.
func firstSession(t *testing.T, url string) (blocks []string) {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(readme), "## A first session by curl\n")
	text, _, _ = strings.Cut(text, "\n## ")
	for i, part := range strings.Split(text, "```") {
		if i%2 == 1 {
			blocks = append(blocks, strings.ReplaceAll(strings.TrimPrefix(part, "sh\n"), "http://127.0.0.1:8080", url))
		}
	}
	if len(blocks) != 3 {
		t.Fatalf("%d blocks to paste", len(blocks))
	}
	return blocks
}

// typing starts a shell; paste types into it and waits for words that come after.
func typing(t *testing.T, command ...string) (paste func(text, words string)) {
	t.Helper()
	shell := exec.Command(command[0], command[1:]...)
	shell.Dir = t.TempDir()
	shell.Env = []string{"HOME=" + shell.Dir, "PATH=" + os.Getenv("PATH"), "TERM=dumb", "LC_ALL=C.UTF-8"}
	shell.WaitDelay = time.Second // what it started in the background may outlive it
	var out journal
	shell.Stdout, shell.Stderr = &out, &out
	in, err := shell.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = shell.Wait()
	}()
	t.Cleanup(func() {
		_ = shell.Process.Kill()
		<-ended
	})
	return func(text, words string) {
		t.Helper()
		before := len(out.text())
		if _, err := in.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if !out.await(ended, func(text string) bool { return strings.Contains(text[before:], words) }) {
			t.Fatalf("no %s after\n%s\nin\n%s", words, text, out.text())
		}
	}
}
