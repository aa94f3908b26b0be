package transport

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"userstatus/admission"
	"userstatus/presence"
)

const (
	// MaxBody is in bytes.
	MaxBody = 1 << 20
	// maxDiscarded is how much of a body that is too large is still read, so
	// that a client which sends before it listens hears the answer.
	maxDiscarded = 8 << 20
)

// refusal is why a request is not even tried.
type refusal struct {
	status  int
	message string
	// reason is set where it isn't the request that is wrong.
	reason *presence.Error
}

func (r *refusal) Error() string { return r.message }

func refuse(status int, message string) *refusal { return &refusal{status: status, message: message} }

// readParams is what the request asks for. The client has wait to send it.
func readParams(w http.ResponseWriter, r *http.Request, wait time.Duration, memory *admission.Reservation) (*graphql.RawParams, *refusal) {
	if r.Method == http.MethodGet {
		return parseQuery(r.URL.Query())
	}
	if !sendsJSON(r.Header.Get("Content-Type")) {
		return nil, refuse(http.StatusUnsupportedMediaType, "send the operation with Content-Type: application/json, in UTF-8")
	}
	body, refused := readBody(w, r, wait, memory)
	if refused != nil {
		return nil, refused
	}
	return parseBody(body)
}

// sendsJSON is false for whatever a page can send without being asked for it first.
func sendsJSON(contentType string) bool {
	name, params, err := mime.ParseMediaType(contentType)
	charset, named := params["charset"]
	return err == nil && name == "application/json" && (!named || strings.EqualFold(charset, "utf-8"))
}

func readBody(w http.ResponseWriter, r *http.Request, wait time.Duration, memory *admission.Reservation) ([]byte, *refusal) {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(wait))
	var read bytes.Buffer
	kept, err := readWithin(&read, io.LimitReader(r.Body, MaxBody+1), MaxBody, memory)
	body := read.Bytes()
	if !kept {
		_, _ = io.CopyN(io.Discard, r.Body, maxDiscarded)
		return nil, &refusal{status: http.StatusTooManyRequests, message: errNoMemory.Message, reason: errNoMemory}
	}
	if len(body) > MaxBody {
		_, _ = io.CopyN(io.Discard, r.Body, maxDiscarded)
		return nil, refuse(http.StatusRequestEntityTooLarge, "the body is too large: at most 1048576 bytes (1 MiB) go")
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, refuse(http.StatusRequestTimeout, "the body did not arrive within "+wait.String())
	}
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "the body broke off")
	}
	_ = control.SetReadDeadline(time.Time{})
	return body, nil
}

// wire is an operation as JSON has it.
type wire struct {
	Query         *string        `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
	Extensions    map[string]any `json:"extensions"`
}

func parseBody(body []byte) (*graphql.RawParams, *refusal) {
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0:
		return nil, bad("the body is empty: send {\"query\": \"…\"}")
	case !utf8.Valid(body):
		return nil, bad("the body is not valid UTF-8")
	case body[0] == '[':
		return nil, bad("batched operations are not served: send one operation a request")
	}
	var sent wire
	if err := decode(body, &sent); err != nil {
		return nil, bad(explain(err))
	}
	return sent.params()
}

func parseQuery(q url.Values) (*graphql.RawParams, *refusal) {
	sent := wire{OperationName: q.Get("operationName")}
	if q.Has("query") {
		query := q.Get("query")
		sent.Query = &query
	}
	for name, into := range map[string]*map[string]any{"variables": &sent.Variables, "extensions": &sent.Extensions} {
		if text := q.Get(name); text != "" && decode([]byte(text), into) != nil {
			return nil, bad("the parameter " + name + " is not a JSON object")
		}
	}
	return sent.params()
}

func (s *wire) params() (*graphql.RawParams, *refusal) {
	if s.Query == nil || strings.TrimSpace(*s.Query) == "" {
		return nil, bad("there is no query: send the operation's text as query")
	}
	if !utf8.ValidString(*s.Query) {
		return nil, bad("the query is not valid UTF-8")
	}
	return &graphql.RawParams{
		Query:         *s.Query,
		OperationName: s.OperationName,
		Variables:     s.Variables,
		Extensions:    s.Extensions,
	}, nil
}

// decode reads one JSON value and nothing after it.
func decode(text []byte, into any) error { return json.Unmarshal(text, into, exactNumbers) }

// exactNumbers keeps the digits of numbers whose type the schema alone knows.
var exactNumbers = json.WithUnmarshalers(json.UnmarshalFromFunc(func(from *jsontext.Decoder, into *any) error {
	if from.PeekKind() != '0' {
		return errors.ErrUnsupported // the usual way
	}
	digits, err := from.ReadValue()
	*into = stdjson.Number(digits) // which gqlgen takes
	return err
}))

// explain says what is wrong with a body without showing any of it.
func explain(err error) string {
	var mistyped *json.SemanticError
	if !errors.As(err, &mistyped) {
		return "the body is not valid JSON"
	}
	for field := range mistyped.JSONPointer.Tokens() {
		if field == "query" || field == "operationName" {
			return field + " is not a string"
		}
		return field + " is not an object"
	}
	return "the body is not a JSON object"
}

func bad(message string) *refusal { return refuse(http.StatusBadRequest, message) }
