package chaos

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestWhatIsDueByAClockThatWasSetIsDone(t *testing.T) {
	t.Parallel()
	c := newCluster(t, options{nodes: 1, file: true, clock: true})
	n := c.nodes[0]
	n.asAdmin(t, register("alice"))
	watcher := n.watcher(t, "watcher", "alice")
	n.do(t, "alice", setTextUntil("for an hour", time.Now().Add(time.Hour)))
	watcher.untilTold("alice", "UNLOGINED", "for an hour")
	must(t, setClock(n.dir, 2*time.Hour))
	watcher.untilTold("alice", "UNLOGINED", "")
}

// Pings come once an hour: nothing but the clock says that the tokens are over.
func TestTokensEndByAClockThatWasSet(t *testing.T) {
	t.Parallel()
	c := newCluster(t, options{nodes: 1, file: true, clock: true, flags: []string{"--ping-interval=1h"}})
	n := c.nodes[0]
	socket := n.watcher(t, "alice", "nobody")
	stream := n.listen(t, "bob")
	must(t, setClock(n.dir, tokenLife+time.Minute))
	socket.untilClosed(4403)
	said, err := io.ReadAll(stream)
	must(t, err)
	if strings.Contains(string(said), "event: complete") {
		t.Errorf("a stream whose token has ended is complete: %s", said)
	}
}

// listen opens a stream of server-sent events, which has begun.
func (n *node) listen(t *testing.T, user string) io.Reader {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, n.url()+"/graphql", strings.NewReader(encode(map[string]string{"query": news})))
	must(t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("Authorization", "Bearer "+mint(user, false))
	response, err := httpClient.Do(r)
	must(t, err)
	t.Cleanup(func() { _ = response.Body.Close() })
	body := bufio.NewReader(response.Body)
	_, err = body.ReadString('\n')
	must(t, err)
	return body
}

func TestANodeIsHeardThoughItsClockIsSetBack(t *testing.T) {
	t.Parallel()
	c := newCluster(t, options{nodes: 2, clock: true})
	a, b := c.nodes[0].current(), c.nodes[1]
	b.toStore.cut()
	defer b.toStore.heal()
	must(t, setClock(b.dir, -time.Hour))
	if a.stderr.await(a.ended, "a node can't reach the database, and is not taken for dead while it is heard") == nil {
		t.Error("it is not heard of: " + a.stderr.text())
	}
}
