// Userstatus serves the status of an app's users: who is online, and what each
// has set. See README.md.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"userstatus/auth"
	"userstatus/broadcast"
	"userstatus/db"
	"userstatus/graph"
	"userstatus/graph/transport"
	"userstatus/presence"
	"userstatus/web"
)

//go:embed schema.graphqls
var schema []byte

const (
	// headerTimeout is how long a client may take to send a request's header.
	headerTimeout = 10 * time.Second
	// idleTimeout is how long an HTTP connection is kept without a request.
	idleTimeout = 2 * time.Minute
	// maxHeader is in bytes.
	maxHeader = 64 << 10
	// lostAfter is in ping intervals: a client that has not been heard of for so
	// long is gone.
	lostAfter = 2
	// noticeTime is how long /readyz fails before connections are refused, so
	// that a balancer that asks can send clients elsewhere first.
	noticeTime = time.Second
	// stopTimeout is how long answers and closes may take after that; with both
	// and the store's last write the program stops within 10 s.
	stopTimeout = 6 * time.Second
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	if errors.Is(err, context.Canceled) {
		return // it was told to stop while it started
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "userstatus:", err)
		os.Exit(1)
	}
}

// run is the program: it returns when ctx ends and all is put away, or with
// the reason why it can't work.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	c, err := parseConfig(args, getenv, stdout)
	if err != nil {
		return err
	}
	switch c.Command {
	case commandHelp:
		return nil
	case commandVersion:
		_, err = fmt.Fprintln(stdout, version())
		return err
	case commandToken:
		return printToken(c, stdout)
	case commandBackup:
		return backUp(ctx, c, stdout)
	case commandHealth:
		return askReady(ctx, c.ReadyURL, stdout)
	case commandCompletion:
		_, err = io.WriteString(stdout, c.Script)
		return err
	}
	return serve(ctx, c, getenv, stdout, newLog(stderr))
}

func printToken(c config, stdout io.Writer) error {
	token, err := auth.NewMinter(c.Secret, c.checks()).Mint(c.TokenUser, c.TokenAdmin, c.TokenTTL, time.Now())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, token)
	return err
}

// backUp ends in an error also where it was told to stop: there is no backup then.
func backUp(ctx context.Context, c config, stdout io.Writer) error {
	err := db.Backup(ctx, c.DatabasePath, c.BackupTo)
	if ctx.Err() != nil && err != nil {
		return fmt.Errorf("back up to %s: it was told to stop", c.BackupTo)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s is backed up to %s\n", c.DatabasePath, c.BackupTo)
	return err
}

func (c config) checks() auth.Checks { return auth.Checks{Issuer: c.Issuer, Audience: c.Audience} }

// newLog writes for people on a terminal, and for programs elsewhere.
func newLog(to io.Writer) *slog.Logger {
	if file, ok := to.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return slog.New(slog.NewTextHandler(to, nil))
		}
	}
	return slog.New(slog.NewJSONHandler(to, &slog.HandlerOptions{ReplaceAttr: inWords}))
}

// inWords has a duration be 3.5s, and not a number of nanoseconds.
func inWords(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	return a
}

func serve(ctx context.Context, c config, getenv func(string) string, stdout io.Writer, log *slog.Logger) (err error) {
	watch, err := startWatch(ctx, c, getenv, log)
	if err != nil {
		return err
	}
	defer watch.close()
	store, err := openStore(ctx, c, watch.writes())
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, store.Close()) }()
	broadcaster, hangUp, err := openBroadcaster(ctx, c, store, log)
	if err != nil {
		return err
	}
	defer hangUp()
	service, err := presence.Start(ctx, presence.Options{
		Store:                 store,
		Broadcaster:           broadcaster,
		Log:                   log,
		NodeName:              c.NodeName,
		Alone:                 c.DatabaseURL == "",
		OfflineGrace:          c.OfflineGrace,
		SetStatusRate:         c.SetStatusRate,
		MaxSubscriptions:      c.MaxSubscriptions,
		MaxConnectionsPerUser: c.MaxConnectionsPerUser,
		HistoryTime:           c.History,
		Outbox:                store,
		WebhooksEnabled:       c.WebhookURL != nil,
		RateLimited:           watch.metrics.RateLimited,
		Measure:               watch.metrics.Figures,
	})
	if errors.Is(err, presence.ErrNameTaken) {
		return fmt.Errorf("--node-name: %w", err)
	}
	if err != nil {
		return fmt.Errorf("--database: database %s cannot be used: %w", store.Name(), err)
	}
	defer service.Close()
	watch.follow(c, service, store, broadcaster)
	defer c.sendWebhooks(store, service, watch, log)()
	return listen(ctx, c, service, watch, stdout, log)
}

// openBroadcaster connects this node with the others, if there are to be any.
func openBroadcaster(ctx context.Context, c config, store *db.Store, log *slog.Logger) (b broadcaster, hangUp func(), err error) {
	if c.NATSURL == "" && !c.Embedded {
		b = broadcast.NewChannel()
		return b, b.Close, nil
	}
	key, err := store.ClusterKey(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("--database: database %s cannot be used: %w", store.Name(), err)
	}
	o := broadcast.NATSOptions{
		URL: c.NATSURL, Credentials: c.NATSCredentials, CA: c.NATSCA, Certificate: c.NATSCertificate, Key: c.NATSKey,
		Prefix: broadcast.Prefix(key), NodeName: c.NodeName, Log: log,
	}
	if c.Embedded {
		o.Server, err = broadcast.StartEmbedded(broadcast.EmbeddedOptions{
			Listen: c.ClusterListen, Peers: c.ClusterPeers, ClusterKey: key, NodeName: c.NodeName, Log: log,
		})
	}
	if err != nil {
		return nil, nil, fmt.Errorf("--cluster-listen: %w", err)
	}
	bus, err := broadcast.ConnectNATS(ctx, o)
	if err != nil {
		o.Server.Close()
		return nil, nil, fmt.Errorf("--nats: %w", err)
	}
	return bus, func() { bus.Close(); o.Server.Close() }, nil
}

func openStore(ctx context.Context, c config, measure db.Measure) (*db.Store, error) {
	options := db.Options{History: c.History > 0, Webhooks: c.WebhookURL != nil, Measure: measure}
	open, database := db.Open, c.DatabasePath
	if c.DatabaseURL != "" {
		open, database = db.OpenPostgres, c.DatabaseURL
	}
	store, err := open(ctx, database, options)
	if err != nil {
		return nil, fmt.Errorf("--database: %w", err)
	}
	return store, nil
}

func listen(ctx context.Context, c config, service *presence.Service, watch *watch, stdout io.Writer, log *slog.Logger) error {
	keysCtx, stopKeys := context.WithCancel(context.Background())
	defer stopKeys()
	verifier, dev, err := newVerifier(keysCtx, c, log)
	if err != nil {
		return err
	}
	if dev != nil {
		if err := dev.introduce(ctx, service); err != nil {
			return err
		}
	}
	admission, err := newAdmission(c, watch, log)
	if err != nil {
		return err
	}
	listener, err := listenConfig(lostAfter*c.PingInterval).Listen(context.Background(), "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("--listen %q: %w", c.Listen, unbound(err))
	}
	if c.MetricsListen != "" {
		if err := watch.listen(c.MetricsListen); err != nil {
			_ = listener.Close()
			return err
		}
	}
	endpoint := graph.New(graph.Options{
		Presence:      service,
		Authenticate:  verifier.Verify,
		Origins:       transport.Origins{Allowed: c.Origins, Development: c.Development},
		Introspection: c.Introspection,
		Log:           log,
		PingInterval:  c.PingInterval,
		Measure:       watch.operations(),
		Admission:     admission,
	})
	s := &server{service: service, endpoint: endpoint, watch: watch, log: log}
	s.http = &http.Server{
		Handler:           s.routes(c, dev),
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	url := "http://" + listener.Addr().String()
	log.Info("listening", "url", url, "version", version(), "development", c.Development, "max_connections", c.maxConnections())
	if dev != nil {
		dev.greet(stdout, url)
	}
	return s.serve(ctx, admission.Listen(listener))
}

// newVerifier accepts tokens as the set-up says; without a key those that
// development mode mints itself.
func newVerifier(ctx context.Context, c config, log *slog.Logger) (*auth.Verifier, *development, error) {
	switch {
	case c.JWKSURL != "":
		verifier, err := auth.NewJWKS(ctx, c.JWKSURL, c.checks(), log)
		return verifier, nil, err
	case c.Secret != nil:
		return auth.NewSecret(c.Secret, c.checks(), c.PreviousSecret), nil, nil
	}
	secret := []byte(rand.Text() + rand.Text())
	return auth.NewSecret(secret, auth.Checks{}), &development{minter: auth.NewMinter(secret, auth.Checks{})}, nil
}

// server is the program while it serves.
type server struct {
	http     *http.Server
	service  *presence.Service
	endpoint *graph.Endpoint
	watch    *watch
	log      *slog.Logger
	health   health
}

func (s *server) routes(c config, dev *development) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/graphql", s.watch.traced(s.endpoint))
	if c.MetricsListen == "" {
		mux.Handle("GET /metrics", s.watch.metrics.Handler(s.log))
	}
	mux.HandleFunc("GET /healthz", s.health.alive)
	mux.HandleFunc("GET /readyz", s.health.ready(s.service.Ready, s.log))
	pages := web.Options{Development: c.Development, Schema: schema, Metrics: c.MetricsListen == "", Version: version()}
	if dev != nil {
		pages.DemoUsers = demoUsers
		mux.HandleFunc("GET /dev/token", dev.token)
	}
	mux.Handle("/", web.Handler(pages))
	return web.Secure(mux)
}

// serve answers until ctx ends, then stops in order.
func (s *server) serve(ctx context.Context, listener net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- s.http.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	s.stop()
	s.log.Info("stopped")
	return nil
}

// stop closes what is open: first it is announced, then nobody new is let in
// and the calls that are under way are answered, then the connections end so
// that clients come back.
func (s *server) stop() {
	s.health.stopping.Store(true)
	s.log.Info("stopping")
	s.service.Drain()
	time.Sleep(noticeTime) // net/http answers nothing more once it shuts down
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		if err := s.http.Shutdown(ctx); err != nil {
			s.log.Warn("some requests did not end in time and were cut", "error", err)
			_ = s.http.Close()
		}
	}()
	s.endpoint.Shutdown(ctx)
	<-closed
}
