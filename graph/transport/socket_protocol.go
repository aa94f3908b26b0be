package transport

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"userstatus/presence"
)

// receive acts on a client's message.
func (c *socketConn) receive(raw []byte) {
	var m message
	if err := json.Unmarshal(raw, &m); err != nil || m.Type == "" {
		c.closeWith(closeBadRequest, "Invalid message: it is a JSON object with a type")
		return
	}
	switch m.Type {
	case "connection_init":
		c.init(m.Payload)
	case "ping", "pong":
		c.answerPingMessage(m)
	case c.dialect.terminate:
		c.closeWith(websocket.CloseNormalClosure, "")
	case c.dialect.start:
		c.start(m)
	case c.dialect.stop:
		c.stop(m.ID)
	default:
		c.closeWith(closeBadRequest, "Invalid message: unknown type")
	}
}

// answerPingMessage answers a ping that is a message, not a frame.
func (c *socketConn) answerPingMessage(m message) {
	switch {
	case len(m.Payload) > 0 && m.Payload[0] != '{' && string(m.Payload) != "null":
		c.closeWith(closeBadRequest, "Invalid message: the payload of a "+m.Type+" is an object")
	case m.Type == "ping":
		c.say(message{Type: "pong", Payload: m.Payload})
	}
}

// initPayload is what a connection_init carries.
type initPayload struct {
	Authorization string `json:"authorization"`
	Platform      string `json:"platform"`
}

// init lets the client in, or closes.
func (c *socketConn) init(raw json.RawMessage) {
	if c.presence != nil {
		c.closeWith(closeTooManyRequests, "Too many initialisation requests")
		return
	}
	var payload initPayload
	if len(raw) > 0 && json.Unmarshal(raw, &payload) != nil {
		c.refuse(closeBadRequest, "Invalid connection_init: its payload is an object with authorization and platform as strings")
		return
	}
	if err := presence.CheckPlatform(payload.Platform); err != nil {
		c.refuse(closeBadRequest, err.Message)
		return
	}
	viewer, err := c.authenticate(payload.Authorization)
	if err != nil {
		c.refuseFor(err, closeForbidden)
		return
	}
	c.ctx = presence.WithViewer(c.ctx, viewer)
	connection, err := c.socket.Service.Connect(c.ctx, payload.Platform, c.end)
	if err != nil {
		c.refuseFor(err, websocket.CloseTryAgainLater)
		return
	}
	c.ctx = presence.WithConnection(c.ctx, connection)
	c.letIn(connection, viewer.ExpiresAt)
}

func (c *socketConn) authenticate(authorization string) (presence.Viewer, error) {
	token, ok := bearer([]string{authorization})
	if !ok {
		return presence.Viewer{}, presence.Errorf(presence.Unauthenticated, `connection_init carries no token: send {"authorization": "Bearer …"}`)
	}
	return c.socket.Authenticate(c.ctx, token)
}

// letIn acknowledges the client, which is ONLINE now.
func (c *socketConn) letIn(connection *presence.Connection, expiresAt time.Time) {
	c.out.mu.Lock()
	c.presence, c.expiresAt = connection, expiresAt
	nextPulse := c.pingAt
	c.out.mu.Unlock()
	c.say(message{Type: "connection_ack"})
	if c.dialect.keepAlive != nil {
		c.say(message{Type: "ka"})
	}
	if expiresAt.Before(nextPulse) {
		c.socket.wheel.add(expiry{c}, expiresAt)
	}
}

// refuseFor closes with code for what the client did, and has it try again for
// what it didn't.
func (c *socketConn) refuseFor(err error, code int) {
	shown, ok := presence.AsError(err)
	switch {
	case !ok:
		if !errors.Is(err, context.Canceled) {
			c.socket.Log.Error("a socket could not be let in", "error", err)
		}
		c.refuse(websocket.CloseTryAgainLater, "the server can't let anybody in at the moment")
	case shown == presence.ErrTooManyConnections:
		c.refuse(closeTooManyRequests, shown.Message)
	default:
		c.refuse(code, shown.Message)
	}
}

func (c *socketConn) refuse(code int, reason string) {
	if c.dialect.tellsRefusal {
		payload, _ := json.Marshal(map[string]string{"message": reason})
		c.say(message{Type: "connection_error", Payload: payload})
	}
	c.closeWith(code, reason)
}

// start queues an operation.
func (c *socketConn) start(m message) {
	if c.presence == nil {
		c.closeWith(closeUnauthorized, "Unauthorized")
		return
	}
	params, ok := decodeParams(m.Payload)
	if !ok || m.ID == "" || len(m.ID) > maxOperationID {
		c.closeWith(closeBadRequest, "Invalid message: "+c.dialect.start+" has an id of at most 256 bytes and a payload with a query")
		return
	}
	op, err := newOperation(m.ID, params)
	if err != nil {
		c.closeWith(closeBadRequest, "Invalid message: its id can't be written back")
		return
	}
	c.enqueue(op)
}

// decodeParams reads an operation as GraphQL over HTTP has it.
func decodeParams(raw []byte) (*graphql.RawParams, bool) {
	var sent wire
	if decode(raw, &sent) != nil {
		return nil, false
	}
	params, refused := sent.params()
	return params, refused == nil
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
	err := presence.Errorf(presence.RateLimited, "a socket has at most %d operations open", maxOperations)
	return errorMessage(op.id, c.exec.DispatchError(c.ctx, gqlerror.List{gqlerror.Wrap(err)}).Errors)
}

// stop ends an operation that the client has no more use for. One that is
// queued is forgotten: what waits is never more than what is open.
func (c *socketConn) stop(id string) {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	i := c.find(id)
	if i < 0 {
		return
	}
	op := c.operations[i]
	op.end()
	c.operations = slices.Delete(c.operations, i, i+1)
	c.queue = slices.DeleteFunc(c.queue, func(queued *operation) bool { return queued == op })
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
