package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"userstatus/webhook"
)

// The commands. A config of commandHelp asks for nothing: the help is printed.
const (
	commandServe      = "serve"
	commandToken      = "token"
	commandBackup     = "backup"
	commandHealth     = "health"
	commandCompletion = "completion"
	commandVersion    = "version"
	commandHelp       = "help"
)

const (
	minSecret       = 32 // bytes, as many as an HMAC-SHA-256 has
	maxGrace        = 24 * time.Hour
	minPingInterval = time.Second
	maxPingInterval = time.Hour
	minTTL          = time.Second
	maxTTL          = 10 * 365 * 24 * time.Hour
	maxHistory      = 10 * 365 * 24 * time.Hour
)

// config is a set-up that can work, whichever way it was told.
type config struct {
	// Command is one of the constants above; a setting that isn't the command's is zero.
	Command string

	Listen        string
	MetricsListen string // where metrics alone are served; empty: at Listen
	DatabasePath  string // of the SQLite file; or empty
	DatabaseURL   string // of the Postgres, with its password; or empty

	History time.Duration // how long changes are kept; 0: not at all

	WebhookURL     *url.URL // http or https, with what is secret in it; or nil
	WebhookSecrets []webhook.Secret

	NodeName string
	NATSURL  string // of the servers, with what is secret in it; or empty
	NATSFiles
	// Embedded: the bus is in the process, and reaches other nodes' by these.
	Embedded      bool
	ClusterListen string
	ClusterPeers  []string

	Secret         []byte // of HS256, at least 32 bytes; or nil
	PreviousSecret []byte // accepted besides Secret, nothing is signed with it; or nil
	JWKSURL        string // http or https; or empty
	Issuer         string // what iss is to be; empty: anything
	Audience       string // what aud is to be or to contain; empty: anything
	// Development: neither Secret nor JWKSURL is set, and Listen is loopback.
	Development bool

	Origins       []string // as browsers send them, or "*"
	OfflineGrace  time.Duration
	PingInterval  time.Duration
	SetStatusRate int // per user and second; 0: no limit, as in the next two

	MaxSubscriptions      int
	MaxConnectionsPerUser int
	MaxConnections        int // 0: no limit
	TrustedProxies        []netip.Prefix
	Introspection         bool

	TokenUser  string
	TokenAdmin bool
	TokenTTL   time.Duration

	BackupTo string // a file
	ReadyURL string // where the service says whether it is ready
	Script   string // that completes the command line in a shell
}

// NATSFiles are files to sign in to NATS with; each may be empty.
type NATSFiles struct{ NATSCredentials, NATSCA, NATSCertificate, NATSKey string }

type settings struct {
	Serve      serveSettings      `cmd:"" default:"withargs" help:"Run the service: the default."`
	Token      tokenSettings      `cmd:"" help:"Print a token for a user, signed with --jwt-secret."`
	Backup     backupSettings     `cmd:"" help:"Copy the SQLite database into a file, also while the service runs."`
	Health     healthSettings     `cmd:"" help:"Ask the service on this machine whether it is ready, as health checks of containers do."`
	Completion completionSettings `cmd:"" help:"Print a script with which a shell completes commands and flags."`
	Version    struct{}           `cmd:"" help:"Print the version."`
}

type serveSettings struct {
	Config string `group:"net" placeholder:"FILE" help:"File of settings: these flags without their dashes, as YAML; deploy/userstatus.yaml shows all. Flags and variables beat it."`

	Listen        string   `group:"net" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to listen on; port 0 takes a free one. Other machines get in only once there is a key for tokens."`
	AllowedOrigin []string `group:"net" placeholder:"ORIGIN" help:"Web origin whose pages may connect, such as https://chat.example.com, besides the server's own. Repeatable, or separated by commas; * lets in every page."`
	MetricsListen string   `group:"net" placeholder:"HOST:PORT" help:"Address to serve /metrics on, and there alone, away from the public one."`
	Database      string   `group:"net" default:"sqlite:userstatus.db" placeholder:"sqlite:PATH" help:"File that keeps everything, made if it isn't there; or a Postgres, postgres://USER:PASSWORD@HOST:PORT/NAME, better told by the variable."`

	History time.Duration `group:"net" default:"168h" placeholder:"DURATION" help:"How long each user's changes are kept for the console, 7 days unless told; 0s keeps none."`

	WebhookURL    *string  `group:"hooks" name:"webhook-url" placeholder:"URL" help:"Where each change of a status is sent, as Standard Webhooks has it. With --webhook-secret. Better told by the variable if it has a password."`
	WebhookSecret []string `group:"hooks" placeholder:"whsec_BASE64" help:"Secret that signs them, of 24 to 64 random bytes. Repeatable, or separated by commas, to change from one to the next. Better told by the variable."`

	NATS            string   `group:"nodes" name:"nats" placeholder:"NATS-URL" help:"Bus between several nodes on one Postgres: nats://HOST:PORT or tls://…, several separated by commas, better told by the variable if it has a password; or embedded, for one in the process."`
	NATSCredentials string   `group:"nodes" name:"nats-credentials" placeholder:"FILE" help:"Credentials for NATS, as its own tools make them."`
	NATSCA          string   `group:"nodes" name:"nats-ca" placeholder:"FILE" help:"Authority that the NATS server's certificate is checked against."`
	NATSCertificate string   `group:"nodes" name:"nats-certificate" placeholder:"FILE" help:"Certificate to show to NATS, with --nats-key."`
	NATSKey         string   `group:"nodes" name:"nats-key" placeholder:"FILE" help:"Key of --nats-certificate."`
	ClusterListen   string   `group:"nodes" placeholder:"HOST:PORT" help:"With --nats=embedded: where other nodes reach the bus of this one."`
	ClusterPeers    []string `group:"nodes" placeholder:"HOST:PORT" help:"With --nats=embedded: where this one reaches those of others, as their --cluster-listen has it. Repeatable, or separated by commas; one that lives is enough."`
	NodeName        string   `group:"nodes" placeholder:"NAME" help:"What this node is called, in logs and among the others; no other that lives may have the name. Unless told, the machine's name and random letters."`

	JWTSecret         *string `group:"key" placeholder:"SECRET" help:"Secret of the app's backend for HS256, at least 32 bytes. Better told by the variable, which other users of the machine don't see."`
	JWTPreviousSecret *string `group:"key" placeholder:"SECRET" help:"Secret that tokens were signed with before --jwt-secret: they are accepted, too, while the last of them live."`
	JWKSURL           *string `group:"key" name:"jwks-url" placeholder:"URL" help:"Where the sign-in service publishes its keys, for RS256, ES256 and EdDSA."`
	JWTIssuer         *string `group:"key" placeholder:"ISS" help:"Accept only tokens with this iss."`
	JWTAudience       *string `group:"key" placeholder:"AUD" help:"Accept only tokens with this aud, or with it among others."`

	OfflineGrace time.Duration `group:"presence" default:"10s" placeholder:"DURATION" help:"How long a user stays ONLINE after the last connection was lost, so that a page reload is no event; 0s to 24h."`
	PingInterval time.Duration `group:"presence" default:"20s" placeholder:"DURATION" help:"How often a WebSocket is pinged; one that is silent for two of these is gone; 1s to 1h."`

	SetStatusRate         int `group:"limit" default:"20" placeholder:"N" help:"Changes of one's own status per user and second; 0: no limit."`
	MaxSubscriptions      int `group:"limit" default:"1000" placeholder:"N" help:"Users whom one user may subscribe to; 0: no limit."`
	MaxConnectionsPerUser int `group:"limit" default:"50" placeholder:"N" help:"Connections of one user at a time; 0: no limit."`
	MaxConnections        int `group:"limit" default:"100000" placeholder:"N" help:"Connections in all, fewer where the system's limit of open files is lower. An address has at most as many as are left for all others, and waits its turn among them; 0: no limit."`

	TrustedProxy []string `group:"limit" placeholder:"ADDRESS" help:"Address of a proxy, or a range such as 10.0.0.0/8, whose X-Forwarded-For says which address a client has. Repeatable, or separated by commas."`

	Introspection *bool `group:"dev" negatable:"" help:"Let GraphQL tools read the schema from the server. Unless told, on in development mode and off otherwise."`
}

type tokenSettings struct {
	Config string `placeholder:"FILE" help:"File of settings, as the service has it."`

	User string        `placeholder:"ID" help:"Whose token it is."`
	Role string        `enum:",admin" default:"" placeholder:"admin" help:"admin opens the fields that are for the app's backend; without it the token is a user's."`
	TTL  time.Duration `default:"1h" placeholder:"DURATION" help:"How long the token is good."`

	JWTSecret   *string `placeholder:"SECRET" help:"Secret to sign with, the one that the service has."`
	JWTIssuer   *string `placeholder:"ISS" help:"The token's iss, if the service checks it."`
	JWTAudience *string `placeholder:"AUD" help:"The token's aud, if the service checks it."`
}

var groups = kong.Groups{
	"net":      "Where it listens and what it keeps:",
	"hooks":    "What the app's backend is told:",
	"nodes":    "Several nodes on one Postgres:",
	"key":      "Who may sign in (with neither --jwt-secret nor --jwks-url: development mode, for this machine alone):",
	"presence": "When a user is online:",
	"limit":    "Limits:",
	"dev":      "For developers:",
}

const introduction = `userstatus tells an app's frontends who is online, and what status each user set.

Usage:
  userstatus [serve] [flags]     run the service
  userstatus token --user=ID     print a token, signed with --jwt-secret (token --help says more)
  userstatus backup --to=FILE    copy the SQLite database, also while the service runs
  userstatus health              ask the service on this machine whether it is ready
  userstatus completion SHELL    print a script with which bash, zsh or fish completes all this
  userstatus version             print the version

Examples:
  userstatus
      tries it out: development mode on http://127.0.0.1:8080, demo users, data in ./userstatus.db
  USERSTATUS_JWT_SECRET=... userstatus --listen=:8080 --allowed-origin=https://chat.example.com
      serves an app whose backend signs tokens with the secret

A flag beats its variable, which is named behind it, and that beats --config. Durations look like 500ms, 10s, 1h30m.
`

// parseConfig reads the flags in args (without the program's name); for those
// not given the variables of getenv, of which an empty one counts as unset; and
// for those the file that --config names. A set-up that can't work is an error
// of one line that names the flag; no error has a secret in it. Help, if asked
// for, goes to stdout.
func parseConfig(args []string, getenv func(string) string, stdout io.Writer) (config, error) {
	var given settings
	helped := false
	file := &settingsFile{}
	parser, err := kong.New(&given,
		kong.Name("userstatus"), groups,
		kong.Resolvers(kong.ResolverFunc(func(ctx *kong.Context, path *kong.Path, flag *kong.Flag) (any, error) {
			return file.resolve(ctx, path, flag)
		}), fromEnv(getenv)), // the later one wins
		kong.Writers(stdout, io.Discard),
		kong.Help(printHelp), kong.ValueFormatter(describe),
		kong.Exit(func(int) { helped = true }), // called by --help, and parsing goes on
	)
	if err != nil {
		return config{}, fmt.Errorf("set up the flags: %w", err)
	}
	file, fileErr := openSettings(parser, args, getenv)
	parsed, err := parser.Parse(args)
	switch {
	case helped:
		return config{Command: commandHelp}, nil
	case err == nil:
		err = fileErr
	default:
		err = discreet(err)
	}
	if err != nil {
		return config{}, file.locate(err)
	}
	c, err := given.config(parsed)
	return c, file.locate(err)
}

// config is that of the command that was given.
func (s *settings) config(parsed *kong.Context) (config, error) {
	switch command, _, _ := strings.Cut(parsed.Command(), " "); command {
	case commandVersion:
		return config{Command: commandVersion}, nil
	case commandToken:
		return s.Token.config()
	case commandBackup:
		return s.Backup.config()
	case commandHealth:
		return s.Health.config()
	case commandCompletion:
		var script strings.Builder
		err := writeCompletion(&script, s.Completion.Shell, parsed.Model)
		return config{Command: commandCompletion, Script: script.String()}, err
	}
	return s.Serve.config()
}

func (s *serveSettings) config() (config, error) {
	c := config{
		Command:               commandServe,
		Listen:                s.Listen,
		History:               s.History,
		MetricsListen:         s.MetricsListen,
		OfflineGrace:          s.OfflineGrace,
		PingInterval:          s.PingInterval,
		SetStatusRate:         s.SetStatusRate,
		MaxSubscriptions:      s.MaxSubscriptions,
		MaxConnectionsPerUser: s.MaxConnectionsPerUser,
		MaxConnections:        s.MaxConnections,
	}
	err := cmp.Or(
		c.takeKeys(s.JWTSecret, s.JWKSURL),
		c.takePrevious(s.JWTPreviousSecret),
		c.takeChecks(s.JWTIssuer, s.JWTAudience),
		c.checkListen("--listen", c.Listen),
		c.checkMetricsListen(),
		c.takeDatabase(s.Database),
		c.takeWebhooks(s.WebhookURL, s.WebhookSecret),
		c.takeBus(s),
		c.takeNodeName(s.NodeName),
		c.takeOrigins(s.AllowedOrigin),
		c.takeProxies(s.TrustedProxy),
		between("--history", c.History, 0, maxHistory),
		between("--offline-grace", c.OfflineGrace, 0, maxGrace),
		between("--ping-interval", c.PingInterval, minPingInterval, maxPingInterval),
		notNegative("--set-status-rate", c.SetStatusRate),
		notNegative("--max-subscriptions", c.MaxSubscriptions),
		notNegative("--max-connections-per-user", c.MaxConnectionsPerUser),
		notNegative("--max-connections", c.MaxConnections),
	)
	if err != nil {
		return config{}, err
	}
	c.Introspection = c.Development
	if s.Introspection != nil {
		c.Introspection = *s.Introspection
	}
	return c, nil
}

func (t *tokenSettings) config() (config, error) {
	if t.JWTSecret == nil {
		return config{}, errors.New("--jwt-secret is needed: token signs with it")
	}
	c := config{Command: commandToken, TokenUser: t.User, TokenAdmin: t.Role != "", TokenTTL: t.TTL}
	err := cmp.Or(
		c.takeKeys(t.JWTSecret, nil),
		c.takeChecks(t.JWTIssuer, t.JWTAudience),
		checkUser(t.User),
		between("--ttl", t.TTL, minTTL, maxTTL),
	)
	if err != nil {
		return config{}, err
	}
	return c, nil
}
