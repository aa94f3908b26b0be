package transport

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"userstatus/presence"
)

// operation is something that a client asked for and that is not done yet.
type operation struct {
	id     string
	idJSON string
	params *graphql.RawParams
	// cancel ends the call that runs for it, subscription is set once it is one.
	cancel       context.CancelFunc
	subscription *Subscription
}

func newOperation(id string, params *graphql.RawParams) (*operation, error) {
	idJSON, err := json.Marshal(id)
	return &operation{id: id, idJSON: string(idJSON), params: params}, err
}

// end frees what the operation holds. The caller holds the socket's lock.
func (op *operation) end() {
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
		c.put(func(to []byte) []byte { return appendMessage(to, c.tooMany(op)) })
	default:
		c.operations = append(c.operations, op)
		c.queue = append(c.queue, op)
		if !c.working {
			c.working = true
			go c.work()
		}
	}
}

func (c *socketConn) tooMany(op *operation) message {
	return c.refusal(op, presence.Errorf(presence.RateLimited, "a socket has at most %d operations open", maxOperations))
}

func (c *socketConn) refusal(op *operation, err *presence.Error) message {
	return errorMessage(op.id, c.exec.DispatchError(c.ctx, gqlerror.List{gqlerror.Wrap(err)}).Errors)
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
	ctx, ok := c.begin(op)
	if !ok {
		return
	}
	defer c.recover(op)
	params := op.params
	op.params = nil
	call, errs := c.exec.CreateOperationContext(ctx, params)
	switch {
	case len(errs) > 0:
		response := c.exec.DispatchError(graphql.WithOperationContext(ctx, call), errs)
		c.finish(op, errorMessage(op.id, response.Errors))
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
	c.finish(op, message{ID: op.id, Type: c.dialect.data, Payload: payload}, message{ID: op.id, Type: "complete"})
}

// subscribe opens a stream, whose news are sent from then on.
func (c *socketConn) subscribe(ctx context.Context, op *operation, call *graphql.OperationContext) {
	subscription, failure := c.socket.Subscriptions.Open(ctx, call, func() { c.deliver(op) })
	if failure != nil {
		c.finish(op, errorMessage(op.id, failure.Errors))
		return
	}
	c.out.mu.Lock()
	open := c.isOpen(op)
	if open {
		op.cancel()
		op.cancel, op.subscription = nil, subscription
	}
	c.out.mu.Unlock()
	if !open {
		subscription.Close()
		return
	}
	c.deliver(op)
}

// finish says the last about an operation, unless the client stopped it.
func (c *socketConn) finish(op *operation, last ...message) {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	op.end()
	if !c.isOpen(op) || c.closing {
		return
	}
	c.operations = slices.DeleteFunc(c.operations, func(other *operation) bool { return other == op })
	c.put(func(to []byte) []byte {
		for _, m := range last {
			to = appendMessage(to, m)
		}
		return to
	})
}

func errorMessage(id string, errs gqlerror.List) message {
	payload, err := json.Marshal(errs)
	if err != nil {
		payload = []byte(`[{"message":"internal error"}]`)
	}
	return message{ID: id, Type: "error", Payload: payload}
}
