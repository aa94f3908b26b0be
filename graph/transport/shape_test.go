package transport_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"userstatus/broadcast"
	"userstatus/db"
	"userstatus/graph"
	"userstatus/graph/transport"
	"userstatus/presence"
)

// house is a service with its streams, where executions of subscriptions are counted.
type house struct {
	*presence.Service
	exec       *graph.Executor
	streams    *transport.Subscriptions
	executions atomic.Int64
}

func newHouse(t *testing.T, users ...string) *house {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	store, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	channel := broadcast.NewChannel()
	service, err := presence.Start(t.Context(), presence.Options{Store: store, Broadcaster: channel, Log: log, NodeName: "here", Alone: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		service.Close()
		channel.Close()
		_ = store.Close()
	})
	h := &house{Service: service, exec: graph.NewExecutor(service, false, log)}
	h.exec.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		if op := graphql.GetOperationContext(ctx).Operation; op != nil && op.Operation == ast.Subscription {
			h.executions.Add(1)
		}
		return next(ctx)
	})
	h.streams = transport.NewSubscriptions(h.exec, service)
	for _, user := range users {
		if err := service.Admit(as(t, user)); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func as(t *testing.T, user string) context.Context {
	return presence.WithViewer(t.Context(), presence.Viewer{UserID: user, ExpiresAt: time.Now().Add(time.Hour)})
}

// reader is a stream of which a test reads.
type reader struct {
	*transport.Subscription
	t     *testing.T
	woken chan struct{}
}

func (h *house) open(t *testing.T, user, query string, variables map[string]any, operation ...string) *reader {
	t.Helper()
	ctx := as(t, user)
	op, errs := h.exec.CreateOperationContext(ctx, &graphql.RawParams{Query: query, Variables: variables, OperationName: strings.Join(operation, "")})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	r := &reader{t: t, woken: make(chan struct{}, 1)}
	subscription, failure := h.streams.Open(ctx, op, func() {
		select {
		case r.woken <- struct{}{}:
		default:
		}
	})
	if failure != nil {
		t.Fatal(failure.Errors)
	}
	r.Subscription = subscription
	t.Cleanup(subscription.Close)
	return r
}

// next is the next payload.
func (r *reader) next() string {
	r.t.Helper()
	for {
		select {
		case <-r.woken:
		case <-time.After(30 * time.Second):
			r.t.Fatal("no payload comes")
		}
		if payload, ok := r.AppendPayload([]byte("before ")); ok {
			return strings.TrimPrefix(string(payload), "before ")
		}
	}
}

func (h *house) subscribe(t *testing.T, viewer string, users ...string) {
	t.Helper()
	if _, err := h.SubscribeUserStatus(as(t, viewer), users); err != nil {
		t.Fatal(err)
	}
}

func (h *house) say(t *testing.T, user, text string) {
	t.Helper()
	if _, err := h.SetSelfStatus(as(t, user), text, nil); err != nil {
		t.Fatal(err)
	}
}

func TestAChangeIsEncodedOnceForEachShape(t *testing.T) {
	watched := []string{"xavier", "yvonne", "zoe"}
	h := newHouse(t, watched...)
	var readers []*reader
	for i := range 30 {
		viewer := fmt.Sprint("viewer", i)
		if err := h.Admit(as(t, viewer)); err != nil {
			t.Fatal(err)
		}
		h.subscribe(t, viewer, watched...)
		query := `subscription{userStatusUpdated{userID customStatus}}`
		if i%3 == 0 {
			query = `subscription{userStatusUpdated{customStatus userID}}`
		}
		readers = append(readers, h.open(t, viewer, query, nil))
	}
	if got := h.streams.Shapes(); got != 2 {
		t.Fatalf("%d shapes", got)
	}
	for round := range 5 {
		for _, user := range watched {
			before := h.executions.Load()
			text := fmt.Sprint("round ", round)
			h.say(t, user, text)
			for i, r := range readers {
				want := fmt.Sprintf(`{"data":{"userStatusUpdated":[{"userID":"%s","customStatus":"%s"}]}}`, user, text)
				if i%3 == 0 {
					want = fmt.Sprintf(`{"data":{"userStatusUpdated":[{"customStatus":"%s","userID":"%s"}]}}`, text, user)
				}
				if got := r.next(); got != want {
					t.Fatalf("got %s, want %s", got, want)
				}
			}
			if made := h.executions.Load() - before; made != 2 {
				t.Fatalf("executed %d times for two shapes", made)
			}
		}
	}
}

// selections are forms in which one may ask for a user.
var selections = map[string]string{
	"everything":        `{userID statusType customStatus customStatusExpiresAt lastOnlineAt platforms availability version}`,
	"aliases":           `{a:userID b:userID customStatus text:customStatus}`,
	"__typename":        `{__typename userID}`,
	"__typename alone":  `{__typename}`,
	"a fragment":        `{...Part version}`,
	"inline fragments":  `{...on UserStatus{userID} ...{customStatus}}`,
	"@include and true": `{userID customStatus @include(if:$yes)}`,
	"@skip and true":    `{userID customStatus @skip(if:$yes)}`,
	"nothing for some":  `{...on UserStatus @skip(if:$yes){userID}}`,
}

const fragment = ` fragment Part on UserStatus{userID ...on UserStatus{s:statusType}}`

// TestBytesOfAShape compares streams with what a query for the same users says.
func TestBytesOfAShape(t *testing.T) {
	h := newHouse(t, "alice", "bob", "carol")
	h.subscribe(t, "carol", "alice", "bob")
	expiry := time.Now().Add(time.Hour)
	for name, selection := range selections {
		t.Run(name, func(t *testing.T) {
			tail := ""
			if strings.Contains(selection, "...Part") {
				tail = fragment
			}
			head, variables := "", map[string]any(nil)
			if strings.Contains(selection, "$yes") {
				head, variables = "($yes:Boolean!)", map[string]any{"yes": true}
			}
			want := func(users ...string) string {
				list, _ := json.Marshal(users)
				query := fmt.Sprintf(`query%s{userStatus(userIDList:%s){successUserList%s}}%s`, head, list, selection, tail)
				answer := h.ask(t, "carol", query, variables)
				answer = strings.TrimPrefix(answer, `{"userStatus":{"successUserList":`)
				return `{"data":{"news":` + strings.TrimSuffix(answer, `}}`) + `}}`
			}
			r := h.open(t, "carol", fmt.Sprintf(`subscription%s{news:userStatusUpdated(snapshot:true)%s}%s`, head, selection, tail), variables)
			if got, want := r.next(), want("carol", "alice", "bob"); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if _, err := h.SetSelfStatus(as(t, "alice"), name+` <"\é🏃]}`, &expiry); err != nil {
				t.Fatal(err)
			}
			if got, want := r.next(), want("alice"); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func (h *house) ask(t *testing.T, user, query string, variables map[string]any) string {
	t.Helper()
	ctx := as(t, user)
	op, errs := h.exec.CreateOperationContext(ctx, &graphql.RawParams{Query: query, Variables: variables})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	next, ctx := h.exec.DispatchOperation(ctx, op)
	response := next(ctx)
	if len(response.Errors) > 0 {
		t.Fatal(response.Errors)
	}
	return string(response.Data)
}

func TestWhatMakesAShape(t *testing.T) {
	const document = `subscription A($s:Boolean=false,$t:Boolean!){userStatusUpdated(snapshot:$s){userID version @include(if:$t) customStatus}} subscription B($s:Boolean=false,$t:Boolean!){userStatusUpdated(snapshot:$s){userID @include(if:$t) customStatus}}`
	h := newHouse(t, "alice")
	for i, c := range []struct {
		operation string
		variables map[string]any
		shapes    int
		want      string
	}{
		{"A", map[string]any{"t": false}, 1, `{"userID":"alice","customStatus":"%d"}`},
		{"A", map[string]any{"t": false, "s": false}, 1, `{"userID":"alice","customStatus":"%d"}`},
		{"A", map[string]any{"s": false, "t": false}, 1, `{"userID":"alice","customStatus":"%d"}`},
		{"A", map[string]any{"t": true}, 2, `{"userID":"alice","version":`},
		{"B", map[string]any{"t": true}, 3, `{"userID":"alice","customStatus":"%d"}`},
		{"B", map[string]any{"t": false}, 4, `{"customStatus":"%d"}`},
		{"B", map[string]any{"t": false}, 4, `{"customStatus":"%d"}`},
	} {
		r := h.open(t, "alice", document, c.variables, c.operation)
		if got := h.streams.Shapes(); got != c.shapes {
			t.Errorf("%d: %d shapes, want %d", i, got, c.shapes)
		}
		h.say(t, "alice", fmt.Sprint(i))
		want := strings.ReplaceAll(c.want, "%d", fmt.Sprint(i))
		if got := r.next(); !strings.HasPrefix(got, `{"data":{"userStatusUpdated":[`+want) {
			t.Errorf("%d: got %s, want %s", i, got, want)
		}
	}
}

func TestNoShapeOutlivesItsStreams(t *testing.T) {
	h := newHouse(t, "alice")
	const query = `subscription{userStatusUpdated(snapshot:true){customStatus}}`
	t.Run("one after the other", func(t *testing.T) {
		first, second := h.open(t, "alice", query, nil), h.open(t, "alice", query, nil)
		first.Close()
		first.Close()
		second.next()
		h.say(t, "alice", "still here")
		if got := second.next(); !strings.Contains(got, "still here") {
			t.Error(got)
		}
		second.Close()
		if got := h.streams.Shapes(); got != 0 {
			t.Errorf("%d shapes", got)
		}
	})
	t.Run("while others come, and changes are told", func(t *testing.T) {
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for range 50 {
					r := h.open(t, "alice", query, nil)
					if got := r.next(); !strings.HasPrefix(got, `{"data":{"userStatusUpdated":[{"customStatus":`) {
						t.Error(got)
					}
					h.say(t, "alice", fmt.Sprint("text ", i))
					r.Close()
				}
			})
		}
		all.Wait()
		if got := h.streams.Shapes(); got != 0 {
			t.Errorf("%d shapes", got)
		}
	})
}

func TestAHiddenUserIsNotSharedWithWhomTheyHideFrom(t *testing.T) {
	h := newHouse(t, "alice", "bob", "carol")
	const query = `subscription{userStatusUpdated{userID statusType customStatus}}`
	for _, viewer := range []string{"bob", "carol"} {
		h.subscribe(t, viewer, "alice")
	}
	if _, err := h.Connect(as(t, "alice"), "", func(string) {}); err != nil {
		t.Fatal(err)
	}
	bob, carol := h.open(t, "bob", query, nil), h.open(t, "carol", query, nil)
	if got := h.streams.Shapes(); got != 1 {
		t.Fatalf("%d shapes", got)
	}
	if _, err := h.BlockUsers(as(t, "alice"), []string{"bob"}); err != nil {
		t.Fatal(err)
	}
	if got := bob.next(); !strings.Contains(got, `"alice","statusType":"OFFLINE"`) {
		t.Error(got)
	}
	for i := range 20 {
		secret := fmt.Sprint("secret ", i)
		h.say(t, "alice", secret)
		if got := carol.next(); got != `{"data":{"userStatusUpdated":[{"userID":"alice","statusType":"ONLINE","customStatus":"`+secret+`"}]}}` {
			t.Error(got)
		}
		h.say(t, "bob", fmt.Sprint("own ", i)) // comes behind whatever bob were told of alice
		if got := bob.next(); strings.Contains(got, "alice") || strings.Contains(got, "secret") {
			t.Error(got)
		}
	}
}
