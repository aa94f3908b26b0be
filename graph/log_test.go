package graph_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/99designs/gqlgen/graphql"

	"userstatus/graph"
	"userstatus/presence"
)

// tricks are texts that would be lines of their own, or move a terminal's cursor, if
// they were written as they are.
var tricks = []string{
	"x\ntime=2026-01-01T00:00:00Z level=ERROR msg=forged", "x\r\n{\"level\":\"ERROR\",\"msg\":\"forged\"}", `x" level=ERROR msg=forged user="`, `x","msg":"forged","y":"`,
	"x\x1b[2J\x1b[31m", "x\u009b31m", "x\x00y", "x\u0085y", "x\u2028y\u2029z", "x\u202ey", "x\xff\xfey", "x\ty", `x\n\"y`, "x=y z", "=", "", "${jndi:ldap://evil.example}", "%s%n%d", "<script>",
}

// field is one of a line of a log as text: what has anything special in it is quoted.
var field = regexp.MustCompile(`^([a-z_]+)=("(?:[^"\\]|\\.)*"|[^\s"=]*)(?: |$)`)

// textLine reads a line, of which nothing may be left.
func textLine(t *testing.T, line string) map[string]string {
	t.Helper()
	fields := map[string]string{}
	for rest := line; rest != ""; {
		found := field.FindStringSubmatch(rest)
		if found == nil || fields[found[1]] != "" {
			t.Fatalf("%q is not a line of a log, from %q", line, rest)
		}
		value, err := strconv.Unquote(found[2])
		if err != nil {
			value = found[2]
		}
		fields[found[1]] = value
		rest = rest[len(found[0]):]
	}
	return fields
}

func jsonLine(t *testing.T, line string) map[string]string {
	t.Helper()
	fields := map[string]string{}
	if err := json.Unmarshal([]byte(line), &fields); err != nil {
		t.Fatalf("%q is not a line of a log: %v", line, err)
	}
	return fields
}

// Whoever an event is about, and however they are called, it is one line: here a panic
// and the call that it spoilt, with a user of whom nobody checked the ID.
func TestAnEventIsOneLineOfTheLog(t *testing.T) {
	for kind, c := range map[string]struct {
		handler func(io.Writer) slog.Handler
		read    func(*testing.T, string) map[string]string
		special func(rune) bool
	}{
		"text": {func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) }, textLine, func(r rune) bool { return !unicode.IsPrint(r) }},
		"JSON": {func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) }, jsonLine, func(r rune) bool { return r < ' ' || r == '\u2028' || r == '\u2029' }}, // for programs
	} {
		t.Run(kind, func(t *testing.T) {
			for _, trick := range tricks {
				log := &bytes.Buffer{}
				exec := graph.NewExecutor(nil, false, slog.New(c.handler(log))) // has no service to call
				ctx := presence.WithViewer(t.Context(), presence.Viewer{UserID: trick})
				op, errs := exec.CreateOperationContext(ctx, &graphql.RawParams{Query: `query Mine{me:self{visibility}}`, OperationName: "Mine"})
				if len(errs) > 0 {
					t.Fatal(errs)
				}
				next, ctx := exec.DispatchOperation(ctx, op)
				next(ctx)
				lines := strings.Split(strings.TrimSuffix(log.String(), "\n"), "\n")
				if len(lines) != 2 {
					t.Fatalf("%d lines for two events: %s", len(lines), log)
				}
				for i, message := range []string{"panic", "an operation went wrong"} {
					if strings.ContainsFunc(lines[i], c.special) {
						t.Errorf("%q has what moves a terminal's cursor", lines[i])
					}
					if got := c.read(t, lines[i]); got["msg"] != message {
						t.Errorf("got %v, want %s", got, message)
					}
				}
				got := c.read(t, lines[1])["user"]
				if want := strings.ToValidUTF8(trick, ""); kind == "text" && got != trick || strings.ReplaceAll(got, "\uFFFD", "") != want && kind == "JSON" {
					t.Errorf("%q is said to be %q", trick, got)
				}
			}
		})
	}
}

// A document is quoted in what its sender reads, and not in the log.
func TestWhatIsWrongWithACallIsNotLogged(t *testing.T) {
	s := start(t)
	sockets := []*client{s.socket(t, "eve"), s.oldSocket(t, "eve")}
	for _, trick := range tricks {
		if trick == "" {
			continue
		}
		for _, query := range []string{"query " + trick + "{self{visibility}}", `{self{visibility(a:"` + trick + `")}}`, "{" + trick + "}", trick} {
			text, err := json.Marshal(map[string]any{"query": query, "operationName": trick, "variables": map[string]any{trick: trick}})
			if err != nil {
				t.Fatal(err)
			}
			r := s.request("POST", s.url, string(text), "Content-Type: application/json", "Authorization: Bearer eve")
			if got := s.do(r); len(got.Errors) == 0 {
				t.Errorf("%q went through: %s", query, got.body)
			}
			for i, start := range []string{"subscribe", "start"} {
				message, err := json.Marshal(map[string]any{"id": "1", "type": start, "payload": map[string]any{"query": "{a:" + query + "}", "operationName": trick}})
				if err != nil {
					t.Fatal(err)
				}
				sockets[i].send(string(message))
				sockets[i].until(`"error"`)
			}
		}
	}
	if got := s.log.String(); got != "" {
		t.Errorf("the log has %s", got)
	}
}
