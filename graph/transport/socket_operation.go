package transport

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/gorilla/websocket"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"userstatus/admission"
	"userstatus/presence"
)

// operation is something that a client asked for and that is not done yet: to
// be let in, or what params say.
type operation struct {
	id       string
	idJSON   string
	greeting *greeting
	params   *graphql.RawParams
	// size is of what was sent, in bytes, and memory is reserved for it until the
	// operation is run.
	size   int
	memory *admission.Reservation
	// cancel ends the call that runs for it, subscription is set once it is one.
	cancel       context.CancelFunc
	subscription *Subscription
}

func newOperation(id string, params *graphql.RawParams, size int) (*operation, error) {
	idJSON, err := jsontext.AppendQuote(nil, id)
	return &operation{id: id, idJSON: string(idJSON), params: params, size: size}, err
}

// end frees what the operation holds. The caller holds the socket's lock.
func (op *operation) end() {
	op.memory.Free()
	if op.cancel != nil {
		op.cancel()
	}
	if op.subscription != nil {
		op.subscription.Close()
		op.subscription = nil
	}
}

// find is the place of an open operation, or -1. The caller holds the lock.
func (c *socketConn) find(id string) int {
	return slices.IndexFunc(c.operations, func(op *operation) bool { return op.id == id })
}

func (c *socketConn) enqueue(op *operation) {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	switch {
	case c.closeCode != 0:
	case c.find(op.id) >= 0:
		c.resolveClose(closeDuplicate, "Subscriber for "+op.id+" already exists")
		c.tellClose()
	case len(c.operations) >= maxOperations:
		c.socket.Measure.refused(RefusedOperations)
		c.out.put(func(to []byte) []byte { return appendReply(to, c.tooMany(op)) })
	case !c.reserve(op):
		c.out.put(func(to []byte) []byte { return appendReply(to, c.refusal(op, errNoMemory)) })
	default:
		c.operations = append(c.operations, op)
		c.line(op)
	}
}

// reserve has an operation hold what it takes while it waits and runs.
func (c *socketConn) reserve(op *operation) bool {
	op.memory = c.socket.Admission.Reserve(c.ctx)
	return op.memory.Grow(operationSize + op.size)
}

// line has an operation wait for its turn. The caller holds the lock.
func (c *socketConn) line(op *operation) {
	c.queue = append(c.queue, op)
	if !c.working {
		c.working = true
		c.socket.workers.do(c)
	}
}

func (c *socketConn) tooMany(op *operation) reply {
	return c.refusal(op, presence.Errorf(presence.RateLimited, "a socket has at most %d operations open", maxOperations))
}

func (c *socketConn) refusal(op *operation, err *presence.Error) reply {
	return refusalOf(op, c.exec.DispatchError(c.ctx, gqlerror.List{gqlerror.Wrap(err)}).Errors)
}

// work runs the operations that are queued, one after the other, and ends when
// there are none left or the socket is to be closed.
func (c *socketConn) work() {
	for op := c.nextQueued(); op != nil; op = c.nextQueued() {
		c.run(op)
	}
}

func (c *socketConn) nextQueued() *operation {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	if c.closeCode != 0 {
		c.queue = nil
		c.working = false
		c.tellClose()
		return nil
	}
	if len(c.queue) == 0 {
		c.queue, c.working = nil, false
		return nil
	}
	op := c.queue[0]
	c.queue[0] = nil
	c.queue = c.queue[1:]
	return op
}

// isOpen is false once the client has stopped an operation. The caller holds
// the lock.
func (c *socketConn) isOpen(op *operation) bool { return slices.Contains(c.operations, op) }

func (c *socketConn) run(op *operation) {
	defer c.recover(op)
	if op.greeting != nil {
		c.letIn(op.greeting)
		return
	}
	ctx, ok := c.begin(op)
	if !ok {
		return
	}
	params := op.params
	op.params = nil
	call, errs := c.exec.CreateOperationContext(ctx, params)
	switch {
	case len(errs) > 0:
		response := c.exec.DispatchError(graphql.WithOperationContext(ctx, call), errs)
		c.finish(op, refusalOf(op, response.Errors))
	case call.Operation.Operation == ast.Subscription:
		c.subscribe(ctx, op, call)
	default:
		c.answer(ctx, op, call)
	}
}

// recover keeps a panic to its operation.
func (c *socketConn) recover(op *operation) {
	cause := recover()
	if cause == nil {
		return
	}
	c.socket.Log.Error("panic", "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
	if op.greeting != nil {
		c.refuse(websocket.CloseTryAgainLater, cantLetIn)
		return
	}
	c.finish(op, c.refusal(op, presence.Errorf(presence.Internal, "internal error")))
}

// begin gives an operation the context that ends when the client stops it.
func (c *socketConn) begin(op *operation) (context.Context, bool) {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	ctx, cancel := context.WithCancel(c.ctx)
	op.cancel = cancel
	if !c.isOpen(op) {
		cancel()
		return nil, false
	}
	return ctx, true
}

// answer runs a query or a mutation.
func (c *socketConn) answer(ctx context.Context, op *operation, call *graphql.OperationContext) {
	responses, ctx := c.exec.DispatchOperation(ctx, call)
	response := responses(ctx)
	if response == nil { // the client has stopped it, or is gone
		c.finish(op)
		return
	}
	payload := appendResponse(nil, response)
	c.finish(op, reply{op.idJSON, c.dialect.data, payload}, reply{op.idJSON, "complete", nil})
}

// subscribe opens a stream, whose news are sent from then on.
func (c *socketConn) subscribe(ctx context.Context, op *operation, call *graphql.OperationContext) {
	subscription, failure := c.socket.Subscriptions.Open(ctx, call, func() { c.deliver(op) })
	if failure != nil {
		c.finish(op, refusalOf(op, failure.Errors))
		return
	}
	c.out.mu.Lock()
	open := c.isOpen(op)
	if open {
		op.cancel()
		op.cancel, op.subscription = nil, subscription
		op.memory.Free()
	}
	c.out.mu.Unlock()
	if !open {
		subscription.Close()
		return
	}
	c.deliver(op)
}

// finish says the last about an operation, unless the client stopped it.
func (c *socketConn) finish(op *operation, last ...reply) {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	op.end()
	if !c.isOpen(op) || c.closing {
		return
	}
	c.operations = slices.DeleteFunc(c.operations, func(other *operation) bool { return other == op })
	c.out.put(func(to []byte) []byte {
		for _, r := range last {
			to = appendReply(to, r)
		}
		return to
	})
}

func refusalOf(op *operation, errs gqlerror.List) reply {
	payload, err := json.Marshal(errs)
	if err != nil {
		payload = []byte(`[{"message":"internal error"}]`)
	}
	return reply{op.idJSON, "error", payload}
}
