package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestSIGTERMClosesInOrder(t *testing.T) {
	t.Parallel()
	database := newDatabase(t)
	p := onSecret(t, database)
	alice, stream := p.socket(t, "alice"), p.events(t, "bob", `subscription{userStatusUpdated(snapshot:true)`+fields+`}`)
	alice.watch()
	alice.news()
	stream.until(`"bob"`)
	carol := p.socket(t, "carol")
	p.do(mint("dave"), setText("new"))

	release := holdWrites(t, database)
	carol.beginWrite()
	dave := p.postUnderWay(t, "dave")
	p.terminate()
	p.logged("stopping")
	eventually(t, p.refusesConnections)
	for _, m := range alice.untilClosed(websocket.CloseGoingAway) {
		t.Errorf("%+v came before the close", m)
	}
	if rest := stream.rest(); strings.Contains(rest, "complete") {
		t.Errorf("the stream ended with %q", rest)
	}
	release()
	if a, err := carol.answerTo("1"); err != nil || a.err() != nil {
		t.Errorf("the mutation under way was answered with %+v, %v", a, err)
	}
	carol.untilClosed(websocket.CloseGoingAway)
	if got := <-dave; got != "200 OK" {
		t.Errorf("the request under way was answered with %s", got)
	}
	if code := p.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}

	p = onSecret(t, database)
	for _, user := range []string{"carol", "dave"} {
		if got := p.statuses(user)[user].CustomStatus; got != "under way" {
			t.Errorf("%s was answered, and has the text %q", user, got)
		}
	}
}

func TestReadinessFailsWhileConnectionsAreStillAccepted(t *testing.T) {
	t.Parallel()
	p := onSecret(t, newDatabase(t))
	if code, _, body := p.get("/readyz"); code != http.StatusOK || body != "ok\n" {
		t.Errorf("before the stop: %d %q", code, body)
	}
	early := p.socket(t, "early")
	p.terminate()
	heard := p.readinessUntilRefused()
	if !slices.Equal(heard, []string{"200 OK", "503 Service Unavailable"}) && !slices.Equal(heard, []string{"503 Service Unavailable"}) {
		t.Errorf("/readyz answered %q", heard)
	}
	early.untilClosed(websocket.CloseGoingAway)
	if code := p.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// readinessUntilRefused asks /readyz over and over until no connection is let
// in, and returns what it answered, each change once.
func (p *program) readinessUntilRefused() (heard []string) {
	p.t.Helper()
	for !p.refusesConnections() {
		response, err := httpClient.Do(p.request(http.MethodGet, "/readyz", ""))
		if err != nil {
			continue // it has just closed
		}
		_ = response.Body.Close()
		heard = append(heard, response.Status)
	}
	return slices.Compact(heard)
}

func TestAfterAStopOneHasTheGraceToComeBack(t *testing.T) {
	t.Parallel()
	database := newDatabase(t)
	// No grace, and one who does not answer the close: the others could be OFFLINE
	// by the time the program ends.
	p := onSecret(t, database, "--offline-grace=0s")
	leaver, returner := p.socket(t, "leaver"), p.socket(t, "returner")
	p.socket(t, "lingerer")
	p.do(mint("watcher"), subscribeTo("leaver", "returner"))
	stopped := time.Now()
	p.terminate()
	leaver.untilClosed(websocket.CloseGoingAway)
	returner.untilClosed(websocket.CloseGoingAway)
	if code := p.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}

	p = onSecret(t, database, "--offline-grace=3s")
	p.socket(t, "returner")
	watcher := p.socket(t, "watcher")
	watcher.watch()
	for _, s := range watcher.news() {
		if s.UserID != "watcher" && s.StatusType != "ONLINE" {
			t.Errorf("%+v within the grace", s)
		}
	}
	for _, s := range watcher.news() {
		at := s.LastOnlineAt
		if s.UserID != "leaver" || s.StatusType != "OFFLINE" || at == nil || at.Before(stopped.Truncate(time.Millisecond)) || at.After(time.Now()) {
			t.Errorf("%+v after the grace, with the stop at %v", s, stopped)
		}
	}
	if got := p.statuses("returner")["returner"]; got.StatusType != "ONLINE" {
		t.Errorf("%+v of who has come back", got)
	}
}

func TestFrozenClientsDoNotKeepTheProgramFromStopping(t *testing.T) {
	t.Parallel()
	p := onSecret(t, newDatabase(t))
	p.do(mint("writer"), setText("hello"))
	for _, frozen := range []string{"frozen-socket", "frozen-stream"} {
		p.do(mint(frozen), subscribeTo("writer"))
	}
	p.freezeSocket(t)
	p.freezeStream(t)
	halfHeader := p.dial(t)
	write(t, halfHeader, "GET /graphql HTTP/1.1\r\nHost:")
	p.flood(t)
	began := time.Now()
	p.terminate()
	if code, took := p.exit(), time.Since(began); code != 0 || took > 10*time.Second {
		t.Errorf("exit code %d after %v", code, took)
	}
	p.logged("some requests did not end in time and were cut") // else the stream was not frozen
}

func TestAHeaderThatIsNotFinishedIsCutOff(t *testing.T) {
	t.Parallel()
	p := onSecret(t, newDatabase(t))
	conn := p.dial(t)
	began := time.Now()
	write(t, conn, "GET /healthz HTTP/1.1\r\nHost: here\r\nX-Slow: ")
	if _, err := io.Copy(io.Discard, conn); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took < headerTimeout-time.Second {
		t.Errorf("cut off after %v, %v are due", took, headerTimeout)
	}
}

func (p *program) address() string { return strings.TrimPrefix(p.url, "http://") }

// dial opens a bare connection.
func (p *program) dial(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", p.address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	return conn
}

func write(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

func (p *program) refusesConnections() bool {
	conn, err := net.Dial("tcp", p.address())
	if err == nil {
		_ = conn.Close()
	}
	return err != nil
}

// holdWrites makes the program's writes wait.
func holdWrites(t *testing.T, database string) (release func()) {
	t.Helper()
	file := openFile(t, database)
	mustExec(t, file, "BEGIN IMMEDIATE")
	return func() { mustExec(t, file, "ROLLBACK") }
}

// beginWrite sends a mutation and returns once the program has read it.
func (s *socket) beginWrite() {
	s.t.Helper()
	if _, err := s.begin(setText("under way")); err != nil {
		s.t.Fatal(err)
	}
	s.answers()
}

// postUnderWay sends a mutation, returns once the program reads it, and then
// yields the status of its answer.
func (p *program) postUnderWay(t *testing.T, user string) (status <-chan string) {
	t.Helper()
	answered, reading := make(chan string, 1), make(chan struct{})
	trace := &httptrace.ClientTrace{Got100Continue: func() { close(reading) }}
	r := p.request(http.MethodPost, "/graphql", operation(setText("under way")),
		"Content-Type: application/json", "Authorization: Bearer "+mint(user), "Expect: 100-continue")
	r = r.WithContext(httptrace.WithClientTrace(t.Context(), trace))
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, ExpectContinueTimeout: patience}}
	go func() { answered <- statusOf(client.Do(r)) }()
	select {
	case <-reading:
	case early := <-answered:
		t.Fatalf("answered with %s", early)
	}
	return answered
}

func statusOf(response *http.Response, err error) string {
	if err != nil {
		return err.Error()
	}
	_ = response.Body.Close()
	return response.Status
}

// bulky asks for each status under names so long that a few payloads fill all
// the buffers on the way.
var bulky = func() string {
	fields := ""
	for i := range 20 {
		fields += fmt.Sprintf("a%02000d:customStatus ", i)
	}
	return `subscription{userStatusUpdated{` + fields + `}}`
}()

// dialCramped opens a connection that takes in little.
func dialCramped(network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(context.Background(), network, address)
	if err == nil {
		err = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
	}
	return conn, err
}

// freezeSocket opens a subscription of which nothing is ever read.
func (p *program) freezeSocket(t *testing.T) {
	t.Helper()
	s := p.socketBy(t, "frozen-socket", dialCramped)
	if _, err := s.begin(bulky); err != nil {
		t.Fatal(err)
	}
}

// freezeStream does the same over HTTP.
func (p *program) freezeStream(t *testing.T) {
	t.Helper()
	conn, err := dialCramped("tcp", p.address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	request := p.request(http.MethodPost, "/graphql", operation(bulky),
		"Content-Type: application/json", "Accept: text/event-stream", "Authorization: Bearer "+mint("frozen-stream"))
	if err := request.Write(conn); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReaderSize(conn, 512), request)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("the stream was answered with %+v, %v", response, err)
	}
}

// flood has the frozen clients told more than all buffers on the way hold.
func (p *program) flood(t *testing.T) {
	t.Helper()
	writer := p.socket(t, "writer")
	for i := range 300 {
		writer.do(setText(fmt.Sprintf("%0100d", i)))
	}
}
