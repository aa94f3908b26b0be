package main

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

func settingsFrom(t *testing.T, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "settings.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAFlagBeatsItsVariableAndThatTheFile(t *testing.T) {
	path := settingsFrom(t, `# of a test
listen: :8080
jwt-secret: "`+goodSecret+`"
database: sqlite:/var/lib/us er.db
allowed-origin:
  - https://a.example
  - https://b.example
offline-grace: 1s
ping-interval: 2s
set-status-rate: 3
max-subscriptions: 0
introspection: yes-no
node-name: 'n1'
`)
	refusesConfig(t, env(), []string{"--config=" + path}, path+", line 12: introspection is to be true or false")
	path = settingsFrom(t, strings.Replace(read(t, path), "yes-no", "true", 1))
	getenv := env("USERSTATUS_CONFIG", path, "USERSTATUS_PING_INTERVAL", "4s", "USERSTATUS_OFFLINE_GRACE", "5s")
	got := parsed(t, getenv, "--offline-grace=6s")
	want := config{
		Command: commandServe, Listen: ":8080", DatabasePath: "/var/lib/us er.db", History: 7 * 24 * time.Hour, NodeName: "n1", Secret: []byte(goodSecret),
		Origins: []string{"https://a.example", "https://b.example"}, OfflineGrace: 6 * time.Second, PingInterval: 4 * time.Second,
		SetStatusRate: 3, MaxSubscriptions: 0, MaxConnectionsPerUser: 50, MaxConnections: 100_000, Introspection: true,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := parsed(t, env("USERSTATUS_CONFIG", "nowhere"), "--config="+path, "--no-introspection", "--allowed-origin=https://c.example"); got.Introspection || !slices.Equal(got.Origins, []string{"https://c.example"}) {
		t.Errorf("got %+v", got)
	}
}

func TestOneFileServesAllCommands(t *testing.T) {
	path := settingsFrom(t, "listen: 0.0.0.0:9\njwt-secret: |\n  "+goodSecret+"\ndatabase: sqlite:x.db\njwt-issuer: me\noffline-grace: broken\n")
	getenv := env("USERSTATUS_CONFIG", path)
	if c := parsed(t, getenv, "token", "--user=alice"); string(c.Secret) != goodSecret || c.Issuer != "me" {
		t.Errorf("got %+v", c)
	}
	if c := parsed(t, getenv, "health"); c.ReadyURL != "http://127.0.0.1:9/readyz" {
		t.Errorf("got %+v", c)
	}
	if c := parsed(t, getenv, "backup", "--to=y.db"); c.DatabasePath != "x.db" || c.BackupTo != "y.db" {
		t.Errorf("got %+v", c)
	}
	for _, command := range []string{"version", "completion"} {
		parsed(t, env("USERSTATUS_CONFIG", "nowhere"), strings.Fields(command + " bash")[:map[string]int{"version": 1, "completion": 2}[command]]...)
	}
	refusesConfig(t, getenv, nil, path+", line 6: --offline-grace is to be a duration, such as 500ms")
}

func TestAFileThatCannotBeUsedIsRefused(t *testing.T) {
	const secret = "hunter2-hunter2"
	dir := t.TempDir()
	refusesConfig(t, env(), []string{"--config=" + dir}, "--config "+dir+": is a directory")
	refusesConfig(t, env("USERSTATUS_CONFIG", dir+"/no"), nil, "--config "+dir+"/no: no such file or directory")
	for text, said := range map[string]string{
		"listn: x":                                "line 1: there is no setting listn",
		"\n\n--listen: :80":                       "line 3: there is no setting --listen",
		"config: other.yaml":                      "line 1: there is no setting config",
		"help: true":                              "there is no setting help",
		"user: alice":                             "there is no setting user",
		"listen: :80\nlisten: :81":                "line 2: listen is set already, in line 1",
		"listen:":                                 "line 1: listen is to be a text",
		"listen: 80":                              "line 1: listen is to be a text; one of digits needs quotes",
		"listen: [':80']":                         "listen is to be a text",
		"listen: {port: 80}":                      "listen is to be a text",
		"node-name: true":                         "node-name is to be a text",
		"offline-grace: 10":                       "offline-grace is to be a duration",
		"offline-grace: soon":                     "line 1: --offline-grace is to be a duration, such as 500ms",
		"offline-grace: 25h":                      "line 1: --offline-grace is 25h, from 0s to 24h go",
		"introspection: 'true'":                   "introspection is to be true or false",
		"set-status-rate: '3'":                    "set-status-rate is to be a whole number",
		"set-status-rate: 1.5":                    "set-status-rate is to be a whole number",
		"set-status-rate: -1":                     "line 1: --set-status-rate is -1",
		"allowed-origin: [1]":                     "allowed-origin is to be a list of texts",
		"allowed-origin: [[a]]":                   "allowed-origin is to be a list of texts",
		"allowed-origin: [https://a.example/]":    "line 1: --allowed-origin",
		"jwt-secret: " + secret:                   "line 1: --jwt-secret has 15 bytes",
		"jwt-secret " + secret:                    "line 1: settings are written name: value",
		"jwt-secret\n" + secret:                   "settings are written name: value",
		"- jwt-secret: " + secret:                 "settings are written name: value",
		secret + ": x":                            "line 1: this is not the name of a setting",
		"jwt-secret: [" + secret:                  "line 1: this is not YAML",
		"jwt-secret: \"" + secret:                 "this is not YAML",
		"listen: :80\n\tjwt-secret: " + secret:    "this is not YAML",
		"listen: x\n  jwt-secret: " + secret:      "this is not YAML",
		"jwt-secret: &a " + secret:                "jwt-secret is to be a text",
		"jwt-secret: !!str " + secret:             "jwt-secret is to be a text",
		"jwt-secret: {" + secret + ": x}":         "jwt-secret is to be a text",
		"listen: :80\n---\njwt-secret: " + secret: "settings are written",
		"jwt-issuer: x":                           "line 1: --jwt-issuer checks nothing",
		"\x00\xff" + secret:                       "",
	} {
		path := settingsFrom(t, text)
		refusesConfig(t, env(), []string{"--config", path}, path, said)
		if _, err := parseConfig([]string{"--config", path}, env(), io.Discard); err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("%q: told in %q", text, err)
		}
	}
}

func TestAnErrorOfAFlagIsNotBlamedOnTheFile(t *testing.T) {
	path := settingsFrom(t, "set-status-rate: 5\n")
	_, err := parseConfig([]string{"--config=" + path, "--set-status-rate=-1"}, env(), io.Discard)
	if err == nil || strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
}

func TestAnEmptyFileOrValueSetsNothing(t *testing.T) {
	want := nameless(t, parsed(t, env()))
	for _, text := range []string{"", "# nothing\n", "---\n", "listen: ''\nallowed-origin: []\njwks-url: \"\"\n"} {
		if got := nameless(t, parsed(t, env(), "--config="+settingsFrom(t, text))); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %+v", text, got)
		}
	}
}

var commentedSetting = regexp.MustCompile(`(?m)^#([a-z-]+: )`)

func TestTheExampleHasEverySettingAtItsDefault(t *testing.T) {
	example := read(t, "deploy/userstatus.yaml")
	k, err := kong.New(&settings{})
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, setting := range commentedSetting.FindAllStringSubmatch(example, -1) {
		named = append(named, strings.TrimSuffix(setting[1], ": "))
	}
	for name := range serveFlags(k) {
		if !slices.Contains(named, name) {
			t.Errorf("%s is not in the example", name)
		}
	}
	if len(named) != len(serveFlags(k)) {
		t.Errorf("the example has %q", named)
	}
	want := nameless(t, parsed(t, env()))
	for _, text := range []string{example, commentedSetting.ReplaceAllString(example, "$1")} {
		if got := nameless(t, parsed(t, env(), "--config="+settingsFrom(t, text))); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheServiceIsAskedWhereItListens(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:8080": "127.0.0.1:8080", ":80": "127.0.0.1:80", "0.0.0.0:80": "127.0.0.1:80", "[::]:80": "[::1]:80",
		"10.1.2.3:80": "10.1.2.3:80", "[fe80::1]:80": "[fe80::1]:80", "localhost:80": "localhost:80",
	} {
		if got := parsed(t, env("USERSTATUS_LISTEN", address), "health").ReadyURL; got != "http://"+want+"/readyz" {
			t.Errorf("%s: got %s", address, got)
		}
	}
	refusesConfig(t, env(), []string{"health", "--listen=here"}, `--listen "here"`)
}

func TestWhatCannotBeBackedUpIsRefused(t *testing.T) {
	refusesConfig(t, env(), []string{"backup"}, "--to is needed")
	refusesConfig(t, env(), []string{"backup", "--to=x", "--database=x"}, "--database: only sqlite:PATH")
	refusesConfig(t, env("USERSTATUS_DATABASE", "postgres://u:hunter2@db/x"), []string{"backup", "--to=x"}, "--database is a Postgres: back it up with pg_dump")
}

func TestAPreviousSecretGoesWithANewOne(t *testing.T) {
	older := strings.Repeat("o", 32)
	c := parsed(t, env("USERSTATUS_JWT_PREVIOUS_SECRET", older), "--jwt-secret="+goodSecret)
	if string(c.PreviousSecret) != older || string(c.Secret) != goodSecret {
		t.Errorf("got %+v", c)
	}
	refusesConfig(t, env(), []string{"--jwt-previous-secret=" + older}, "--jwt-previous-secret is for --jwt-secret")
	refusesConfig(t, env(), []string{"--jwt-previous-secret=" + older, "--jwks-url=https://id.example"}, "--jwt-previous-secret is for --jwt-secret")
	refusesConfig(t, env(), []string{"--jwt-previous-secret=" + older[1:], "--jwt-secret=" + goodSecret}, "--jwt-previous-secret has 31 bytes")
}
