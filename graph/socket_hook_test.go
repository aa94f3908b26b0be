package graph_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"userstatus/graph"
	"userstatus/graph/transport"
	"userstatus/presence"
)

// hooked is a server of sockets alone, of which nothing escapes the log, and
// whose operations are run by around. A token may have more to it than a name,
// behind a dot.
func hooked(t *testing.T, around graphql.OperationMiddleware) (*server, *transport.Socket) {
	t.Helper()
	log := &logBuffer{}
	logger := slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	store := openStore(t)
	service := startService(t, store, presence.Options{NodeName: "here", Alone: true, OfflineGrace: time.Millisecond}, logger)
	exec := graph.NewExecutor(service, false, logger)
	exec.AroundOperations(around)
	sockets := transport.NewSocket(transport.SocketOptions{
		Service:       service,
		Subscriptions: transport.NewSubscriptions(exec, service),
		Authenticate: func(ctx context.Context, token string) (presence.Viewer, error) {
			user, _, _ := strings.Cut(token, ".")
			return authenticate(ctx, user)
		},
		Log:          logger,
		PingInterval: 5 * time.Second,
	})
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { sockets.Do(w, r, exec) }))
	t.Cleanup(func() {
		sockets.Shutdown(context.Background())
		web.Close()
	})
	return &server{t: t, url: web.URL, log: log, store: store}, sockets
}

// gate holds back the operations named Slow.
type gate struct{ entered, open chan struct{} }

func newGate() gate { return gate{make(chan struct{}, 1), make(chan struct{})} }

func (g gate) around(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	if graphql.GetOperationContext(ctx).OperationName != "Slow" {
		return next(ctx)
	}
	g.entered <- struct{}{}
	select {
	case <-g.open:
	case <-ctx.Done():
	}
	return next(ctx)
}

const slow = `{"id":"m","type":"subscribe","payload":{"operationName":"Slow","query":"mutation Slow{setSelfStatus(customStatus:\"kept\"){customStatus}}"}}`

func TestShutdownWaitsForTheAnswerUnderWay(t *testing.T) {
	g := newGate()
	s, sockets := hooked(t, g.around)
	busy, idle := s.socket(t, "alice"), s.socket(t, "bob")
	busy.send(ask("s", watchAll))
	busy.expectPart("ONLINE")
	busy.send(slow, ask("late", setText("never")))
	<-g.entered
	done := make(chan struct{})
	for range 2 { // the second call waits as the first does
		go func() {
			sockets.Shutdown(t.Context())
			done <- struct{}{}
		}()
	}
	idle.closed(1001, "going away")
	s.log.await(t, "socket told to go away", 2)
	select {
	case <-done:
		t.Fatal("Shutdown did not wait")
	default:
	}
	close(g.open)
	read := busy.untilClosed(1001, "going away")
	if got, want := strings.Join(read, "\n"), `{"id":"m","type":"next","payload":{"data":{"setSelfStatus":{"customStatus":"kept"}}}}`+"\n"+`{"id":"m","type":"complete"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	<-done
	<-done
}

func TestShutdownCutsWhenItsTimeIsUp(t *testing.T) {
	g := newGate()
	s, sockets := hooked(t, g.around)
	c := s.socket(t, "alice")
	c.send(slow)
	<-g.entered
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	sockets.Shutdown(ctx)
	if text, err := c.read(); err == nil {
		t.Error(text)
	}
}

func TestAStoppedMutationIsNotAnswered(t *testing.T) {
	g := newGate()
	s, _ := hooked(t, g.around)
	c := s.socket(t, "alice")
	c.send(slow)
	<-g.entered
	c.send(`{"type":"complete","id":"m"}`, ask("m", `{__typename}`))
	c.expect(`{"id":"m","type":"next","payload":{"data":{"__typename":"Query"}}}`, `{"id":"m","type":"complete"}`)
}

func TestWhatIsStoppedBeforeItRunsDoesNotRun(t *testing.T) {
	g := newGate()
	s, _ := hooked(t, g.around)
	c := s.socket(t, "alice")
	c.send(slow)
	<-g.entered
	for range 200 {
		c.send(ask("1", setText("never")), `{"type":"complete","id":"1"}`)
	}
	c.send(ask("last", `{self{status{customStatus}}}`))
	c.quiet() // all of it has been read
	close(g.open)
	c.expectPart(`{"id":"m","type":"next"`, `{"id":"m","type":"complete"}`)
	c.expect(`{"id":"last","type":"next","payload":{"data":{"self":{"status":{"customStatus":"kept"}}}}}`, `{"id":"last","type":"complete"}`)
}

func TestAPanicCostsItsOperationAlone(t *testing.T) {
	s, _ := hooked(t, func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		if graphql.GetOperationContext(ctx).OperationName == "Slow" {
			panic("a secret of ours")
		}
		return next(ctx)
	})
	c := s.socket(t, "alice")
	c.send(slow, ask("after", `{__typename}`))
	c.expectPart(`{"id":"m","type":"error","payload":[{"message":"internal error"`,
		`{"id":"after","type":"next","payload":{"data":{"__typename":"Query"}}}`, `{"id":"after","type":"complete"}`)
	if !strings.Contains(s.log.String(), "a secret of ours") {
		t.Error("the log does not say what happened")
	}
}

func TestLogoutWaitsForNothingButItsAnswer(t *testing.T) {
	g := newGate()
	s, _ := hooked(t, g.around)
	one, other := s.socket(t, "alice"), s.socket(t, "alice")
	one.send(slow)
	<-g.entered
	other.send(ask("l", `mutation{logout(allDevices:true){statusType}}`))
	other.expectPart("UNLOGINED", "complete")
	other.closed(4401, "logged out")
	close(g.open)
	one.expectPart(`"customStatus":"kept"`, "complete")
	one.closed(4401, "logged out")
}

func TestNoTokenIsLogged(t *testing.T) {
	s, _ := hooked(t, func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler { return next(ctx) })
	const secret = "eyJhbGciOi"
	alice := hello("alice." + secret)
	for _, sent := range [][]string{
		{alice, ask("1", `{self{visibility}}`), `{"type":"` + secret + `"}`},
		{`{"type":"connection_init","payload":{"authorization":"` + secret + `"}}`},
		{`{"type":"connection_init","payload":{"authorization":["` + secret + `"]}}`},
		{`{"type":"connection_init","payload":"` + secret + `"`},
		{alice, `{"type":"subscribe","id":"1","payload":"` + secret + `"}`},
		{hello("broken." + secret)},
		{hello("bad." + secret)},
	} {
		c := s.dial(t, modern)
		c.send(sent...)
		for _, m := range c.drainAll() {
			if strings.Contains(m, secret) {
				t.Error(m)
			}
		}
	}
	_ = s.store.Close() // what goes wrong is logged with all there is to know
	c := s.dial(t, modern)
	c.send(hello("bob." + secret))
	c.closed(1013, "at the moment")
	if log := s.log.String(); !strings.Contains(log, "could not be let in") || strings.Contains(log, secret) || strings.Contains(log, "Bearer") {
		t.Error(log)
	}
}

// drainAll reads until the socket ends, and returns why with the rest.
func (c *client) drainAll() (read []string) {
	for {
		text, err := c.read()
		if err != nil {
			return append(read, err.Error())
		}
		read = append(read, text)
	}
}
