package transport

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"userstatus/admission"
	"userstatus/presence"
)

// HTTPOptions are what operations over plain HTTP need from outside.
type HTTPOptions struct {
	Presence      *presence.Service
	Subscriptions *Subscriptions
	// Authenticate tells whose token it is. An error that is no presence.Error
	// is the server's fault.
	Authenticate func(ctx context.Context, token string) (presence.Viewer, error)
	Log          *slog.Logger
	// Heartbeat is how often a stream shows that it is alive.
	Heartbeat time.Duration
	// WriteTimeout is how long a client may take to accept what is written, or
	// to send a body; then it is gone.
	WriteTimeout time.Duration
	Measure      Measure
	Admission    *admission.Control
}

// HTTP serves operations by POST and GET: a query or mutation is answered
// once, a subscription as a stream of server-sent events or of parts,
// whichever the client accepts.
type HTTP struct {
	HTTPOptions
	streams *crowd[*stream]
	wheel   *wheel
	faults  *faults
}

var _ graphql.Transport = (*HTTP)(nil)

// NewHTTP makes the transport. Shutdown ends its streams.
func NewHTTP(o HTTPOptions) *HTTP {
	return &HTTP{HTTPOptions: o, streams: newCrowd[*stream](), wheel: newWheel(o.Heartbeat), faults: newFaults()}
}

// Shutdown ends all streams without their last event, spread as
// Socket.Shutdown has it, and returns when they have ended, at the latest when
// ctx ends: then some may still be written to. A second call only waits.
func (h *HTTP) Shutdown(ctx context.Context) {
	_ = h.streams.leave(ctx, func(s *stream) { s.end() })
	h.wheel.stop()
}

// Supports is true for every POST and GET.
func (h *HTTP) Supports(r *http.Request) bool {
	return r.Method == http.MethodPost || r.Method == http.MethodGet
}

// Do serves one operation.
func (h *HTTP) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	ctx, ok := h.identify(w, r)
	if !ok {
		return
	}
	accepts := acceptedBy(r)
	if accepts.best() == mediaNone {
		h.reject(w, r, refuse(http.StatusNotAcceptable, "the Accept header names nothing there is: take application/json, application/graphql-response+json, text/event-stream, or multipart/mixed;subscriptionSpec=1.0"))
		return
	}
	memory := h.Admission.Reserve(ctx)
	defer memory.Free()
	params, refused := readParams(w, r, h.WriteTimeout, memory)
	if refused != nil {
		h.reject(w, r, refused)
		return
	}
	op, errs := exec.CreateOperationContext(ctx, params)
	if len(errs) > 0 {
		answer(w, accepts.best(), exec.DispatchError(graphql.WithOperationContext(ctx, op), errs))
		return
	}
	h.execute(ctx, w, r, exec, op, accepts, memory)
}

func (h *HTTP) execute(ctx context.Context, w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, op *graphql.OperationContext, accepts accepted, memory *admission.Reservation) {
	switch kind := op.Operation.Operation; {
	case kind == ast.Subscription && accepts.stream() == mediaNone:
		h.reject(w, r, refuse(http.StatusNotAcceptable, "a subscription needs a stream: open a WebSocket, or accept text/event-stream or multipart/mixed;subscriptionSpec=1.0"))
	case kind == ast.Subscription:
		memory.Free() // what was sent is not kept
		h.serveStream(ctx, w, r, exec, op, accepts.stream(), memory)
	case kind == ast.Mutation && r.Method == http.MethodGet:
		w.Header().Set("Allow", http.MethodPost)
		h.reject(w, r, refuse(http.StatusMethodNotAllowed, "a mutation is sent by POST"))
	default:
		next, ctx := exec.DispatchOperation(ctx, op)
		response := next(ctx)
		switch {
		case response == nil: // the client is gone
		case !memory.Grow(len(response.Data)):
			Refuse(w, r, http.StatusTooManyRequests, errNoMemory)
		default:
			answer(w, accepts.best(), response)
		}
	}
}
