package transport

import (
	"net/http"

	"github.com/99designs/gqlgen/graphql"
)

// framing is how the payloads of a stream follow each other.
type framing struct {
	contentType string
	// opening is what a stream starts with; it has the client see at once that it is open.
	opening string
	// before and after enclose a payload.
	before, after string
	heartbeat     string
	// complete is the last event. A stream that ends without it was interrupted.
	complete string
}

var framings = map[media]framing{
	// graphql-sse's distinct connections mode. complete has a data line, since a
	// browser's EventSource passes over an event without one.
	mediaEvents: {
		contentType: "text/event-stream; charset=utf-8",
		opening:     ":\n\n",
		before:      "event: next\ndata: ",
		after:       "\n\n",
		heartbeat:   ":\n\n",
		complete:    "event: complete\ndata:\n\n",
	},
	// Apollo's multipart subscriptions. Each part ends with the boundary of the
	// next, since clients wait for it before they read the part.
	mediaMultipart: {
		contentType: `multipart/mixed;boundary="graphql";subscriptionSpec=1.0`,
		opening:     "\r\n--graphql" + part + "{}\r\n--graphql",
		before:      part + `{"payload":`,
		after:       "}\r\n--graphql",
		heartbeat:   part + "{}\r\n--graphql",
		complete:    "--\r\n",
	},
}

const part = "\r\nContent-Type: application/json\r\n\r\n"

// start sends the head of a stream.
func (f framing) start(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // has nginx pass each event on at once
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusOK)
}

// appendOnly appends a whole stream of one response.
func (f framing) appendOnly(buf []byte, response *graphql.Response) []byte {
	buf = append(append(buf, f.opening...), f.before...)
	buf = appendResponse(buf, response)
	return append(append(buf, f.after...), f.complete...)
}

// appendNext appends the frame of the payload that next appends, if there is one.
func (f framing) appendNext(buf []byte, next func([]byte) ([]byte, bool)) ([]byte, bool) {
	start := len(buf)
	buf, ok := next(append(buf, f.before...))
	if !ok {
		return buf[:start], false
	}
	return append(buf, f.after...), true
}
