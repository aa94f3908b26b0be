//go:build linux

package deploy

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/gorilla/websocket"
)

// host is what the committed files call the site.
const host = "chat.example.com"

// entrance is a way to the service through a proxy.
type entrance struct {
	t       *testing.T
	address string
	tls     *tls.Config // nil: plain HTTP
	// from is the client's own address, and forged what it says of itself; empty for neither.
	from, forged string
	// hasty is a proxy that now and then ends a stream by POST over HTTP/1.1 right
	// after its first words: Go's server, which Caddy is on, lets go of a request's
	// body at the first write, and its client may yet be looking for the body's end.
	// A stream's client comes back.
	hasty bool
}

func (e *entrance) url(scheme string) string {
	if e.tls != nil {
		scheme += "s"
	}
	return scheme + "://" + host + "/graphql"
}

func (e *entrance) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	var dialer net.Dialer
	if e.from != "" {
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(e.from)}
	}
	return dialer.DialContext(ctx, network, e.address)
}

// client keeps no connections, so that none is left when a test ends.
func (e *entrance) client(http2 bool) *http.Client {
	transport := &http.Transport{DialContext: e.dial, TLSClientConfig: e.tls.Clone(), ForceAttemptHTTP2: http2, ResponseHeaderTimeout: patience}
	e.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func tokenOf(user string) string {
	claims := jwt.MapClaims{"sub": user, "exp": time.Now().Add(time.Hour).Unix()}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(secret))
	if err != nil {
		panic(err)
	}
	return "Bearer " + token
}

func (e *entrance) request(user, query, accept string) *http.Request {
	e.t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	must(e.t, err)
	r, err := http.NewRequestWithContext(e.t.Context(), http.MethodPost, e.url("http"), strings.NewReader(string(body)))
	must(e.t, err)
	for name, value := range map[string]string{"Content-Type": "application/json", "Accept": accept, "Authorization": tokenOf(user)} {
		r.Header.Set(name, value)
	}
	return r
}

// do runs an operation, which must go well.
func (e *entrance) do(user, query string) {
	e.t.Helper()
	response, err := e.client(false).Do(e.request(user, query, "application/json"))
	must(e.t, err)
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	must(e.t, err)
	if response.StatusCode != http.StatusOK || strings.Contains(string(answer), `"errors"`) {
		e.t.Fatalf("%s: %s %s", query, response.Status, answer)
	}
}

func (e *entrance) setText(text string) {
	e.t.Helper()
	e.do("alice", fmt.Sprintf(`mutation{setSelfStatus(customStatus:%q){version}}`, text))
}

const subscription = `subscription{userStatusUpdated(snapshot:true){userID customStatus}}`

// stream is an open subscription: what it reads comes by lines, and at its end
// the reason by ended.
type stream struct {
	name  string
	lines chan string
	ended chan error
	// again opens another one in its place, where the proxy may be hasty.
	again func() *stream
}

// follow hands on what next reads, until the test or the stream ends.
func follow(t *testing.T, name string, next func() (string, error), hangUp func() error) *stream {
	s := &stream{name: name, lines: make(chan string), ended: make(chan error, 1)}
	over, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			line, err := next()
			if err != nil {
				s.ended <- err
				return
			}
			select {
			case s.lines <- line:
			case <-over:
				return
			}
		}
	}()
	t.Cleanup(func() {
		close(over)
		_ = hangUp()
		<-done
	})
	return s
}

// until waits for words, no longer than so.
func (s *stream) until(t *testing.T, words string, limit time.Duration) {
	t.Helper()
	if err := s.await(words, limit); err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
}

var errLate = errors.New("it does not come in time")

func (s *stream) await(words string, limit time.Duration) error {
	late := time.After(limit)
	for {
		select {
		case line := <-s.lines:
			if strings.Contains(line, words) {
				return nil
			}
		case err := <-s.ended:
			return fmt.Errorf("it ended before %s: %w", words, err)
		case <-late:
			return fmt.Errorf("%s: %w", words, errLate)
		}
	}
}

// handshake asks for a socket as a page of an origin does; empty: as none does.
func (e *entrance) handshake(origin string) (*websocket.Conn, *http.Response, error) {
	dialer := websocket.Dialer{
		NetDialContext: e.dial, TLSClientConfig: e.tls.Clone(), HandshakeTimeout: patience,
		Subprotocols: []string{"graphql-transport-ws"},
	}
	header := http.Header{}
	if origin != "" {
		header.Set("Origin", origin)
	}
	if e.forged != "" {
		header.Set("X-Forwarded-For", e.forged)
	}
	return dialer.DialContext(e.t.Context(), e.url("ws"), header)
}

func (e *entrance) socket() *stream {
	e.t.Helper()
	conn, _, err := e.handshake("")
	must(e.t, err)
	must(e.t, conn.WriteJSON(map[string]any{"type": "connection_init", "payload": map[string]string{"authorization": tokenOf("bob")}}))
	must(e.t, conn.WriteJSON(map[string]any{"id": "1", "type": "subscribe", "payload": map[string]string{"query": subscription}}))
	return follow(e.t, "WebSocket", func() (string, error) {
		_, message, err := conn.ReadMessage()
		return string(message), err
	}, conn.Close)
}

func (e *entrance) http(accept string, http2 bool) *stream {
	e.t.Helper()
	response, err := e.client(http2).Do(e.request("bob", subscription, accept))
	must(e.t, err)
	name := accept + " by " + response.Proto
	if response.StatusCode != http.StatusOK || http2 && response.ProtoMajor != 2 {
		e.t.Fatalf("%s: %s", name, response.Status)
	}
	body := bufio.NewReader(response.Body)
	s := follow(e.t, name, func() (string, error) { return body.ReadString('\n') }, response.Body.Close)
	if e.hasty && !http2 {
		s.again = func() *stream { return e.http(accept, http2) }
	}
	return s
}

// settle waits for words that each stream is told, and opens those again that a
// hasty proxy ended.
func settle(t *testing.T, streams []*stream, words string) {
	t.Helper()
	for i, s := range streams {
		err := s.await(words, patience)
		for tries := 0; err != nil && !errors.Is(err, errLate) && s.again != nil && tries < 20; tries++ {
			s = s.again()
			err = s.await(words, patience)
		}
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		streams[i] = s
	}
}

const (
	eventStream = "text/event-stream"
	multipart   = "multipart/mixed;subscriptionSpec=1.0, application/json"
)

// streams are one of each kind, each of which has said what there is.
func (e *entrance) streams() []*stream {
	e.t.Helper()
	all := []*stream{e.socket(), e.http(eventStream, false), e.http(multipart, false)}
	if e.tls != nil {
		all = append(all, e.http(eventStream, true), e.http(multipart, true))
	}
	settle(e.t, all, `"bob"`)
	return all
}
