package main

import (
	"bytes"
	"encoding/base64"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml/ast"

	"userstatus/webhook"
)

// hidden is what must not be told where a setting with secrets is refused.
const hidden = "hunter2-hunter2"

// ofNoSecret are errors that may show a value: it is an address, a name, a
// number or a time, or the scheme of a database.
var ofNoSecret = regexp.MustCompile(`--(listen|metrics-listen|cluster-listen|cluster-peers|trusted-proxy|node-name|allowed-origin|config|history|offline-grace|ping-interval|` +
	`set-status-rate|max-[a-z-]+|role|ttl|introspection|no-introspection|shell)\b|--database: [A-Za-z0-9._-]+: does not go|<shell> must be one of|^unknown flag -|settings\.yaml`)

// checkRefusal checks an error: one line, that names what is wrong.
func checkRefusal(t *testing.T, err error) {
	t.Helper()
	text := err.Error()
	if text == "" || strings.ContainsAny(text, "\r\n") {
		t.Errorf("refused with %q", text)
	}
	if strings.Contains(text, hidden) && !ofNoSecret.MatchString(text) {
		t.Errorf("a secret is in %q", text)
	}
}

// checkConfig checks a set-up that is accepted: it can work, and is the same
// when it is told anew.
func checkConfig(t *testing.T, c config) {
	t.Helper()
	if c.Command != commandServe {
		return
	}
	host, port, err := net.SplitHostPort(c.Listen)
	if number, bad := strconv.Atoi(port); err != nil || bad != nil || number < 0 || number > 65535 {
		t.Errorf("listens on %q", c.Listen)
	}
	ip := net.ParseIP(host)
	if c.Development != (c.Secret == nil && c.JWKSURL == "") || c.Development && !strings.EqualFold(host, "localhost") && (ip == nil || !ip.IsLoopback()) {
		t.Errorf("development mode is %v on %q", c.Development, c.Listen)
	}
	if c.Secret != nil && len(c.Secret) < 32 || c.PreviousSecret != nil && len(c.PreviousSecret) < 32 || c.Secret != nil && c.JWKSURL != "" {
		t.Errorf("signs with %d bytes, or %d", len(c.Secret), len(c.PreviousSecret))
	}
	if (c.DatabasePath == "") == (c.DatabaseURL == "") || (c.NATSURL != "" || c.Embedded) && c.DatabaseURL == "" || (c.WebhookURL == nil) != (len(c.WebhookSecrets) == 0) {
		t.Errorf("half of a set-up: %+v", c)
	}
	if c.OfflineGrace < 0 || c.OfflineGrace > 24*time.Hour || c.PingInterval < time.Second || c.PingInterval > time.Hour || c.History < 0 {
		t.Errorf("times are %v, %v, %v", c.OfflineGrace, c.PingInterval, c.History)
	}
	if min(c.SetStatusRate, c.MaxSubscriptions, c.MaxConnectionsPerUser, c.MaxConnections) < 0 || c.NodeName == "" || len(c.NodeName) > 64 {
		t.Errorf("limits are wrong, or a name: %+v", c)
	}
	for _, proxy := range c.TrustedProxies {
		if proxy.Bits() == 0 || proxy != proxy.Masked() {
			t.Errorf("%v is trusted", proxy)
		}
	}
	args := asFlags(c)
	again, err := parseConfig(args, env(), &bytes.Buffer{})
	if err != nil || !reflect.DeepEqual(again, c) {
		t.Errorf("%+v told anew by %q is %+v, %v", c, args, again, err)
	}
}

// asFlags writes a set-up as flags.
func asFlags(c config) (flags []string) {
	add := func(name, value string) {
		if value != "" {
			flags = append(flags, "--"+name+"="+value)
		}
	}
	add("listen", c.Listen)
	add("metrics-listen", c.MetricsListen)
	add("database", c.DatabaseURL)
	if c.DatabasePath != "" {
		add("database", "sqlite:"+c.DatabasePath)
	}
	if c.WebhookURL != nil {
		add("webhook-url", c.WebhookURL.String())
	}
	for _, secret := range c.WebhookSecrets {
		add("webhook-secret", asText(secret))
	}
	add("nats", c.NATSURL)
	if c.Embedded {
		add("nats", embedded)
	}
	add("nats-credentials", c.NATSCredentials)
	add("nats-ca", c.NATSCA)
	add("nats-certificate", c.NATSCertificate)
	add("nats-key", c.NATSKey)
	add("cluster-listen", c.ClusterListen)
	for _, peer := range c.ClusterPeers {
		add("cluster-peers", escaped(peer))
	}
	add("node-name", c.NodeName)
	add("jwt-secret", string(c.Secret))
	add("jwt-previous-secret", string(c.PreviousSecret))
	add("jwks-url", c.JWKSURL)
	add("jwt-issuer", c.Issuer)
	add("jwt-audience", c.Audience)
	for _, origin := range c.Origins {
		add("allowed-origin", escaped(origin))
	}
	for _, proxy := range c.TrustedProxies {
		add("trusted-proxy", proxy.String())
	}
	for name, d := range map[string]time.Duration{"history": c.History, "offline-grace": c.OfflineGrace, "ping-interval": c.PingInterval} {
		add(name, d.String())
	}
	for name, n := range map[string]int{"set-status-rate": c.SetStatusRate, "max-subscriptions": c.MaxSubscriptions, "max-connections-per-user": c.MaxConnectionsPerUser, "max-connections": c.MaxConnections} {
		add(name, strconv.Itoa(n))
	}
	return append(flags, "--introspection="+strconv.FormatBool(c.Introspection))
}

// escaped has a comma be one, where values are separated by commas.
func escaped(value string) string { return strings.ReplaceAll(value, ",", `\,`) }

// FuzzConfig has anything for arguments, one a line, for variables, a NAME=value
// a line, and for a file.
func FuzzConfig(f *testing.F) {
	long := hidden + hidden + hidden
	f.Add("", "", "")
	f.Add("--jwt-secret="+hidden, "", "")
	f.Add("--jwt-secret="+goodSecret[1:], "", "jwt-previous-secret: "+goodSecret[1:])
	f.Add("--jwt-secret\n-"+hidden, "JWT_SECRET="+long, "jwt-secret: &a "+hidden)
	f.Add("token\n--user=alice\n--role=root", "JWT_SECRET="+long, "listen: 80")
	f.Add("--webhook-url=http://u:"+hidden+"@x y\n--webhook-secret="+hookSecret, "DATABASE=postgres://u:"+hidden+"@db/x", "nats: embedded\ncluster-listen: :6222\n")
	f.Add("--no-introspection=x\n-h", "PING_INTERVAL=2s\nMAX_CONNECTIONS=-1", "allowed-origin:\n- https://a.example\n- '*'\n")
	f.Add("--allowed-origin=https://u:"+hidden+"@a.example,*", "JWKS_URL=https://u:"+hidden+"@id.example/keys", "trusted-proxy: [10.0.0.0/8, '::1']\nhistory: 0s\n")
	f.Add("backup\n--to=x", "DATABASE=sqlite:/var/lib/us er.db", "? {a: b}\n: c\n--- !!x\n*b")
	f.Add("completion\n"+hidden, "LISTEN=[::1]:0", "jwt-secret: |2-\n  "+hidden+"\n   \x00")
	f.Add("health\n--listen="+hidden, "", hidden+": x\nlisten: \"\\ud800\"")
	path := filepath.Join(f.TempDir(), "settings.yaml")
	f.Fuzz(func(t *testing.T, args, variables, file string) {
		if text := args + variables; strings.Contains(text, "config") || strings.Contains(text, "CONFIG") {
			return // which may be any file of this machine
		}
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		pairs := []string{"USERSTATUS_CONFIG", path}
		for line := range strings.SplitSeq(variables, "\n") {
			name, value, _ := strings.Cut(line, "=")
			pairs = append(pairs, "USERSTATUS_"+name, value)
		}
		var given []string
		if args != "" {
			given = strings.Split(args, "\n")
		}
		out := &bytes.Buffer{}
		c, err := parseConfig(given, env(pairs...), out)
		if strings.Contains(out.String(), hidden) {
			t.Errorf("a secret is in %q", out)
		}
		if err != nil {
			checkRefusal(t, err)
			return
		}
		checkConfig(t, c)
	})
}

// FuzzSetting tells one setting in the three ways there are: what is one set-up
// by one way is the same by the others, and what is refused is refused by all.
func FuzzSetting(f *testing.F) {
	k, err := kong.New(&settings{})
	if err != nil {
		f.Fatal(err)
	}
	var names []string
	for name := range serveFlags(k) {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		for _, value := range append(examples[name], "", hidden, "-1", "a,b", `a\,b`, " ", "\t", "é\u2028", "0", "1h", "*", "null", "~", "true", "1e3", "0x10", "'", `"`, "#", "&a") {
			f.Add(uint8(i), value)
		}
	}
	path := filepath.Join(f.TempDir(), "settings.yaml")
	f.Fuzz(func(t *testing.T, which uint8, value string) {
		name := names[int(which)%len(names)]
		line, ok := inFile(serveFlags(k)[name], name, value)
		if !ok || value == "" { // which is unset in two of the ways, and not in the third
			return
		}
		if err := os.WriteFile(path, []byte(line), 0o600); err != nil {
			t.Fatal(err)
		}
		base := without(name, "--node-name=n", "--jwt-secret="+goodSecret, "--database=postgres://u@db/x")
		var all [3]config
		var refused [3]error
		for i, way := range []struct {
			args   []string
			getenv func(string) string
		}{{append(base, "--"+name+"="+value), env()}, {base, env(variable(name), value)}, {base, env("USERSTATUS_CONFIG", path)}} {
			if all[i], refused[i] = parseConfig(way.args, way.getenv, &bytes.Buffer{}); refused[i] != nil {
				checkRefusal(t, refused[i])
				continue
			}
			checkConfig(t, all[i])
		}
		for i := range 2 {
			if (refused[0] == nil) != (refused[i+1] == nil) || !reflect.DeepEqual(all[0], all[i+1]) {
				t.Errorf("%s is %q: as a flag %+v, %v; another way %+v, %v", name, value, all[0], refused[0], all[i+1], refused[i+1])
			}
		}
	})
}

// examples are values that go.
var examples = map[string][]string{
	"listen": {"127.0.0.1:8080", ":80", "[::1%eth0]:1"}, "metrics-listen": {"localhost:9090"}, "database": {"sqlite:a.db", "postgres://u:" + hidden + "@db/x"},
	"webhook-url": {hookURL}, "webhook-secret": {hookSecret}, "nats": {"nats://u:" + hidden + "@a:1,tls://b"}, "jwks-url": {"https://id.example/keys"},
	"allowed-origin": {"https://a.example, HTTP://B.example:80"}, "trusted-proxy": {"10.1.0.0/8,2001:db8::1, ::ffff:192.0.2.1"}, "jwt-previous-secret": {goodSecret},
	"ping-interval": {"20s", "1h0m0.0s"}, "cluster-peers": {"a:1,b:2"}, "node-name": {"eu.1_x"},
}

// without is flags but for the one of a name, and but for what doesn't go with it.
func without(name string, flags ...string) []string {
	return slices.DeleteFunc(flags, func(flag string) bool {
		return strings.HasPrefix(flag, "--"+name+"=") || name == "jwks-url" && strings.HasPrefix(flag, "--jwt-secret=")
	})
}

// inFile is a setting's line in a file, which has other words for lists, and
// none for characters that YAML doesn't have.
func inFile(flag *kong.Flag, name, value string) (line string, ok bool) {
	switch kind := kindOf(flag); {
	case kind.many: // a flag's value is a list itself
		return "", false
	case slices.Contains(kind.types, ast.IntegerType):
		return name + ": " + value + "\n", wholeNumber.MatchString(value)
	case slices.Contains(kind.types, ast.BoolType):
		return name + ": " + value + "\n", value == "true" || value == "false"
	}
	for _, r := range value {
		if r < ' ' && r != '\t' || r == 0x7f || r == '\ufffd' || r >= 0x80 && r < 0xa0 || r == '\u2028' || r == '\u2029' || r == '\ufeff' || r >= 0xfffe && r <= 0xffff {
			return "", false
		}
	}
	return name + ": '" + strings.ReplaceAll(value, "'", "''") + "'\n", true
}

var wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,15})$`)

func asText(secret webhook.Secret) string {
	return "whsec_" + base64.StdEncoding.EncodeToString(secret)
}
