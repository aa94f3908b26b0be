package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// hostile is what must be text wherever it shows: a line of a log, a colour, a script.
const hostile = `eve" level=ERROR msg=forged <script>alert(1)</script> \u001b[31m %s`

// rude answers whatever it is asked with one line of its own choice.
func rude(t *testing.T, status string) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 4<<10))
			_, _ = fmt.Fprintf(conn, "HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", status)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-served
	})
	return listener.Addr().String()
}

// Whatever clients, the receiver of webhooks and the host of the keys say: an event is
// one line. That each line is JSON is checked of every program when its test ends.
func TestNobodyForgesALineOfTheLog(t *testing.T) {
	t.Parallel()
	status := "500 no\x1b[31m\u009b2J\", \"msg\":\"forged\" \u2028<script>\t."
	database := newDatabase(t)
	p := onSecret(t, database, "--webhook-url=http://"+rude(t, status)+"/", "--webhook-secret="+hookSecret)
	eve, socket := mint(hostile), p.socket(t, hostile)
	p.do(eve, setText(hostile[:60]))
	p.logged("the receiver does not take webhooks: they are kept and sent again")
	for _, header := range []string{"X-Forwarded-For", "X-Forwarded-Host", "User-Agent", "Referer", "Origin", "Accept", "X-Platform", "Traceparent", "X-Request-Id", "Authorization", "Cookie", "Content-Type"} {
		for _, value := range []string{`127.0.0.1" level=ERROR msg=forged`, "\x1b[31mred", "a\tb\xff\xfe", "x\r\n {\"level\":\"ERROR\",\"msg\":\"forged\"}"} {
			conn := p.dial(t)
			write(t, conn, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"+header+": "+value+"\r\n\r\n{}")
			_, _ = conn.Read(make([]byte, 1))
			_ = conn.Close()
		}
	}
	for _, path := range []string{"/\x1b[31m", "/%0Alevel=ERROR%20msg=forged", "/graphql?query=%0A&operationName=%FF%1B", "//\r\n{}", "/readyz?%0A"} {
		conn := p.dial(t)
		write(t, conn, "GET "+path+" HTTP/1.1\r\nHost: \x1b[2J\r\n\r\n")
		_, _ = conn.Read(make([]byte, 1))
		_ = conn.Close()
	}
	mustExec(t, openFile(t, database), "ALTER TABLE users RENAME TO gone")
	for _, query := range []string{setText("x"), subscribeTo("a\nb\x1b"), `query Named{self{status{version}}}`} {
		_ = p.post(eve, query)
		_, _ = socket.call(query)
	}
	p.get("/graphql?query="+url.QueryEscape(`query Named{userStatus(userIDList:["b"]){successUserList{version}}}`), "Authorization: Bearer "+eve)
	wrong := p.logged("an operation went wrong")
	if wrong["user"] != hostile {
		t.Errorf("the user is said to be %q", wrong["user"])
	}
	p.terminate()
	p.exit()
	for line := range strings.Lines(p.stderr.text()) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry["msg"] == "forged" || strings.Contains(line, "\x1b") {
			t.Errorf("%v: %q", err, line)
		}
	}
}

func TestNobodyForgesALineOfTheLogByTheKeysHost(t *testing.T) {
	t.Parallel()
	p := serving(t, "--jwks-url=http://"+rude(t, "500 no\x1b[31m\", \"msg\":\"forged\"")+"/", "--database=sqlite:"+newDatabase(t))
	told, _ := p.logged("signing keys not fetched")["error"].(string)
	if !strings.Contains(told, "\x1b[31m\", \"msg\":\"forged\"") {
		t.Errorf("told %q", told)
	}
	if code, _, _ := p.get("/graphql?query={__typename}", "Authorization: Bearer "+mint("alice")); code != http.StatusUnauthorized {
		t.Errorf("a token of the wrong algorithm is answered with %d", code)
	}
}
