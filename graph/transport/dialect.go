package transport

import (
	"github.com/go-json-experiment/json/jsontext"
	"github.com/gorilla/websocket"
)

// dialect is what the two subprotocols have different names for.
type dialect struct {
	subprotocol       string
	start, stop, data string
	// terminate is how a client says goodbye, where that is a message.
	terminate string
	// keepAlive is a message that tells the client regularly that the server is
	// there; nil where the client asks by itself.
	keepAlive []byte
	// tellsRefusal is true where a connection_error goes before the close.
	tellsRefusal bool
}

var (
	// modern is https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md.
	modern = &dialect{subprotocol: "graphql-transport-ws", start: "subscribe", stop: "complete", data: "next"}
	// legacy is https://github.com/apollographql/subscriptions-transport-ws/blob/master/PROTOCOL.md.
	legacy = &dialect{
		subprotocol: "graphql-ws", start: "start", stop: "stop", data: "data", terminate: "connection_terminate",
		keepAlive: []byte(`{"type":"ka"}`), tellsRefusal: true,
	}
)

// dialectOf is the one a handshake agreed upon; where it agreed upon none, the
// one in which the client is told so.
func dialectOf(subprotocol string) *dialect {
	if subprotocol == legacy.subprotocol {
		return legacy
	}
	return modern
}

// The close codes of graphql-transport-ws; the legacy subprotocol has none of
// its own and gets the same.
const (
	closeBadRequest      = 4400
	closeUnauthorized    = 4401
	closeForbidden       = 4403
	closeUnacceptable    = 4406
	closeInitTimeout     = 4408
	closeDuplicate       = 4409
	closeTooManyRequests = 4429
)

// message is what a client says, in both dialects.
type message struct {
	ID      string         `json:"id"`
	Type    string         `json:"type"`
	Payload jsontext.Value `json:"payload"`
}

// maxOperationID is in bytes.
const maxOperationID = 256

// reply is what the server says; idJSON and payload are left out where empty.
type reply struct {
	idJSON, kind string
	payload      []byte
}

// appendReply appends a reply as a frame.
func appendReply(to []byte, r reply) []byte {
	return appendTextFrame(to, func(to []byte) ([]byte, bool) {
		to = append(to, '{')
		if r.idJSON != "" {
			to = append(append(append(to, `"id":`...), r.idJSON...), ',')
		}
		to = append(append(append(to, `"type":"`...), r.kind...), '"')
		if len(r.payload) > 0 {
			to = append(append(to, `,"payload":`...), r.payload...)
		}
		return append(to, '}'), true
	})
}

// appendData appends a frame with what an operation yields, if payload has any.
func (d *dialect) appendData(to []byte, idJSON string, payload func(to []byte) ([]byte, bool)) []byte {
	return appendTextFrame(to, func(to []byte) ([]byte, bool) {
		to = append(to, `{"id":`...)
		to = append(to, idJSON...)
		to = append(to, `,"type":"`...)
		to = append(to, d.data...)
		to = append(to, `","payload":`...)
		to, ok := payload(to)
		return append(to, '}'), ok
	})
}

// maxCloseReason is in bytes: a control frame has 125, two of them the code.
const maxCloseReason = 123

func appendClose(to []byte, code int, reason string) []byte {
	for len(reason) > maxCloseReason {
		runes := []rune(reason)
		reason = string(runes[:len(runes)-1])
	}
	return appendFrame(to, websocket.CloseMessage, websocket.FormatCloseMessage(code, reason))
}
