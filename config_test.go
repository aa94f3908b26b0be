package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"net/netip"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"userstatus/webhook"
)

const goodSecret = "0123456789abcdef0123456789abcdef"

// hookSecret is of 24 bytes, hookURL has a secret itself.
const (
	hookSecret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
	hookURL    = "https://u:p@app.example/hooks?key=1"
)

// env is a getenv over pairs of name and value.
func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func parsed(t *testing.T, getenv func(string) string, args ...string) config {
	t.Helper()
	c, err := parseConfig(args, getenv, io.Discard)
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return c
}

const pg, bus = "--database=postgres://u@db/x", "--nats=nats://127.0.0.1"

func TestTheBusIsTold(t *testing.T) {
	c := parsed(t, env(), pg, "--nats=nats://a:4222,tls://b", "--nats-credentials=c", "--nats-ca=d", "--nats-certificate=e", "--nats-key=f", "--node-name=n.1")
	if c.NATSURL != "nats://a:4222,tls://b" || c.NATSFiles != (NATSFiles{"c", "d", "e", "f"}) || c.NodeName != "n.1" || c.Embedded {
		t.Errorf("got %+v", c)
	}
	c = parsed(t, env("USERSTATUS_NATS", "embedded", "USERSTATUS_CLUSTER_LISTEN", ":6222", "USERSTATUS_CLUSTER_PEERS", "a:1,b:2"), pg)
	if !c.Embedded || c.NATSURL != "" || c.ClusterListen != ":6222" || !slices.Equal(c.ClusterPeers, []string{"a:1", "b:2"}) {
		t.Errorf("got %+v", c)
	}
}

// nameless takes out the name that is made up.
func nameless(t *testing.T, c config) config {
	t.Helper()
	if c.NodeName == "" || len(c.NodeName) > maxNodeName {
		t.Errorf("the node's name is %q", c.NodeName)
	}
	c.NodeName = ""
	return c
}

func TestWithoutSettingsItIsADevelopmentMode(t *testing.T) {
	want := config{
		Command:               commandServe,
		Listen:                "127.0.0.1:8080",
		DatabasePath:          "userstatus.db",
		History:               7 * 24 * time.Hour,
		Development:           true,
		OfflineGrace:          10 * time.Second,
		PingInterval:          20 * time.Second,
		SetStatusRate:         20,
		MaxSubscriptions:      1000,
		MaxConnectionsPerUser: 50,
		MaxConnections:        100_000,
		Introspection:         true,
	}
	for _, args := range [][]string{nil, {"serve"}} {
		if got := nameless(t, parsed(t, env(), args...)); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %+v, want %+v", args, got, want)
		}
	}
}

func TestEachSettingIsAFlagAndAVariable(t *testing.T) {
	want := config{
		Command:               commandServe,
		Listen:                "0.0.0.0:9090",
		DatabasePath:          "/var/lib/us er.db",
		History:               time.Hour,
		NodeName:              "eu-1",
		Secret:                []byte(goodSecret),
		Issuer:                "https://id.example",
		Audience:              "chat",
		Origins:               []string{"https://a.example", "http://b.example:8080"},
		OfflineGrace:          0,
		PingInterval:          time.Second,
		SetStatusRate:         0,
		MaxSubscriptions:      5,
		MaxConnectionsPerUser: 6,
		MaxConnections:        7,
		TrustedProxies:        []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::1/128"), netip.MustParsePrefix("192.0.2.1/32")},
		Introspection:         true,
	}
	flags := []string{
		"--listen=0.0.0.0:9090", "--database", "sqlite:/var/lib/us er.db", "--jwt-secret", goodSecret,
		"--jwt-issuer=https://id.example", "--jwt-audience=chat",
		"--allowed-origin=https://a.example", "--allowed-origin=http://b.example:8080",
		"--offline-grace=0s", "--ping-interval=1s", "--set-status-rate=0", "--max-subscriptions=5",
		"--max-connections-per-user=6", "--max-connections=7", "--trusted-proxy=10.1.0.0/8,2001:db8::1", "--trusted-proxy=::ffff:192.0.2.1", "--introspection", "--node-name=eu-1", "--history=1h",
	}
	variables := env(
		"USERSTATUS_LISTEN", "0.0.0.0:9090", "USERSTATUS_DATABASE", "sqlite:/var/lib/us er.db",
		"USERSTATUS_JWT_SECRET", goodSecret, "USERSTATUS_JWT_ISSUER", "https://id.example",
		"USERSTATUS_JWT_AUDIENCE", "chat", "USERSTATUS_ALLOWED_ORIGIN", "https://a.example, http://b.example:8080",
		"USERSTATUS_OFFLINE_GRACE", "0s", "USERSTATUS_PING_INTERVAL", "1s", "USERSTATUS_SET_STATUS_RATE", "0",
		"USERSTATUS_MAX_SUBSCRIPTIONS", "5", "USERSTATUS_MAX_CONNECTIONS_PER_USER", "6",
		"USERSTATUS_MAX_CONNECTIONS", "7", "USERSTATUS_TRUSTED_PROXY", "10.1.0.0/8, 2001:db8::1,192.0.2.1",
		"USERSTATUS_INTROSPECTION", "true", "USERSTATUS_NODE_NAME", "eu-1", "USERSTATUS_HISTORY", "1h",
	)
	if got := parsed(t, env(), flags...); !reflect.DeepEqual(got, want) {
		t.Errorf("flags: got %+v, want %+v", got, want)
	}
	if got := parsed(t, variables); !reflect.DeepEqual(got, want) {
		t.Errorf("variables: got %+v, want %+v", got, want)
	}
}

func TestWebhooksAreTold(t *testing.T) {
	other := "whsec_" + base64.StdEncoding.EncodeToString([]byte(goodSecret))
	for _, c := range []config{
		parsed(t, env(), "--webhook-url="+hookURL, "--webhook-secret="+hookSecret, "--webhook-secret="+other),
		parsed(t, env("USERSTATUS_WEBHOOK_URL", hookURL, "USERSTATUS_WEBHOOK_SECRET", hookSecret+","+other)),
	} {
		want := []webhook.Secret{webhook.Secret("0123456789abcdef01234567"), webhook.Secret(goodSecret)}
		if c.WebhookURL.String() != hookURL || !reflect.DeepEqual(c.WebhookSecrets, want) {
			t.Errorf("got %+v", c)
		}
	}
}

func TestAPostgresTakesTheFilesPlace(t *testing.T) {
	for _, address := range []string{"postgres://u:p@db:5433/x?sslmode=require", "postgresql:///x"} {
		if c := parsed(t, env("USERSTATUS_DATABASE", address)); c.DatabaseURL != address || c.DatabasePath != "" {
			t.Errorf("%s: got %+v", address, c)
		}
	}
}

func TestAFlagBeatsItsVariable(t *testing.T) {
	getenv := env("USERSTATUS_LISTEN", "0.0.0.0:1", "USERSTATUS_OFFLINE_GRACE", "broken",
		"USERSTATUS_ALLOWED_ORIGIN", "https://a.example", "USERSTATUS_INTROSPECTION", "true")
	c := parsed(t, getenv, "--listen=[::1]:2", "--offline-grace=3s", "--allowed-origin=https://b.example", "--no-introspection")
	if c.Listen != "[::1]:2" || c.OfflineGrace != 3*time.Second || c.Introspection || !reflect.DeepEqual(c.Origins, []string{"https://b.example"}) {
		t.Errorf("got %+v", c)
	}
}

func TestTheProcessEnvironmentIsNotRead(t *testing.T) {
	t.Setenv("USERSTATUS_LISTEN", "127.0.0.1:1")
	if c := parsed(t, env()); c.Listen != "127.0.0.1:8080" {
		t.Errorf("listens on %s", c.Listen)
	}
}

func TestIntrospectionFollowsTheModeUnlessTold(t *testing.T) {
	key := "--jwt-secret=" + goodSecret
	for _, c := range []struct {
		variable string
		args     []string
		want     bool
	}{
		{"", nil, true},
		{"", []string{key}, false},
		{"", []string{"--introspection", key}, true},
		{"", []string{"--introspection=false"}, false},
		{"", []string{"--no-introspection"}, false},
		{"true", []string{key}, true},
		{"false", nil, false},
		{"true", []string{"--no-introspection"}, false},
		{"false", []string{"--introspection", key}, true},
	} {
		got := parsed(t, env("USERSTATUS_INTROSPECTION", c.variable), c.args...)
		if got.Introspection != c.want {
			t.Errorf("variable %q, %q: %v, want %v", c.variable, c.args, got.Introspection, c.want)
		}
	}
}

func TestAKeySetTakesTheSecretsPlace(t *testing.T) {
	c := parsed(t, env("USERSTATUS_JWKS_URL", "https://id.example/keys"), "--listen=:8080", "--jwt-issuer=x")
	if c.JWKSURL != "https://id.example/keys" || c.Development || c.Secret != nil || c.Issuer != "x" {
		t.Errorf("got %+v", c)
	}
}

func TestDevelopmentModeIsForThisMachineAlone(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "127.9.8.7:80", "[::1]:8080", "localhost:8080", "LocalHost:1", "[::ffff:127.0.0.1]:1"} {
		if c := parsed(t, env(), "--listen="+address); !c.Development || c.Listen != address {
			t.Errorf("%s: %+v", address, c)
		}
	}
	for _, address := range []string{":8080", "0.0.0.0:8080", "[::]:8080", "192.0.2.1:80", "localhost.example:80", "128.0.0.1:80", "[fe80::1%eth0]:80"} {
		refusesConfig(t, env(), []string{"--listen=" + address}, "--listen", "--jwt-secret or --jwks-url")
		if c := parsed(t, env(), "--jwt-secret="+goodSecret, "--listen="+address); c.Listen != address {
			t.Errorf("%s: %+v", address, c)
		}
	}
}

// refusesConfig asserts an error of one line with each of said in it.
func refusesConfig(t *testing.T, getenv func(string) string, args []string, said ...string) {
	t.Helper()
	c, err := parseConfig(args, getenv, io.Discard)
	if err == nil {
		t.Errorf("%q: taken as %+v", args, c)
		return
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("%q: the error has several lines: %q", args, err)
	}
	for _, words := range said {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %q says nothing of %q", args, err, words)
		}
	}
	if !reflect.DeepEqual(c, config{}) {
		t.Errorf("%q: refused, and yet %+v", args, c)
	}
}

func TestWhatCannotWorkIsRefusedByItsFlag(t *testing.T) {
	const key = "--jwt-secret=" + goodSecret
	for name, c := range map[string]struct {
		args []string
		said string
	}{
		"a short secret":          {[]string{"--jwt-secret=0123456789abcdef0123456789abcde"}, "--jwt-secret has 31 bytes, at least 32"},
		"an empty secret":         {[]string{"--jwt-secret="}, "--jwt-secret has 0 bytes"},
		"secret and key set":      {[]string{key, "--jwks-url=https://id.example"}, "--jwt-secret and --jwks-url"},
		"a key set by file":       {[]string{"--jwks-url=file:///keys"}, "--jwks-url"},
		"a key set by a word":     {[]string{"--jwks-url=keys"}, "--jwks-url"},
		"a key set nowhere":       {[]string{"--jwks-url=https://:443/keys"}, "--jwks-url"},
		"an empty key set":        {[]string{"--jwks-url="}, "--jwks-url"},
		"issuer without a key":    {[]string{"--jwt-issuer=x"}, "--jwt-issuer"},
		"audience without a key":  {[]string{"--jwt-audience=x"}, "--jwt-audience"},
		"an empty issuer":         {[]string{key, "--jwt-issuer="}, "--jwt-issuer is empty"},
		"an empty audience":       {[]string{key, "--jwt-audience="}, "--jwt-audience is empty"},
		"no port":                 {[]string{"--listen=127.0.0.1"}, "--listen"},
		"an empty address":        {[]string{"--listen="}, "--listen"},
		"a named port":            {[]string{"--listen=127.0.0.1:http"}, "--listen"},
		"a port too high":         {[]string{"--listen=127.0.0.1:65536"}, "--listen"},
		"a bare IPv6":             {[]string{"--listen=::1:8080"}, "--listen"},
		"a URL to listen on":      {[]string{"--listen=http://127.0.0.1:80"}, "--listen"},
		"a host with a blank":     {[]string{"--listen=a b:80", key}, "--listen"},
		"another database":        {[]string{"--database=mysql://u:p@db/x"}, "--database: mysql: does not go, only sqlite:PATH"},
		"half a Postgres":         {[]string{"--database=postgres:db/x"}, "--database: the address of a Postgres is written postgres://"},
		"a bare path":             {[]string{"--database=userstatus.db"}, "--database: only sqlite:PATH"},
		"no path":                 {[]string{"--database=sqlite:"}, "--database: only sqlite:PATH"},
		"a path like a URL":       {[]string{"--database=sqlite://userstatus.db"}, "--database"},
		"memory":                  {[]string{"--database=sqlite::memory:"}, "--database"},
		"a path with parameters":  {[]string{"--database=sqlite:a.db?mode=ro"}, "--database"},
		"a grace below zero":      {[]string{"--offline-grace=-1s"}, "--offline-grace is -1s, from 0s to 24h go"},
		"a history below zero":    {[]string{"--history=-1s"}, "--history is -1s, from 0s to 87600h go"},
		"a grace over a day":      {[]string{"--offline-grace=24h1s"}, "--offline-grace is 24h0m1s, from 0s to 24h go"},
		"a grace without a unit":  {[]string{"--offline-grace=10"}, "--offline-grace is to be a duration, such as 500ms, 10s or 1h30m"},
		"no ping":                 {[]string{"--ping-interval=0s"}, "--ping-interval"},
		"pings too often":         {[]string{"--ping-interval=999ms"}, "--ping-interval is 999ms"},
		"pings too seldom":        {[]string{"--ping-interval=2h"}, "--ping-interval is 2h, from 1s to 1h go"},
		"a rate below zero":       {[]string{"--set-status-rate=-1"}, "--set-status-rate is -1"},
		"a rate as another word":  {[]string{"--set-status-rate", "-1"}, "--set-status-rate"},
		"a rate in words":         {[]string{"--set-status-rate=many"}, "--set-status-rate is to be a whole number"},
		"subscriptions below 0":   {[]string{"--max-subscriptions=-5"}, "--max-subscriptions is -5"},
		"too big a number":        {[]string{"--max-subscriptions=99999999999999999999"}, "--max-subscriptions"},
		"connections in all":      {[]string{"--max-connections=-1"}, "--max-connections is -1"},
		"a proxy by name":         {[]string{"--trusted-proxy=proxy.example"}, `--trusted-proxy "proxy.example": it is neither an address`},
		"a proxy with a port":     {[]string{"--trusted-proxy=10.0.0.1:80"}, "neither an address"},
		"a proxy that is mapped":  {[]string{"--trusted-proxy=::ffff:10.0.0.0/104"}, "neither an address"},
		"everybody is a proxy":    {[]string{"--trusted-proxy=10.0.0.1,0.0.0.0/0"}, "it is everybody"},
		"connections below 0":     {[]string{"--max-connections-per-user=-5"}, "--max-connections-per-user is -5"},
		"introspection maybe":     {[]string{"--introspection=maybe"}, "--introspection"},
		"no introspection, maybe": {[]string{"--no-introspection=maybe"}, "--no-introspection"},
		"an unknown flag":         {[]string{"--listn=:80"}, `unknown flag --listn, did you mean "--listen"?`},
		"a bus on SQLite":         {[]string{"--nats=nats://127.0.0.1"}, "--nats is for several nodes, and these need --database=postgres://"},
		"a bus in it on SQLite":   {[]string{"--nats=embedded", "--cluster-listen=127.0.0.1:6222"}, "--nats is for several nodes"},
		"a file without a bus":    {[]string{pg, "--nats-ca=ca.pem"}, "--nats-ca, --nats-certificate and --nats-key are for --nats"},
		"half a certificate":      {[]string{pg, bus, "--nats-key=key.pem"}, "--nats-certificate and --nats-key need each other"},
		"peers without a bus":     {[]string{pg, "--cluster-peers=a:1"}, "--cluster-listen and --cluster-peers are for --nats=embedded"},
		"peers of another bus":    {[]string{pg, bus, "--cluster-listen=:1"}, "--cluster-listen and --cluster-peers are for --nats=embedded"},
		"a bus nobody reaches":    {[]string{pg, "--nats=embedded"}, "--nats=embedded needs --cluster-listen"},
		"a bus in it with files":  {[]string{pg, "--nats=embedded", "--cluster-listen=:1", "--nats-ca=ca.pem"}, "are for a NATS elsewhere"},
		"a bus at no address":     {[]string{pg, "--nats=embedded", "--cluster-listen=here"}, `--cluster-listen "here": it is not HOST:PORT`},
		"a peer at no port":       {[]string{pg, "--nats=embedded", "--cluster-listen=:1", "--cluster-peers=b:2,a"}, `--cluster-peers: "a" is not HOST:PORT`},
		"a peer at port 0":        {[]string{pg, "--nats=embedded", "--cluster-listen=:1", "--cluster-peers=a:0"}, `--cluster-peers: "a:0" is not HOST:PORT`},
		"a node with a slash":     {[]string{"--node-name=a/b"}, `--node-name is "a/b": it has 1 to 64 of A-Za-z0-9._-`},
		"a node of many letters":  {[]string{"--node-name=" + strings.Repeat("a", 65)}, "--node-name"},
		"a hook without a secret": {[]string{"--webhook-url=" + hookURL}, "--webhook-url needs --webhook-secret"},
		"a secret without a hook": {[]string{"--webhook-secret=" + hookSecret}, "--webhook-secret signs nothing without --webhook-url"},
		"a hook by file":          {[]string{"--webhook-url=file:///x", "--webhook-secret=" + hookSecret}, "--webhook-url is not an http or https URL"},
		"an empty hook":           {[]string{"--webhook-url=", "--webhook-secret=" + hookSecret}, "--webhook-url is not an http or https URL"},
		"a hook's secret, bare":   {[]string{"--webhook-url=" + hookURL, "--webhook-secret=MDEy"}, "--webhook-secret: a secret is whsec_ and the base64 of 24 to 64 random bytes"},
		"a hook's secret, broken": {[]string{"--webhook-url=" + hookURL, "--webhook-secret=whsec_?"}, "--webhook-secret: what follows whsec_ in a secret is not base64"},
		"a hook's secret, short":  {[]string{"--webhook-url=" + hookURL, "--webhook-secret=" + hookSecret + ",whsec_MDEy"}, "--webhook-secret: a secret has 3 bytes, from 24 to 64 go"},
		"a value that is joined":  {[]string{"--jwt-secrethunter2"}, "unknown flag: a value comes after a blank or =, as in --jwt-secret=VALUE"},
		"another command's flag":  {[]string{"--user=alice"}, "unknown flag --user"},
		"a stray argument":        {[]string{"start"}, "unexpected argument"},
		"a second argument":       {[]string{"serve", "now"}, "unexpected argument"},
		"a flag without value":    {[]string{"--listen"}, "--listen has no value"},
		"a flag for the other":    {[]string{key, "token", "--user=alice"}, "--jwt-secret"},
		"version with a flag":     {[]string{"version", "--listen=:80"}, "unknown flag --listen"},
	} {
		t.Run(name, func(t *testing.T) { refusesConfig(t, env(), c.args, c.said) })
	}
}

func TestABadVariableIsRefusedByItsFlag(t *testing.T) {
	for variable, flag := range map[string]string{
		"USERSTATUS_OFFLINE_GRACE": "--offline-grace", "USERSTATUS_INTROSPECTION": "--introspection",
		"USERSTATUS_JWT_SECRET": "--jwt-secret", "USERSTATUS_SET_STATUS_RATE": "--set-status-rate",
		"USERSTATUS_ALLOWED_ORIGIN": "--allowed-origin", "USERSTATUS_JWT_ISSUER": "--jwt-issuer", "USERSTATUS_WEBHOOK_SECRET": "--webhook-secret",
	} {
		refusesConfig(t, env(variable, "x"), nil, flag)
	}
}

func TestOriginsAreTakenAsBrowsersSendThem(t *testing.T) {
	c := parsed(t, env(), "--allowed-origin=HTTPS://Chat.Example.com:443,http://a.example:80", "--allowed-origin",
		"http://[2001:db8::1]:3000, capacitor://localhost", "--allowed-origin=*")
	want := []string{"https://chat.example.com", "http://a.example", "http://[2001:db8::1]:3000", "capacitor://localhost", "*"}
	if !reflect.DeepEqual(c.Origins, want) {
		t.Errorf("got %q, want %q", c.Origins, want)
	}
	for _, origin := range []string{
		"a.example", "https://", "https://a.example/", "https://a.example/x", "https://a.example?x", "https://a.example?",
		"https://a.example#x", "https://a.example#", "https://*.example", "https://a.example:", "https://a.example:65536",
		"https://u:p@a.example", "null", "https://bücher.example", "https://a.example,,", "//a.example", "https:a.example", "https://a b",
	} {
		refusesConfig(t, env(), []string{"--allowed-origin=" + origin}, "--allowed-origin")
	}
}

func TestATokenIsMintedWithTheServicesKey(t *testing.T) {
	getenv := env("USERSTATUS_JWT_SECRET", goodSecret, "USERSTATUS_JWT_ISSUER", "https://id.example", "USERSTATUS_LISTEN", ":80")
	got := parsed(t, getenv, "token", "--user", "alice", "--role=admin", "--ttl=5m", "--jwt-audience=chat")
	want := config{
		Command: commandToken, Secret: []byte(goodSecret), Issuer: "https://id.example", Audience: "chat",
		TokenUser: "alice", TokenAdmin: true, TokenTTL: 5 * time.Minute,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := parsed(t, getenv, "token", "--user=alice"); got.TokenAdmin || got.TokenTTL != time.Hour {
		t.Errorf("got %+v", got)
	}
	refusesConfig(t, env(), []string{"token", "--user=alice"}, "--jwt-secret is needed")
	for flag, args := range map[string][]string{
		"--user":        {},
		"user ID":       {"--user=" + strings.Repeat("a", 129)},
		"--role":        {"--user=alice", "--role=root"},
		"--ttl":         {"--user=alice", "--ttl=0s"},
		"--ttl is -1h":  {"--user=alice", "--ttl=-1h"},
		"--jwt-secret":  {"--user=alice", "--jwt-secret=short"},
		"--jwks-url":    {"--user=alice", "--jwks-url=https://id.example"},
		"unexpected ar": {"alice"},
	} {
		refusesConfig(t, getenv, append([]string{"token"}, args...), flag)
	}
}

func TestNoErrorAndNoHelpTellsASecret(t *testing.T) {
	const secret = "hunter2-hunter2"
	const long = secret + secret + secret
	for _, args := range [][]string{
		{"--webhook-url=" + hookURL, "--webhook-secret=" + secret}, {"--webhook-secret", secret}, {"--webhook-url=http://u:" + secret + "@x y"},
		{"--jwt-secret", secret}, {"--jwt-secret=" + secret}, {"--jwt-secret", "-" + secret}, {"--jwt-secret", "--" + secret},
		{"--jwt-secret", "two", secret}, {"--jwt-secret=two", secret}, {"--jwt-secrt=" + secret}, {"--jwt-secrt", secret},
		{"--jwt-secret:" + secret}, {"--jwt-secret\n" + secret}, {"-jwt-secret", secret}, {"--jwks-url=ftp://u:" + secret + "@id.example"},
		{"--jwks-url=http://u:" + secret + "@id example"}, {"--database=mysql://u:" + secret + "@db/x"}, {"--database=postgres:u:" + secret + "@db/x"},
		{"--database=u:" + secret + "@db/x"}, {"--allowed-origin=https://u:" + secret + "@a.example"},
		{"--allowed-origin=https://u:" + secret + "@a b"}, {"--jwt-secret=" + long, "--jwks-url=http://id.example"},
		{"--jwt-secret=" + long, "--listen=nowhere"}, {"--jwt-secret=" + long, "token", "--user=alice"}, {secret},
		{"serve", secret}, {"token", "--jwt-secret=" + secret}, {"version", "--jwt-secret=" + long}, {"--jwt-secret=" + long, "--help"},
		{"--help"}, {"token", "--help"},
	} {
		for _, getenv := range []func(string) string{env(), env("USERSTATUS_JWT_SECRET", secret), env("USERSTATUS_JWT_SECRET", long)} {
			out := &bytes.Buffer{}
			_, err := parseConfig(args, getenv, out)
			if err = errors.Join(err, errors.New(out.String())); strings.Contains(err.Error(), secret) {
				t.Errorf("%q: told in %q", args, err)
			}
		}
	}
}

func TestHelpNamesEachFlagWithItsVariableAndDefault(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"-h"}, {"serve", "--help"}, {"--help", "--jwt-secret=short"}} {
		out := &bytes.Buffer{}
		c, err := parseConfig(args, env("USERSTATUS_OFFLINE_GRACE", "broken"), out)
		if err != nil || c.Command != commandHelp {
			t.Fatalf("%q: %+v, %v", args, c, err)
		}
		for _, words := range []string{
			"--listen=HOST:PORT", "Default: 127.0.0.1:8080.", "[USERSTATUS_LISTEN]", "--database=sqlite:PATH", "sqlite:userstatus.db",
			"[USERSTATUS_JWT_SECRET]", "[USERSTATUS_JWKS_URL]", "[USERSTATUS_JWT_ISSUER]", "[USERSTATUS_JWT_AUDIENCE]",
			"[USERSTATUS_ALLOWED_ORIGIN]", "[USERSTATUS_OFFLINE_GRACE]", "[USERSTATUS_PING_INTERVAL]", "Default: 20s.",
			"[USERSTATUS_SET_STATUS_RATE]", "[USERSTATUS_MAX_SUBSCRIPTIONS]", "Default: 1000.",
			"[USERSTATUS_MAX_CONNECTIONS_PER_USER]", "--[no-]introspection", "[USERSTATUS_INTROSPECTION]",
			"--webhook-url=URL", "--webhook-secret=whsec_BASE64",
		} {
			if !strings.Contains(out.String(), words) {
				t.Errorf("%q: nothing of %q in\n%s", args, words, out)
			}
		}
	}
	out := &bytes.Buffer{}
	if c, err := parseConfig([]string{"token", "--help"}, env(), out); err != nil || c.Command != commandHelp {
		t.Fatalf("%+v, %v", c, err)
	}
	for _, words := range []string{"--user=ID", "--role=admin", "--ttl=DURATION", "--jwt-secret=SECRET", "Default: 1h."} {
		if !strings.Contains(out.String(), words) {
			t.Errorf("nothing of %q in\n%s", words, out)
		}
	}
}

func TestAVersionIsAlwaysThere(t *testing.T) {
	if c := parsed(t, env("USERSTATUS_JWT_SECRET", "short"), "version"); c.Command != commandVersion {
		t.Errorf("got %+v", c)
	}
	if version() == "" {
		t.Error("no version")
	}
	t.Cleanup(func() { stamped = "" })
	if stamped = "1.2.3"; version() != "1.2.3" {
		t.Errorf("stamped 1.2.3, and yet %s", version())
	}
	for want, info := range map[string]debug.BuildInfo{
		"v1.2.3":          {Main: debug.Module{Version: "v1.2.3"}},
		"devel":           {Main: debug.Module{Version: "(devel)"}},
		"devel-abc":       {Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}}},
		"devel-abc+dirty": {Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.modified", Value: "true"}}},
	} {
		if got := versionOf(&info); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
