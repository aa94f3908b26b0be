package transport

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/gorilla/websocket"

	"userstatus/presence"
)

// The transports by which one is connected.
const (
	ByWebSocket       = "websocket"
	ByLegacyWebSocket = "websocket-legacy"
	BySSE             = "sse"
	ByMultipart       = "multipart"
)

// Why somebody is refused, before or instead of what they asked for.
const (
	RefusedOrigin      = "origin"
	RefusedToken       = "token"
	RefusedConnections = "connections"
	RefusedInitTimeout = "init-timeout"
	RefusedOperations  = "operations"
	RefusedRequest     = "bad-request"
	RefusedUnavailable = "unavailable"
)

// Why a client is cut off.
const (
	// CutOffSlow took nothing of what is written for a ping interval.
	CutOffSlow = "slow"
	// CutOffBacklog asks for more than it reads.
	CutOffBacklog = "backlog"
	// CutOffSilent gave no sign of life for two ping intervals.
	CutOffSilent = "silent"
)

// Measure hears what happens to clients. Each of its functions may be nil, and
// must be quick: it is called with locks held.
type Measure struct {
	// Opened and Closed are told of connections that were let in, by transport.
	Opened, Closed func(transport string)
	// SocketClosed is told why a socket ended: the code of its close, of whichever
	// side, or 0 where there was none.
	SocketClosed func(code int)
	// Refused and CutOff are told one of the reasons above.
	Refused, CutOff func(reason string)
	// NewTally makes something to count payloads with. There are about as many as
	// goroutines that write at a time.
	NewTally func() Tally
	// Span begins a span of an operation that began before. Its kind is query,
	// mutation or subscription; end is told the code of its error, or "".
	Span func(ctx context.Context, kind, name string, began time.Time) (within context.Context, end func(code string))
}

// Tally counts payloads, one at a time.
type Tally interface {
	// Payload is told of what goes to a client as one payload, when it is handed
	// to the connection.
	Payload([]*presence.Update)
}

func tell(hear func(string), what string) {
	if hear != nil {
		hear(what)
	}
}

func (m *Measure) refused(reason string) { tell(m.Refused, reason) }

// refusedFor is refused for what was answered with an error.
func (m *Measure) refusedFor(err error) {
	shown, ok := presence.AsError(err)
	switch {
	case !ok:
		m.refused(RefusedUnavailable)
	case errors.Is(err, presence.ErrTooManyConnections):
		m.refused(RefusedConnections)
	case shown.Code == presence.Unauthenticated:
		m.refused(RefusedToken)
	default:
		m.refused(RefusedRequest)
	}
}

// cutOff tells of a client that can't be written to, unless it has just gone.
func (m *Measure) cutOff(err error) {
	switch {
	case errors.Is(err, errSilent):
		tell(m.CutOff, CutOffSilent)
	case errors.Is(err, errBacklog):
		tell(m.CutOff, CutOffBacklog)
	case errors.Is(err, os.ErrDeadlineExceeded):
		tell(m.CutOff, CutOffSlow)
	}
}

// ended tells of a socket's end, and of why it was refused if it was never let in.
func (m *Measure) ended(transport string, letIn bool, code int) {
	if m.SocketClosed != nil {
		m.SocketClosed(code)
	}
	if letIn {
		tell(m.Closed, transport)
		return
	}
	if reason := refusals[code]; reason != "" {
		m.refused(reason)
	}
}

// refusals is what the close of a socket means that was never let in.
var refusals = map[int]string{
	closeBadRequest: RefusedRequest, closeUnauthorized: RefusedRequest, closeUnacceptable: RefusedRequest,
	closeForbidden: RefusedToken, closeInitTimeout: RefusedInitTimeout, closeTooManyRequests: RefusedConnections,
	websocket.CloseTryAgainLater: RefusedUnavailable,
}

// transportOf is how a subprotocol's sockets are called.
func (d *dialect) transport() string {
	if d == legacy {
		return ByLegacyWebSocket
	}
	return ByWebSocket
}

// transport is how a stream's medium is called.
func (m media) transport() string {
	if m == mediaMultipart {
		return ByMultipart
	}
	return BySSE
}

// span begins a span where anybody wants it.
func (m *Measure) span(ctx context.Context, kind, name string, began time.Time) (context.Context, func(string)) {
	if m.Span == nil {
		return ctx, func(string) {}
	}
	return m.Span(ctx, kind, name, began)
}
