package graph_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"userstatus/graph"
	"userstatus/presence"
)

func ids(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("user%d", i)
	}
	return list
}

// aliases repeats a field under as many names.
func aliases(n int, field string) string {
	var b strings.Builder
	b.WriteString("{")
	for i := range n {
		fmt.Fprintf(&b, "a%d:%s ", i, field)
	}
	return b.String() + "}"
}

// doubling has fragments that each spread the next one twice.
func doubling(n int) string {
	var b strings.Builder
	b.WriteString("{...f0}")
	for i := range n {
		fmt.Fprintf(&b, "fragment f%d on Query{...f%d ...f%d}", i, i+1, i+1)
	}
	fmt.Fprintf(&b, "fragment f%d on Query{__typename}", n)
	return b.String()
}

func TestErrorsNameTheLimit(t *testing.T) {
	s := start(t)
	list := func(n int) map[string]any { return map[string]any{"l": ids(n)} }
	for _, c := range []struct {
		name, query string
		variables   map[string]any
		code        string
		number      int
		words       string
	}{
		{"101 users", `mutation($l:[ID!]!){subscribeUserStatus(userIDList:$l){__typename}}`, list(101), "BAD_USER_INPUT", 6017, "at most 100"},
		{"501 users", `query($l:[ID!]!){userStatus(userIDList:$l){__typename}}`, list(501), "BAD_USER_INPUT", 6017, "at most 500"},
		{"101 bytes", `mutation{setSelfStatus(customStatus:"` + strings.Repeat("x", 101) + `"){version}}`, nil, "BAD_USER_INPUT", 6017, "at most 100"},
		{"a control character", `mutation{setSelfStatus(customStatus:"\u0007"){version}}`, nil, "BAD_USER_INPUT", 6017, "control character"},
		{"an expiry in the past", `mutation{setSelfStatus(customStatus:"",expiresAt:"2020-01-01T00:00:00+01:00"){version}}`, nil, "BAD_USER_INPUT", 6017, "in the past"},
		{"a time that is none", `mutation{setSelfStatus(customStatus:"",expiresAt:"tomorrow"){version}}`, nil, "BAD_USER_INPUT", 6017, "RFC 3339"},
		{"3,000 aliases", aliases(3000, "__typename"), nil, "GRAPHQL_VALIDATION_FAILED", 6017, "at most 1000 go"},
		{"1,001 fields by doubling fragments", doubling(60), nil, "GRAPHQL_VALIDATION_FAILED", 6017, "at most 1000 go"},
		{"101 fragments", doubling(100), nil, "GRAPHQL_VALIDATION_FAILED", 6017, "at most 100 go"},
		{"80 levels", strings.Repeat("{a", 80) + strings.Repeat("}", 80), nil, "GRAPHQL_VALIDATION_FAILED", 6017, "30 levels"},
		{"10,001 tokens", "{__typename" + strings.Repeat(" @skip(if:false)", 2000) + "}", nil, "GRAPHQL_PARSE_FAILED", 6017, "10000 tokens"},
		{"30 lists of 500 users", "query($l:[ID!]!)" + aliases(30, `userStatus(userIDList:$l){successUserList{userID}}`), list(500), "GRAPHQL_VALIDATION_FAILED", 6017, "at most 25000"},
		{"introspection", `{...f} fragment f on Query{__schema{queryType{name}}}`, nil, "GRAPHQL_VALIDATION_FAILED", 6017, "/schema.graphqls"},
		{"a document that breaks off", `{`, nil, "GRAPHQL_PARSE_FAILED", 6017, "Expected"},
		{"an unknown field", `{selfy}`, nil, "GRAPHQL_VALIDATION_FAILED", 6017, "selfy"},
		{"a variable that is missing", `query($l:[ID!]!){userStatus(userIDList:$l){__typename}}`, nil, "BAD_USER_INPUT", 6017, "variable $l must be defined"},
		{"a variable that is null", `query($l:[ID!]!){userStatus(userIDList:$l){__typename}}`, map[string]any{"l": []any{nil}}, "BAD_USER_INPUT", 6017, "variable $l[0] cannot be null"},
		{"a number for a text", `mutation($s:String!){setSelfStatus(customStatus:$s){version}}`, map[string]any{"s": 5}, "BAD_USER_INPUT", 6017, "a string"},
		{"a fraction for an ID", `query($l:[ID!]!){userStatus(userIDList:$l){__typename}}`, map[string]any{"l": 1.5}, "BAD_USER_INPUT", 6017, "ID"},
		{"an enum in small letters", `mutation($a:Availability!){setSelfAvailability(availability:$a){version}}`, map[string]any{"a": "busy"}, "BAD_USER_INPUT", 6017, "AVAILABLE, AWAY, BUSY"},
		{"null in the place of a default", `mutation($s:String=""){setSelfStatus(customStatus:$s){version}}`, map[string]any{"s": nil}, "BAD_USER_INPUT", 6017, "a string"},
		{"no operation", `fragment f on Query{__typename}`, nil, "GRAPHQL_VALIDATION_FAILED", 6017, "no operation"},
		{"two operations and no name", `query a{__typename} query b{__typename}`, nil, "GRAPHQL_VALIDATION_FAILED", 6017, "operationName"},
		{"an admin's field", `{settings{userStatusEnabled}}`, nil, "FORBIDDEN", 70403, "admin"},
		{"idleness by plain HTTP", `mutation{reportIdle(idle:true){version}}`, nil, "BAD_USER_INPUT", 6017, "WebSocket"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.post(c.query, c.variables, "Authorization: Bearer alice").refused(t, http.StatusOK, c.code, c.number, c.words)
		})
	}
	if got := s.as("alice", `{self{status{customStatus availability}}}`); !strings.Contains(got.body, `{"customStatus":"","availability":"AVAILABLE"}`) {
		t.Errorf("something was done: %s", got.body)
	}
	if log := s.log.String(); log != "" {
		t.Errorf("callers' faults are in the log: %s", log)
	}
}

func TestWithinTheLimits(t *testing.T) {
	s := start(t)
	for name, query := range map[string]string{
		"1,000 fields":                    aliases(1000, "__typename"),
		"333 aliases with arguments":      aliases(333, `userStatus(userIDList:["a"]){successUserList{userID}}`),
		"three lists of 500 users in all": aliases(3, `userStatus(userIDList:["`+strings.Join(ids(500), `","`)+`"]){successUserList{userID statusType customStatus customStatusExpiresAt lastOnlineAt platforms availability version} failureUserList{userID code message}}`),
	} {
		t.Run(name, func(t *testing.T) { s.as("alice", query) })
	}
}

func TestSignIn(t *testing.T) {
	s := start(t)
	const query = `{self{visibility}}`
	t.Run("without a token the fields that need one fail, and others don't", func(t *testing.T) {
		s.post(query, nil).refused(t, http.StatusOK, "UNAUTHENTICATED", 6014, "sign in")
		s.post(`{settings{userStatusEnabled}}`, nil).refused(t, http.StatusOK, "UNAUTHENTICATED", 6014, "admin")
		if got := s.post(`{__typename}`, nil); got.body != `{"data":{"__typename":"Query"}}` {
			t.Error(got.body)
		}
	})
	for name, headers := range map[string][]string{
		"a bad token":       {"Authorization: Bearer bad"},
		"another scheme":    {"Authorization: Basic YTpi"},
		"no token in it":    {"Authorization: Bearer "},
		"two headers":       {"Authorization: Bearer alice", "Authorization: Bearer bob"},
		"two tokens in one": {"Authorization: Bearer alice, Bearer bob"},
	} {
		t.Run(name+" is 401 for the whole request", func(t *testing.T) {
			got := s.post(`{__typename}`, nil, headers...)
			got.refused(t, http.StatusUnauthorized, "UNAUTHENTICATED", 6014, "")
			if !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer ") {
				t.Error("no WWW-Authenticate")
			}
		})
	}
	t.Run("keys out of reach are an internal error, logged", func(t *testing.T) {
		s.post(query, nil, "Authorization: Bearer broken").refused(t, http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", 70500, "internal error")
		if !strings.Contains(s.log.String(), "the keys are out of reach") {
			t.Error(s.log.String())
		}
	})
	t.Run("an accepted token makes its user exist", func(t *testing.T) {
		s.as("carol", `{__typename}`)
		if got := s.as("alice", `{userStatus(userIDList:["carol"]){successUserList{userID statusType lastOnlineAt platforms}}}`); !strings.Contains(got.body, `[{"userID":"carol","statusType":"UNLOGINED","lastOnlineAt":null,"platforms":[]}]`) {
			t.Error(got.body)
		}
	})
	t.Run("an admin may", func(t *testing.T) { s.as("admin", `{settings{userStatusEnabled}}`) })
	t.Run("a platform has a form", func(t *testing.T) {
		s.post(query, nil, "Authorization: Bearer alice", "X-Platform: a b").refused(t, http.StatusBadRequest, "BAD_USER_INPUT", 6017, "A-Za-z0-9._-")
	})
}

func TestInternalErrorsAreForTheLog(t *testing.T) {
	t.Run("a store that is gone", func(t *testing.T) {
		s := start(t)
		if err := s.store.Close(); err != nil {
			t.Fatal(err)
		}
		got := s.post(`{__typename}`, nil, "Authorization: Bearer alice")
		got.refused(t, http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", 70500, "internal error")
		if !strings.Contains(s.log.String(), "closed") {
			t.Error(s.log.String())
		}
	})
	t.Run("a panic", func(t *testing.T) {
		log := &logBuffer{}
		exec := graph.NewExecutor(nil, false, slog.New(slog.NewTextHandler(log, nil))) // has no service to call
		ctx := presence.WithViewer(t.Context(), presence.Viewer{UserID: "alice"})
		op, errs := exec.CreateOperationContext(ctx, &graphql.RawParams{Query: `query Mine{me:self{visibility}}`, OperationName: "Mine"})
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		next, ctx := exec.DispatchOperation(ctx, op)
		response := next(ctx)
		if len(response.Errors) != 1 || response.Errors[0].Message != "internal error" || string(response.Data) != "null" {
			t.Errorf("got %v", response)
		}
		for _, want := range []string{"operation=Mine", "path=me", "user=alice", "nil pointer", "goroutine"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log lacks %q: %s", want, log)
			}
		}
	})
}

func TestTimes(t *testing.T) {
	s := start(t)
	got := s.as("alice", `mutation{setSelfStatus(customStatus:"back at nine",expiresAt:"2099-12-31T23:59:59.1239+01:30"){customStatusExpiresAt}}`)
	if !strings.Contains(got.body, `"customStatusExpiresAt":"2099-12-31T22:29:59.123Z"`) {
		t.Error(got.body)
	}
}
