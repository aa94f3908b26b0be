package graph_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf8"
)

// unforeseen is the code where the protocol's text does not say what comes.
const unforeseen = -1

// talk is a subprotocol's text as far as it says what a client may say. It knows
// nothing of the server but that an operation or a greeting is done after a while.
type talk struct {
	legacy  bool
	greeted bool
	// welcome is true once a greeting lets in, as the bearer of a token.
	welcome bool
	token   string
	started map[string]bool
	open    map[string]bool
	pongs   []string
	// later is the code by which the greeting closes, maybe are those by which
	// something else may.
	later int
	maybe []int
}

func newTalk(legacy bool) *talk {
	return &talk{legacy: legacy, started: map[string]bool{}, open: map[string]bool{}}
}

func (k *talk) start() string { return map[bool]string{true: "start", false: "subscribe"}[k.legacy] }
func (k *talk) stop() string  { return map[bool]string{true: "stop", false: "complete"}[k.legacy] }

// hear returns the code with which a message ends the socket, or 0.
func (k *talk) hear(raw []byte) int {
	m, ok := object(raw)
	if isStrange(raw) && ok {
		return unforeseen
	}
	kind, known := m.text("type")
	id, named := m.text("id")
	if !ok || !known || !named || kind == "" {
		return 4400
	}
	switch {
	case kind == "connection_init":
		return k.greet(m)
	case kind == "ping" || kind == "pong":
		if !m.isObject("payload") {
			return 4400
		}
		if kind == "ping" {
			k.pongs = append(k.pongs, string(m["payload"]))
		}
	case kind == "connection_terminate" && k.legacy:
		return 1000
	case kind == k.start():
		return k.begin(id, m)
	case kind == k.stop():
		delete(k.open, id)
	default:
		return 4400
	}
	return 0
}

var platform = regexp.MustCompile(`^[A-Za-z0-9._-]{0,32}$`)

func (k *talk) greet(m fields) int {
	if k.greeted {
		return 4429
	}
	k.greeted = true
	payload, _ := object(m["payload"])
	authorization, ok := payload.text("authorization")
	by, named := payload.text("platform")
	if !m.isObject("payload") || !ok || !named {
		return 4400
	}
	scheme, token, _ := strings.Cut(authorization, " ")
	k.token = strings.TrimSpace(token)
	switch {
	case !platform.MatchString(by):
		k.later = 4400
	case !strings.EqualFold(scheme, "bearer") || k.token == "" || strings.ContainsAny(k.token, " ,") || k.token == "bad":
		k.later = 4403
	case k.token == "broken":
		k.later = 1013
	default:
		k.welcome = true
	}
	return 0
}

func (k *talk) begin(id string, m fields) int {
	payload, ok := object(m["payload"])
	query, isText := payload.text("query")
	_, named := payload.text("operationName")
	switch {
	case !k.greeted:
		return 4401
	case !ok || !isText || !named || strings.TrimSpace(query) == "" || !payload.isObject("variables") || !payload.isObject("extensions") || id == "" || len(id) > 256:
		return 4400
	case k.open[id]:
		k.maybe = append(k.maybe, 4409) // unless it is done already
	}
	if strings.Contains(query, "logout") {
		k.maybe = append(k.maybe, 4401)
	}
	k.started[id], k.open[id] = true, true
	return 0
}

// fields are an object's, by their very names.
type fields map[string]json.RawMessage

func object(raw []byte) (m fields, ok bool) {
	ok = utf8.Valid(raw) && json.Unmarshal(raw, &m) == nil && m != nil
	return m, ok
}

// text is a field that is a string, or is not there.
func (m fields) text(name string) (text string, ok bool) {
	return text, m[name] == nil || json.Unmarshal(m[name], &text) == nil
}

// isObject is true for a field that is an object, or is not there.
func (m fields) isObject(name string) bool {
	_, ok := object(m[name])
	return ok || m[name] == nil || string(m[name]) == "null"
}

var surrogate = regexp.MustCompile(`\\u[dD][89a-fA-F]`)

// isStrange is true of JSON about which readers differ: with a name twice, with
// half a character, or very deep.
func isStrange(raw []byte) bool {
	if surrogate.Match(raw) || bytes.Count(raw, []byte("["))+bytes.Count(raw, []byte("{")) > 5000 {
		return true
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	type level struct {
		names map[string]bool // nil in a list
		value bool            // the next is a value
	}
	levels := []*level{{}}
	for {
		token, err := decoder.Token()
		if err != nil {
			return false
		}
		top := levels[len(levels)-1]
		switch delim, _ := token.(json.Delim); {
		case delim == '}' || delim == ']':
			levels = levels[:len(levels)-1]
			continue
		case top.names != nil && !top.value:
			name, _ := token.(string)
			if top.names[name] {
				return true
			}
			top.names[name], top.value = true, true
			continue
		case delim == '{':
			levels = append(levels, &level{names: map[string]bool{}})
		case delim == '[':
			levels = append(levels, &level{})
		}
		top.value = false
	}
}
