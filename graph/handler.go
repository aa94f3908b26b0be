package graph

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/rs/cors"

	"userstatus/admission"
	"userstatus/graph/transport"
	"userstatus/presence"
)

// Options are what the endpoint is made of.
type Options struct {
	Presence *presence.Service
	// Authenticate tells whose token it is. An error that is no presence.Error
	// is the server's fault.
	Authenticate  func(ctx context.Context, token string) (presence.Viewer, error)
	Origins       transport.Origins
	Introspection bool
	Log           *slog.Logger
	// PingInterval is how often sockets are pinged, and how long a client may
	// take to accept what is written to it, or to send a body.
	PingInterval time.Duration
	Measure      Measure
	// Admission has clients wait for one another; nil lets in everybody at once.
	Admission *admission.Control
}

// Endpoint serves all transports at one address.
type Endpoint struct {
	http.Handler
	exec       *Executor
	origins    transport.Origins
	admission  *admission.Control
	transports []graphql.Transport
	sockets    *transport.Socket
	streams    *transport.HTTP
	stop       sync.Once
}

// New makes the endpoint. Shutdown ends it.
func New(o Options) *Endpoint {
	exec := newExecutor(o.Presence, o.Introspection, o.Log, o.Measure)
	subscriptions := transport.NewSubscriptions(exec, o.Presence)
	exec.admission = o.Admission
	subscriptions.Measure = o.Measure.Measure
	subscriptions.Admission, subscriptions.Admit = o.Admission, exec.Admit
	sockets := transport.NewSocket(transport.SocketOptions{
		Service:       o.Presence,
		Subscriptions: subscriptions,
		Authenticate:  o.Authenticate,
		Origins:       o.Origins,
		Log:           o.Log,
		PingInterval:  o.PingInterval,
		Measure:       o.Measure.Measure,
		Admission:     o.Admission,
	})
	streams := transport.NewHTTP(transport.HTTPOptions{
		Presence:      o.Presence,
		Subscriptions: subscriptions,
		Authenticate:  o.Authenticate,
		Log:           o.Log,
		Heartbeat:     o.PingInterval / 2,
		WriteTimeout:  o.PingInterval,
		Measure:       o.Measure.Measure,
		Admission:     o.Admission,
	})
	e := &Endpoint{exec: exec, origins: o.Origins, admission: o.Admission, sockets: sockets, streams: streams}
	e.transports = []graphql.Transport{sockets, streams}
	e.Handler = e.guard(crossOrigin(o.Origins).Handler(http.HandlerFunc(e.serve)))
	return e
}

// Shutdown ends the connections that stay open, spread over up to three
// seconds, so that their clients come back elsewhere, and returns when they are
// closed, at the latest when ctx ends. http.Server.Shutdown waits for the rest.
// A second call does nothing more.
func (e *Endpoint) Shutdown(ctx context.Context) {
	e.stop.Do(func() {
		var both sync.WaitGroup
		both.Go(func() { e.sockets.Shutdown(ctx) })
		both.Go(func() { e.streams.Shutdown(ctx) })
		both.Wait()
	})
}

// crossOrigin answers a browser that asks whether a page may call.
func crossOrigin(origins transport.Origins) *cors.Cors {
	return cors.New(cors.Options{
		AllowOriginVaryRequestFunc: func(r *http.Request, _ string) (bool, []string) { return origins.Allow(r), nil },
		AllowedMethods:             []string{http.MethodGet, http.MethodPost},
		AllowedHeaders:             []string{"Accept", "Authorization", "Content-Type", "X-Platform", "Apollo-Require-Preflight", "Cache-Control", "Last-Event-ID"},
		MaxAge:                     600,
	})
}

// guard refuses pages that may not call, and addresses that have their share,
// before anything is run, and keeps a panic to its request.
func (e *Endpoint) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer e.recover(w, r)
		w.Header().Add("Vary", "Origin, Sec-Fetch-Site, Accept, Authorization")
		if !e.origins.Allow(r) {
			if e.exec.measure.Refused != nil {
				e.exec.measure.Refused(transport.RefusedOrigin)
			}
			transport.Refuse(w, r, http.StatusForbidden, presence.Errorf(presence.Forbidden, "pages of this origin may not call: it is not one of --allowed-origin"))
			return
		}
		admitted, done, err := e.admission.Admit(r)
		if err != nil {
			transport.Refuse(w, r, http.StatusTooManyRequests, presence.Errorf(presence.RateLimited, "%s", err))
			return
		}
		defer done()
		next.ServeHTTP(w, admitted)
	})
}

func (e *Endpoint) recover(w http.ResponseWriter, r *http.Request) {
	switch cause := recover(); cause {
	case nil:
	case http.ErrAbortHandler:
		panic(cause)
	default:
		_ = e.exec.presenter.recovered(r.Context(), cause)
		transport.Refuse(w, r, http.StatusInternalServerError, presence.Errorf(presence.Internal, "internal error"))
	}
}

// serve hands a request to the first transport that is for it.
func (e *Endpoint) serve(w http.ResponseWriter, r *http.Request) {
	for _, t := range e.transports {
		if t.Supports(r) {
			t.Do(w, r, e.exec)
			return
		}
	}
	w.Header().Set("Allow", "GET, POST, OPTIONS")
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	transport.Refuse(w, r, http.StatusMethodNotAllowed, presence.Errorf(presence.BadUserInput, "operations are sent by POST, or queries by GET"))
}
