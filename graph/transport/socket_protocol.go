package transport

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/gorilla/websocket"

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
		c.greet(m.Payload)
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
		c.say(reply{kind: "pong", payload: m.Payload})
	}
}

// greeting is what a connection_init carries.
type greeting struct {
	Authorization string `json:"authorization"`
	Platform      string `json:"platform"`
}

// greet takes a connection_init, for a worker to let the client in.
func (c *socketConn) greet(raw jsontext.Value) {
	if c.greeted {
		c.closeWith(closeTooManyRequests, "Too many initialisation requests")
		return
	}
	c.greeted = true
	var sent greeting
	if len(raw) > 0 && json.Unmarshal(raw, &sent) != nil {
		c.refuse(closeBadRequest, "Invalid connection_init: its payload is an object with authorization and platform as strings")
		return
	}
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	c.line(&operation{greeting: &sent})
}

// letIn makes the client ONLINE, or closes.
func (c *socketConn) letIn(g *greeting) {
	if c.socket.sockets.isLeaving() {
		c.closeWith(websocket.CloseGoingAway, goingAway)
		return
	}
	if err := presence.CheckPlatform(g.Platform); err != nil {
		c.refuse(closeBadRequest, err.Message)
		return
	}
	viewer, err := c.authenticate(g.Authorization)
	if err != nil {
		c.refuseFor(err, closeForbidden)
		return
	}
	ctx := presence.WithViewer(c.ctx, viewer)
	connection, err := connect(ctx, c.socket.Admission, c.socket.Service, g.Platform, c.end)
	if err != nil {
		c.refuseFor(err, websocket.CloseTryAgainLater)
		return
	}
	c.acknowledge(presence.WithConnection(ctx, connection), connection, viewer.ExpiresAt)
}

func (c *socketConn) authenticate(authorization string) (presence.Viewer, error) {
	token, ok := bearer([]string{authorization})
	if !ok {
		return presence.Viewer{}, presence.Errorf(presence.Unauthenticated, `connection_init carries no token: send {"authorization": "Bearer …"}`)
	}
	return c.socket.Authenticate(c.ctx, token)
}

// acknowledge tells the client that it is let in. If it has gone meanwhile, its
// connection goes too.
func (c *socketConn) acknowledge(ctx context.Context, connection *presence.Connection, expiresAt time.Time) {
	c.out.mu.Lock()
	if c.gone {
		c.out.mu.Unlock()
		connection.Close()
		return
	}
	c.ctx, c.presence, c.expiresAt = ctx, connection, expiresAt
	tell(c.socket.Measure.Opened, c.dialect.transport())
	if expiresAt.Before(c.pingAt) {
		c.expiry = c.socket.wheel.add(expiry{c}, expiresAt)
	}
	c.out.mu.Unlock()
	c.say(reply{kind: "connection_ack"})
	if c.dialect.keepAlive != nil {
		c.say(reply{kind: "ka"})
	}
}

const cantLetIn = "the server can't let anybody in at the moment"

// refuseFor closes with code for what the client did, and has it try again for
// what it didn't.
func (c *socketConn) refuseFor(err error, code int) {
	shown, ok := presence.AsError(err)
	switch {
	case !ok:
		if !errors.Is(err, context.Canceled) {
			c.socket.faults.log(c.ctx, c.socket.Log, "a socket could not be let in", err)
		}
		c.refuse(websocket.CloseTryAgainLater, cantLetIn)
	case errors.Is(err, presence.ErrTooManyConnections):
		c.refuse(closeTooManyRequests, shown.Message)
	case shown == errBusy:
		c.refuse(websocket.CloseTryAgainLater, shown.Message)
	default:
		c.refuse(code, shown.Message)
	}
}

func (c *socketConn) refuse(code int, reason string) {
	if c.dialect.tellsRefusal {
		payload, _ := json.Marshal(map[string]string{"message": reason})
		c.say(reply{kind: "connection_error", payload: payload})
	}
	c.closeWith(code, reason)
}

// start queues an operation.
func (c *socketConn) start(m message) {
	if !c.greeted {
		c.closeWith(closeUnauthorized, "Unauthorized")
		return
	}
	params, ok := decodeParams(m.Payload)
	if !ok || m.ID == "" || len(m.ID) > maxOperationID {
		c.closeWith(closeBadRequest, "Invalid message: "+c.dialect.start+" has an id of at most 256 bytes and a payload with a query")
		return
	}
	op, err := newOperation(m.ID, params, len(m.Payload))
	if err != nil {
		c.closeWith(closeBadRequest, "Invalid message: its id can't be written back")
		return
	}
	c.enqueue(op)
}

// decodeParams reads an operation as GraphQL over HTTP has it.
func decodeParams(raw jsontext.Value) (*graphql.RawParams, bool) {
	var sent wire
	if decode(raw, &sent) != nil {
		return nil, false
	}
	params, refused := sent.params()
	return params, refused == nil
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
