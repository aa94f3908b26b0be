package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"userstatus/auth"
)

// marked is a secret that is found wherever it goes.
func marked(name string) string { return "hunter2-" + name + "-" + strings.Repeat("x", 32) }

// keepsSecrets sees that a text has none of them.
func keepsSecrets(t *testing.T, where, text string) {
	t.Helper()
	for _, sign := range []string{"hunter2", "aHVudGVyMi", "eyJhbGci", "eyJleHAi", "eyJzdWIi"} { // as it is, as base64, and how a token begins
		if at := strings.Index(text, sign); at >= 0 {
			t.Errorf("%s tells a secret: …%s", where, text[max(0, at-200):min(len(text), at+60)])
		}
	}
}

// markedSettings are those of a service whose every secret is marked.
func markedSettings(hooks string) []string {
	return []string{
		"USERSTATUS_JWT_SECRET=" + marked("jwt"), "USERSTATUS_JWT_PREVIOUS_SECRET=" + marked("previous"),
		"USERSTATUS_WEBHOOK_SECRET=whsec_aHVudGVyMi13ZWJob29rLXh4eHh4eHh4eHh4eHg=", "USERSTATUS_WEBHOOK_URL=http://u:" + marked("user") + "@" + hooks + "/" + marked("path") + "?key=" + marked("query"),
	}
}

func TestNothingTheProgramTellsHasASecret(t *testing.T) {
	t.Parallel()
	database := newDatabase(t)
	p := launchWith(t, markedSettings(rude(t, "500 no")), "--listen=127.0.0.1:0", "--database=sqlite:"+database)
	p.url, _ = p.logged("listening")["url"].(string)
	admin := mintedWith(t, marked("jwt"))
	p.do(admin, setText("x"))
	p.logged("the receiver does not take webhooks: they are kept and sent again")
	mustExec(t, openFile(t, database), "INSERT INTO webhook_aside SELECT *, 1 FROM webhook_events")
	for _, a := range p.everyAnswer(admin) {
		keepsSecrets(t, a.method+" "+a.path, a.body+fmt.Sprint(a.header))
	}
	for _, query := range []string{
		`{webhooks{enabled pending setAside}webhooksSetAside(first:9){edges{node{id lastError}}}}`, `{figures{nodes{name}}settings{userStatusEnabled}}`, `{nothing}`,
	} {
		keepsSecrets(t, query, p.ask(http.MethodPost, "/graphql", operation(query), "Content-Type: application/json", "Authorization: Bearer "+admin).body)
	}
	mustExec(t, openFile(t, database), "ALTER TABLE users RENAME TO gone")
	for _, token := range []string{admin, admin + "x", mint("alice"), marked("jwt"), "x." + marked("jwt") + ".y"} {
		got := p.ask(http.MethodPost, "/graphql", operation(setText("x")), "Content-Type: application/json", "Authorization: Bearer "+token)
		keepsSecrets(t, "an answer", got.body+fmt.Sprint(got.header))
	}
	p.logged("a request was not served")
	if err := p.cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	if code := p.exit(); code != 2 || !strings.Contains(p.stderr.text(), "goroutine ") {
		t.Errorf("exit code %d, no dump", code)
	}
	keepsSecrets(t, "the log, with the dump at its end", p.stderr.text())
	keepsSecrets(t, "stdout", p.stdout.text())
}

// What can't work is said without what is secret in it, by each command.
func TestNoRefusalHasASecret(t *testing.T) {
	t.Parallel()
	credentials := t.TempDir() + "/creds"
	if err := os.WriteFile(credentials, []byte("-----BEGIN NATS USER JWT-----\n"+marked("creds")), 0o600); err != nil {
		t.Fatal(err)
	}
	closed := "127.0.0.1:1"
	for _, c := range []struct {
		env, args []string
	}{
		{nil, []string{"--database=postgres://u:" + marked("db") + "@" + closed + "/x"}},
		{nil, []string{"--database=postgres://u:" + marked("db") + "@" + closed + "/x?sslmode=" + marked("mode")}},
		{nil, []string{"--database=postgres://u:" + marked("db") + "@" + closed + "/x", "--nats=nats://u:" + marked("nats") + "@" + closed}},
		{nil, []string{"--nats=nats://u:" + marked("nats") + "@" + closed, "--nats-credentials=" + credentials}},
		{nil, []string{"--nats=http://u:" + marked("nats") + "@" + closed, "--database=postgres://u:" + marked("db") + "@" + closed + "/x"}},
		{nil, []string{"--jwks-url=http://u:" + marked("keys") + "@" + closed, "--listen=nowhere"}},
		{nil, []string{"--webhook-url=http://u:" + marked("hook") + "@" + closed, "--webhook-secret=" + marked("hook")}},
		{markedSettings(closed), []string{"--listen=nowhere"}},
		{markedSettings(closed), []string{"--database=sqlite:/nowhere/at/all"}},
		{markedSettings(closed), []string{"--jwks-url=http://" + closed}},
		{markedSettings(closed), []string{"--help"}},
		{markedSettings(closed), []string{"token", "--user="}},
		{markedSettings(closed), []string{"backup", "--to=/nowhere/at/all"}},
		{markedSettings(closed), []string{"health", "--listen=" + closed}},
		{[]string{"OTEL_TRACES_EXPORTER=otlp", "OTEL_EXPORTER_OTLP_ENDPOINT=http://u:" + marked("traces") + "@%zz", "OTEL_EXPORTER_OTLP_HEADERS=key=" + marked("header")}, nil},
	} {
		p := launchWith(t, c.env, c.args...)
		p.exit()
		keepsSecrets(t, fmt.Sprintf("%q", c.args), p.stdout.text()+p.stderr.text())
	}
}

// A host of keys or of traces that is away is named without what is secret in its
// address.
func TestWhoIsAwayIsNamedWithoutTheirPassword(t *testing.T) {
	t.Parallel()
	p := launchWith(t, []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_HEADERS=key=" + marked("header"), "OTEL_BSP_SCHEDULE_DELAY=50", "OTEL_EXPORTER_OTLP_TIMEOUT=200"},
		"--listen=127.0.0.1:0", "--database=sqlite:"+newDatabase(t), "--jwks-url=http://u:"+marked("keys")+"@127.0.0.1:1/keys")
	p.url, _ = p.logged("listening")["url"].(string)
	p.logged("signing keys not fetched")
	p.get("/graphql?query={__typename}")
	p.logged("traces can't be sent and are dropped")
	p.terminate()
	p.exit()
	keepsSecrets(t, "the log", p.stderr.text())
}

func mintedWith(t *testing.T, secret string) string {
	t.Helper()
	token, err := auth.NewMinter([]byte(secret), auth.Checks{}).Mint("boss", true, time.Hour, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return token
}
