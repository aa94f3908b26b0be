package transport

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
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
