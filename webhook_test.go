package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// waiting is how many webhooks wait and were set aside.
func (p *program) waiting() (state struct{ Pending, SetAside int }) {
	p.t.Helper()
	if err := json.Unmarshal(p.do(mintAs("admin", true), `{webhooks{enabled pending setAside}}`).Data["webhooks"], &state); err != nil {
		p.t.Fatal(err)
	}
	return state
}

// hookWriter changes its text until it is cut off, and notes what was acknowledged.
type hookWriter struct {
	id    string
	step  int
	acked map[int]string
}

func (w *hookWriter) write(s *socket) bool {
	w.step++
	text := fmt.Sprint("text ", w.step)
	a, err := s.call(setText(text))
	if err != nil || a.err() != nil {
		return false
	}
	w.acked[versionIn(a)] = text
	return true
}

const (
	hookRounds  = 10
	hookWriters = 12
)

// The receiver is down, slow, full, broken or killed in the middle, and the program
// is killed in each round.
func TestEveryAcknowledgedChangeIsToldWhateverFails(t *testing.T) {
	t.Parallel()
	r, database := newReceiver(t), newDatabase(t)
	var writers []*hookWriter
	for i := range hookWriters {
		writers = append(writers, &hookWriter{id: fmt.Sprint("writer-", i), acked: map[int]string{}})
	}
	faults := []func(http.ResponseWriter, hook){nil, code(500), code(429), nil}
	for round := range rounds(hookRounds) {
		r.answering(faults[round%len(faults)], time.Duration(round%3)*20*time.Millisecond)
		p := onSecret(t, database, append(r.flags(), "--offline-grace=100ms")...)
		writeHooksAndKill(t, p, r, writers, round)
	}
	r.answering(nil)
	p := onSecret(t, database, r.flags()...)
	eventually(t, func() bool { return p.waiting().Pending == 0 })
	if n := p.waiting().SetAside; n != 0 {
		t.Errorf("%d were set aside", n)
	}
	came, doubles := r.byVersion()
	total := 0
	for _, w := range writers {
		for version, text := range w.acked {
			total++
			if h := came[w.id][version]; h.Data.CustomStatus != text || h.Data.StatusType != "ONLINE" || h.Data.Reason != "CUSTOM_STATUS_SET" {
				t.Errorf("version %d of %s was acknowledged with %q, and came as %+v", version, w.id, text, h)
			}
		}
	}
	if total == 0 {
		t.Error("nothing was acknowledged")
	}
	t.Logf("%d changes were acknowledged, %d webhooks came twice", total, doubles)
}

func writeHooksAndKill(t *testing.T, p *program, r *receiver, writers []*hookWriter, round int) {
	t.Helper()
	var writing sync.WaitGroup
	half, enough := make(chan struct{}), make(chan struct{})
	var once, onceMore sync.Once
	after := 5 + rand.IntN(20)
	for _, w := range writers {
		s := p.socket(t, w.id)
		writing.Go(func() {
			for n := 0; w.write(s); n++ {
				if n >= after/2 {
					once.Do(func() { close(half) })
				}
				if n >= after {
					onceMore.Do(func() { close(enough) })
				}
			}
		})
	}
	<-half
	if round%2 == 1 {
		r.down()
	}
	<-enough
	p.kill()
	if round%2 == 1 {
		r.up()
	}
	writing.Wait()
}

func TestAWebhookSaysWhyAStatusChanged(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	p := onSecret(t, newDatabase(t), append(r.flags(), "--offline-grace=100ms", "--ping-interval=1s")...)
	_ = p.socket(t, "lost").Close()
	p.socket(t, "silent") // pings are answered by those who read
	p.socket(t, "leaver").do(`mutation{logout` + fields + `}`)
	p.do(mint("expirer"), setTextUntil("lunch", time.Now().Add(time.Second)))
	p.do(mintAs("admin", true), register("removed"))
	p.do(mintAs("admin", true), `mutation{removeUsers(userIDList:["removed"]){failureUserList{code}}}`)
	for _, want := range []struct{ user, reason, old, now string }{
		{"lost", "REGISTERED", "UNKNOWN", "UNLOGINED"}, {"lost", "LOGIN", "UNLOGINED", "ONLINE"},
		{"lost", "CONNECTION_LOST", "ONLINE", "OFFLINE"}, {"silent", "TIMEOUT", "ONLINE", "OFFLINE"},
		{"leaver", "LOGOUT", "ONLINE", "UNLOGINED"}, {"expirer", "CUSTOM_STATUS_SET", "UNLOGINED", "UNLOGINED"},
		{"expirer", "EXPIRED", "UNLOGINED", "UNLOGINED"}, {"removed", "REMOVED", "UNLOGINED", "UNLOGINED"},
	} {
		h := r.await(func(h hook) bool { return h.Data.UserID == want.user && h.Data.Reason == want.reason })
		if h.Data.OldStatusType != want.old || h.Data.StatusType != want.now {
			t.Errorf("%s of %s came as %+v", want.reason, want.user, h)
		}
		if expires := h.Data.CustomStatusExpiresAt != nil; expires != (want.reason == "CUSTOM_STATUS_SET") {
			t.Errorf("%s of %s came as %+v", want.reason, want.user, h)
		}
	}
}

func TestAReceiverThatNeverAnswersHoldsUpNobody(t *testing.T) {
	t.Parallel()
	r, ended := newReceiver(t), make(chan struct{})
	r.answering(func(http.ResponseWriter, hook) { <-ended })
	t.Cleanup(func() { close(ended) })
	p := onSecret(t, newDatabase(t), r.flags()...)
	var calling sync.WaitGroup
	for i := range 20 {
		s := p.socket(t, fmt.Sprint("user-", i))
		calling.Go(func() {
			for n := range 50 {
				if a, err := s.call(setText(fmt.Sprint(n))); err != nil || a.err() != nil {
					t.Error(err, a)
					return
				}
			}
		})
	}
	calling.Wait()
	if n := p.waiting().Pending; n < 1000 || len(r.taken()) > 0 {
		t.Errorf("%d wait after a thousand calls", n)
	}
	p.terminate()
	if code := p.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestAWebhookThatWasGivenUpIsSentAgainByAnAdmin(t *testing.T) {
	t.Parallel()
	r, database := newReceiver(t), newDatabase(t)
	r.answering(code(500))
	p := onSecret(t, database, r.flags()...)
	p.do(mint("alice"), setText("hi"))
	p.waiting()                                                                   // makes the admin known
	mustExec(t, openFile(t, database), "UPDATE webhook_events SET queued_at = 0") // as if a day had passed
	eventually(t, func() bool { return p.waiting() == struct{ Pending, SetAside int }{0, 3} })
	var page struct {
		Edges []struct {
			Node struct {
				ID, LastError string
				Attempts      int
				SetAsideAt    *time.Time
				Change        struct {
					UserID, Reason string
					Version        int
				}
			}
		}
	}
	data := p.do(mintAs("admin", true), `{webhooksSetAside{edges{node{id attempts lastError setAsideAt change{userID version reason}}}}}`).Data["webhooksSetAside"]
	if err := json.Unmarshal(data, &page); err != nil || len(page.Edges) != 3 {
		t.Fatalf("%v in %s", err, data)
	}
	last := page.Edges[1].Node // the admin was registered after it
	if last.Change.Reason != "CUSTOM_STATUS_SET" || last.Change.UserID != "alice" || last.Attempts < 1 || last.SetAsideAt == nil || last.LastError != "it was answered with 500 Internal Server Error" {
		t.Errorf("got %+v", last)
	}
	r.answering(nil)
	if n := string(p.do(mintAs("admin", true), `mutation{resendWebhooks}`).Data["resendWebhooks"]); n != "3" {
		t.Errorf("%s were sent again", n)
	}
	if h := r.await(func(h hook) bool { return h.Data.Reason == last.Change.Reason }); h.id != last.ID || h.Data.Version != last.Change.Version {
		t.Errorf("got %+v", h)
	}
	r.byVersion()
	p.logged("a webhook was given up and set aside")
}

// freePort is a port of this machine that was free just now.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

func TestOfSeveralNodesOneSendsEachWebhookAndAnotherGoesOn(t *testing.T) {
	t.Parallel()
	c, r := newCluster(t), newReceiver(t)
	ports := []string{freePort(t), freePort(t)}
	var nodes []*program
	for i, port := range ports {
		nodes = append(nodes, serving(t, append(r.flags(), "--jwt-secret="+goodSecret, "--database="+c.Address("postgres"), "--set-status-rate=0",
			"--nats=embedded", "--cluster-listen="+port, "--cluster-peers="+ports[1-i], fmt.Sprint("--node-name=node-", i))...))
		if i == 0 {
			nodes[0].logged("this node sends the webhooks")
		}
	}
	set := func(nodes []*program, texts ...string) {
		t.Helper()
		for i, text := range texts {
			nodes[i%len(nodes)].do(mint("alice"), setText(text))
		}
		for _, text := range texts {
			r.await(func(h hook) bool { return h.Data.CustomStatus == text })
		}
	}
	set(nodes, "one", "two", "three", "four")
	if _, doubles := r.byVersion(); doubles != 0 {
		t.Errorf("%d came twice", doubles)
	}
	nodes[0].kill()
	set(nodes[1:], "five", "six")
	nodes[1].logged("this node sends the webhooks")
	if _, doubles := r.byVersion(); doubles > 1 {
		t.Errorf("%d came twice", doubles)
	}
}
