package graph_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"userstatus/presence"
)

// arena is a server whose sockets hear anything, and a client beside them that
// must not notice.
type arena struct {
	*server
	path    string
	witness *client
	// tokens are those that were shown to it.
	tokens chan string
}

func newArena(f *testing.F) *arena {
	f.Helper()
	a := &arena{path: filepath.Join(f.TempDir(), "socket"), tokens: make(chan string, 1000)}
	listener, err := net.Listen("unix", a.path)
	if err != nil {
		f.Fatal(err)
	}
	a.server = start(f, func(s *settings) {
		s.listener = listener // of which there are as many ends as one likes, and no ports to wait for
		s.PingInterval = time.Hour
		s.Authenticate = a.authenticate
	})
	a.witness = a.dialBy(f, &websocket.Dialer{Subprotocols: []string{modern}, NetDial: func(string, string) (net.Conn, error) { return net.Dial("unix", a.path) }})
	a.witness.send(hello("witness"))
	a.witness.expect(ack)
	return a
}

func (a *arena) authenticate(ctx context.Context, token string) (presence.Viewer, error) {
	select {
	case a.tokens <- token:
	default:
	}
	if token == "bad" || token == "broken" {
		return authenticate(ctx, token)
	}
	return presence.Viewer{UserID: "fuzz", ExpiresAt: time.Now().Add(time.Hour)}, nil
}

// open opens a socket; its end must leave nothing.
func (a *arena) open(t *testing.T, legacySocket bool) *rude {
	t.Helper()
	before := footprint()
	conn, err := net.Dial("unix", a.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		before.awaited(t)
		(&client{a.witness.Conn, t}).quiet()
	})
	_ = conn.SetDeadline(time.Now().Add(patience))
	return (&rude{Conn: conn, key: "dGhlIHNhbXBsZSBub25jZQ==", host: "fuzz"}).shake(map[bool]string{true: legacy, false: modern}[legacySocket])
}

// rest shuts the client's side, and reads until the server has shut its own.
func (c *rude) rest(t *testing.T) []byte {
	t.Helper()
	_ = c.Conn.(interface{ CloseWrite() error }).CloseWrite()
	all, err := io.ReadAll(c)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("the server does not end the socket; it said %q", all)
	}
	return all
}

// matches checks what a server has sent against what was to come.
func (f *forecast) matches(t *testing.T, sent []byte) {
	t.Helper()
	got := receptionOf(sent)
	code := 0
	if len(got.codes) > 0 {
		code = got.codes[0]
	}
	switch {
	case len(got.odd) > 0:
		t.Errorf("the server sends %q", got.odd)
	case got.after > 0:
		t.Errorf("%d frames come after the close with %d", got.after, code)
	case f.anything:
		if !slices.Contains([]int{0, 1000, 1002, 1007, 1009, 1013, 4400, 4401, 4403, 4409, 4429}, code) {
			t.Errorf("closed with %d", code)
		}
	case !slices.Contains(f.codes, code):
		t.Errorf("closed with %d, want one of %v; it said %q", code, f.codes, got.texts)
	case !isAnswer(f.pings, got.pongs, len(f.maybe) > 0):
		t.Errorf("pings %q have the pongs %q", f.pings, got.pongs)
	default:
		f.checkTexts(t, got.texts)
	}
}

// isAnswer is true where each that was asked is answered in turn, and all of
// them are unless the answers may break off.
func isAnswer(asked, answered []string, broken bool) bool {
	return len(answered) <= len(asked) && slices.Equal(asked[:len(answered)], answered) && (broken || len(answered) == len(asked))
}

// checkTexts checks that each message is of the subprotocol, and about what was
// asked.
func (f *forecast) checkTexts(t *testing.T, texts []string) {
	t.Helper()
	data := map[bool]string{true: "data", false: "next"}[f.legacy]
	var pongs []string
	for _, text := range texts {
		m, ok := object([]byte(text))
		kind, _ := m.text("type")
		id, _ := m.text("id")
		var payload any
		fits := ok && (m["payload"] == nil || json.Unmarshal(m["payload"], &payload) == nil)
		switch kind {
		case "connection_ack":
			fits = fits && f.welcome
		case "ka":
			fits = fits && f.welcome && f.legacy
		case "connection_error":
			fits = fits && f.legacy && f.greeted && !f.welcome
		case "pong":
			pongs = append(pongs, string(m["payload"]))
		case "complete", "error", data:
			fits = fits && f.started[id] && f.welcome
		default:
			fits = false
		}
		if !fits {
			t.Errorf("the server says %s", text)
		}
	}
	if !isAnswer(f.pongs, pongs, len(f.maybe) > 0) {
		t.Errorf("ping messages with %q are answered with %q", f.pongs, pongs)
	}
}

// framed is a whole frame of a client, however long, whose mask changes nothing:
// what is in it stays what it is when it is mutated.
func framed(head byte, payload string) string {
	switch n := len(payload); {
	case n < 126:
		return string(masked(head, payload))
	case n < 1<<16:
		return string(binary.BigEndian.AppendUint16([]byte{head, 0xfe}, uint16(n))) + "\x00\x00\x00\x00" + payload
	default:
		return string(binary.BigEndian.AppendUint64([]byte{head, 0xff}, uint64(n))) + "\x00\x00\x00\x00" + payload
	}
}

const goodbye = "\x88\x82\x00\x00\x00\x00\x03\xe8"

// FuzzSocketStream sends any bytes after a handshake. What they mean is found out
// by reading them anew, as RFC 6455 and the subprotocols have it.
func FuzzSocketStream(f *testing.F) {
	in := func(messages ...string) (stream string) {
		for _, m := range messages {
			stream += framed(0x81, m)
		}
		return stream
	}
	alice := hello("alice")
	for _, stream := range []string{
		"", goodbye, in(alice) + goodbye, in(alice, ask("1", watchAll)), in(alice, ask("1", watchAll), ask("1", watch)) + goodbye,
		in(hello("bad"), `{"type":"ping"}`), in(alice, alice), in(`{"type":"ping","payload":{"a":1}}`) + framed(0x89, "hi") + framed(0x8a, "") + goodbye,
		framed(0x01, `{"type":`) + framed(0x89, "hi") + framed(0x00, `"pin`) + framed(0x80, `g"}`) + goodbye, framed(0x02, "") + framed(0x80, "{}"),
		in("{") + framed(0x83, ""), in("{") + goodbye + framed(0x89, "late"), "\x81\x02{}", "\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00x",
		"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00x", framed(0x01, "x") + "\x80\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00x",
		"\x81\xfe\x00\x02\x00\x00\x00\x00{}", "\x81\xfe\xff", framed(0x81, "\xff"), framed(0x88, "\x03"), framed(0x88, "\x03\xed"), framed(0x88, "\x03\xe8\xff"), framed(0x88, "\x0f\xa0bye"),
		framed(0xc1, "{}"), framed(0x09, ""), "\x89\xfe\x00\x7e\x00\x00\x00\x00", framed(0x80, ""), framed(0x01, "") + framed(0x81, ""),
		in(alice, ask("1", `mutation{logout{statusType}}`), ask("2", `{self{visibility}}`)) + goodbye,
		in(alice, begin("1", watch), `{"type":"stop","id":"1"}`, `{"type":"connection_terminate"}`),
		framed(0x81, alice) + framed(0x81, strings.Repeat(" ", maxMessage+1)),
	} {
		f.Add(false, []byte(stream))
		f.Add(true, []byte(stream))
	}
	a := newArena(f)
	f.Fuzz(func(t *testing.T, legacySocket bool, stream []byte) {
		if len(stream) > 2*maxMessage {
			return
		}
		c := a.open(t, legacySocket).write(string(stream))
		forecastOf(newTalk(legacySocket), stream).matches(t, c.rest(t))
	})
}

// FuzzSocketMessages says any messages, one a line, each in a frame of its own.
func FuzzSocketMessages(f *testing.F) {
	for _, messages := range [][]string{
		{hello("alice"), ask("1", `{__typename}`), ask("1", watch), `{"type":"complete","id":"1"}`},
		{hello("alice"), begin("a", watchAll), begin("b", setText("x")), `{"type":"stop","id":"a"}`, begin("a", `{self{status{version}}}`)},
		{`{"type":"ping","payload":null}`, `{"type":"pong","payload":{}}`, `{"type":"ping","payload":[]}`},
		{hello("bad"), `{"type":"connection_init"}`}, {`{"type":"connection_init","payload":{"authorization":"bEARER x","platform":"a b"}}`}, {`{"type":"connection_init","payload":5}`, `{}`},
		{hello("broken"), ask("1", "{")}, {hello("alice"), asking("subscribe", "é", "query($a:ID!){userStatus(userIDList:[$a]){failureUserList{code}}}", map[string]any{"a": 1e99})},
		{hello("alice"), `{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":[]}}`}, {hello("alice"), ask(strings.Repeat("x", 257), "{a}")},
		{`{"type":"next","id":"1"}`}, {`{"TYPE":"ping"}`}, {`{"type":"ping","type":"pong"}`}, {`{"type":"\ud800"}`}, {`[]`}, {`null`}, {``}, {"{\"type\":\"ping\"}\x00"}, {`{"type":"ping"} {}`},
	} {
		f.Add(false, strings.Join(messages, "\n"))
		f.Add(true, strings.Join(messages, "\n"))
	}
	a := newArena(f)
	f.Fuzz(func(t *testing.T, legacySocket bool, text string) {
		if len(text) > maxMessage {
			return
		}
		var stream strings.Builder
		for message := range strings.SplitSeq(text, "\n") {
			stream.WriteString(framed(0x81, message))
		}
		stream.WriteString(goodbye)
		c := a.open(t, legacySocket).write(stream.String())
		forecastOf(newTalk(legacySocket), []byte(stream.String())).matches(t, c.rest(t))
	})
}

// FuzzConnectionInit sends any payload of a connection_init: who is let in is the
// bearer of the very token in it.
func FuzzConnectionInit(f *testing.F) {
	for _, payload := range []string{
		`{"authorization":"Bearer alice","platform":"web"}`, `{"authorization":"bearer  x "}`, `{"authorization":"Bearer a b"}`, `{"authorization":"Bearer a,b"}`, `{"authorization":"Basic x"}`,
		`{"authorization":"Bearer bad"}`, `{"authorization":"Bearer broken"}`, `{"authorization":["Bearer x"]}`, `{"authorization":null}`, `{"Authorization":"Bearer x"}`,
		`{"authorization":"Bearer x","platform":"iOS 17"}`, `{"authorization":"Bearer \u0078","platform":"` + strings.Repeat("p", 33) + `"}`, `{}`, `null`, `5`, `""`, `[]`, ` `, `{"a":{"b":[1,2,{"c":null}]}}`,
	} {
		f.Add(false, payload)
		f.Add(true, payload)
	}
	a := newArena(f)
	f.Fuzz(func(t *testing.T, legacySocket bool, payload string) {
		if len(payload) > 60_000 {
			return
		}
		message := `{"type":"connection_init","payload":` + payload + `}`
		for len(a.tokens) > 0 {
			<-a.tokens
		}
		c := a.open(t, legacySocket).write(framed(0x81, message))
		var sent []byte
		for one := make([]byte, 512); ; { // until it is decided
			n, err := c.Read(one)
			if sent = append(sent, one[:n]...); err != nil {
				t.Fatalf("%s is answered with %q: %v", payload, sent, err)
			}
			if got := receptionOf(sent); len(got.codes) > 0 || slices.Contains(got.texts, ack) {
				break
			}
		}
		sent = append(sent, c.rest(t)...)
		expected, got := forecastOf(newTalk(legacySocket), []byte(framed(0x81, message))), receptionOf(sent)
		expected.matches(t, sent)
		if letIn := slices.Contains(got.texts, ack); !expected.anything && letIn != expected.welcome {
			t.Errorf("%s is let in: %v", payload, letIn)
		}
		if expected.welcome && !expected.anything {
			if token := <-a.tokens; token != expected.token {
				t.Errorf("%s shows the token %q", payload, token)
			}
		}
	})
}
