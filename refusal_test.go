package main

import (
	"bytes"
	"crypto/rand"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// refused starts a program that can't work: it says so in one line, with these
// words, and prints nothing else.
func refused(t *testing.T, words string, args ...string) {
	t.Helper()
	p := launch(t, args...)
	code, told := p.exit(), p.stderr.text()
	if code != 1 || p.stdout.text() != "" {
		t.Errorf("%q: exit code %d, printed %q", args, code, p.stdout.text())
	}
	if !strings.HasPrefix(told, "userstatus: ") || strings.Count(told, "\n") != 1 || !strings.HasSuffix(told, "\n") || !strings.Contains(told, words) {
		t.Errorf("%q: told %q, want a line with %q", args, told, words)
	}
	if secretIn(told) != "" {
		t.Errorf("%q: a secret in %q", args, told)
	}
}

// refusedFile is refused for a database, which is named.
func refusedFile(t *testing.T, path, words string) {
	t.Helper()
	refused(t, "--database: database "+path+" "+words, "--listen=127.0.0.1:0", "--database=sqlite:"+path)
}

func TestWrongFlagsAreRefused(t *testing.T) {
	t.Parallel()
	for words, args := range map[string][]string{
		"--listn":          {"--listn=127.0.0.1:0"},
		"--ofline-grace":   {"serve", "--ofline-grace", "1s"},
		"--jwt-secret":     {"--jwt-secret=eyJshort"},
		"--offline-grace":  {"--offline-grace=soon"},
		"--allowed-origin": {"--allowed-origin=https://*.example.com"},
		"--listen":         {"--listen=:0"},
		`"0.0.0.0:0"`:      {"--listen=0.0.0.0:0"},
		"--database":       {"--database=mysql://root@127.0.0.1/x"},
		"--user":           {"token", "--jwt-secret=" + goodSecret},
		`--role is to be "admin" or left out, but got "root"`: {"token", "--jwt-secret=" + goodSecret, "--user=x", "--role=root"},
		"argument": {"serve", goodSecret},
	} {
		refused(t, words, args...)
	}
}

func TestAPortInUseIsRefused(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	address := listener.Addr().String()
	words := "address already in use: end the program that listens there, or choose another port"
	refused(t, words, "--listen="+address, "--database=sqlite:"+newDatabase(t))
	refused(t, `--metrics-listen "`+address+`"`, "--listen=127.0.0.1:0", "--metrics-listen="+address, "--database=sqlite:"+newDatabase(t))
}

func TestADatabaseInUseIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	database := newDatabase(t)
	p := onSecret(t, database, "--offline-grace=0s")
	alice := p.socket(t, "alice")
	refusedFile(t, database, "is in use by another process")
	alice.do(setText("undisturbed"))
	if got := p.statuses("alice")["alice"]; got.StatusType != "ONLINE" {
		t.Errorf("got %+v of somebody who is connected", got)
	}
}

func TestALockedDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	database := newDatabase(t)
	mustExec(t, openFile(t, database), "BEGIN EXCLUSIVE")
	refusedFile(t, database, "cannot be opened: database is locked")
}

func TestADatabaseOfANewerProgramIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	database := newDatabase(t)
	onSecret(t, database).kill()
	file := openFile(t, database)
	mustExec(t, file, "INSERT INTO schema_migrations (version, applied_at) VALUES (99, 0)")
	_ = file.Close()
	refusedFile(t, database, "has schema version 99")
	mustExec(t, openFile(t, database), "DELETE FROM schema_migrations WHERE version = 99")
	onSecret(t, database)
}

func TestWhatIsNoDatabaseIsRefusedAndLeftAsItIs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	noise := filepath.Join(dir, "noise.db")
	content := make([]byte, 64<<10)
	_, _ = rand.Read(content)
	if err := os.WriteFile(noise, content, 0o600); err != nil {
		t.Fatal(err)
	}
	refusedFile(t, noise, "cannot be opened: file is not a database")
	if left, err := os.ReadFile(noise); err != nil || !bytes.Equal(left, content) {
		t.Errorf("the file was changed, %v", err)
	}
	refusedFile(t, dir, "is a directory")
	refusedFile(t, filepath.Join(noise, "below.db"), "cannot be opened: not a directory")
	refusedFile(t, filepath.Join(dir, "missing", "x.db"), "cannot be opened: no such file or directory")
}
