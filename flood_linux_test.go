package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// One address floods, another one asks now and then: at least 95 % of its
// requests are served.
const (
	flooder = "127.0.0.2"
	honest  = "127.0.0.3"

	honestRequests = 40
	honestServed   = 38
	// honestPatience is how long an honest client waits for an answer.
	honestPatience = 20 * time.Second
)

func dialerFrom(ip string) *net.Dialer {
	return &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}, Timeout: honestPatience}
}

// clientFrom makes a connection for each request.
func clientFrom(ip string) *http.Client {
	return &http.Client{Timeout: honestPatience, Transport: &http.Transport{DialContext: dialerFrom(ip).DialContext, DisableKeepAlives: true}}
}

// flood has each of many do one thing after another until the test ends.
func flood(t *testing.T, many int, attack func(i int)) {
	t.Helper()
	ended := make(chan struct{})
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() {
			for {
				select {
				case <-ended:
					return
				default:
					attack(i)
				}
			}
		})
	}
	t.Cleanup(func() { close(ended); all.Wait() })
}

// statusBody asks for the status of users, each with so many fields.
func statusBody(t *testing.T, users, fields int) []byte {
	t.Helper()
	ids, names := make([]string, users), make([]string, fields)
	for i := range ids {
		ids[i] = fmt.Sprint("user", i)
	}
	for i := range names {
		names[i] = fmt.Sprintf("f%d: customStatus", i)
	}
	body, err := json.Marshal(map[string]any{
		"query":     "query($ids: [ID!]!) { userStatus(userIDList: $ids) { successUserList { " + strings.Join(names, " ") + " } } }",
		"variables": map[string]any{"ids": ids},
	})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// askAs posts an operation and reads all of the answer.
func (p *program) askAs(client *http.Client, user string, body []byte) (status int, answer string, err error) {
	r := p.request(http.MethodPost, "/graphql", string(body), "Content-Type: application/json", "Authorization: Bearer "+mint(user))
	response, err := client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	said, err := io.ReadAll(response.Body)
	return response.StatusCode, string(said), err
}

// checkHonest sends what an honest client would, while it is flooded.
func (p *program) checkHonest(t *testing.T) {
	t.Helper()
	client, body := clientFrom(honest), statusBody(t, 3, 2)
	served, failures, times := 0, []string(nil), []time.Duration(nil)
	for range honestRequests {
		began := time.Now()
		status, answer, err := p.askAs(client, "honest", body)
		times = append(times, time.Since(began))
		if status == http.StatusOK && strings.Contains(answer, `"successUserList":[`) {
			served++
		} else if failures = append(failures, fmt.Sprintf("%d %.200s %v", status, answer, err)); len(failures) > honestRequests-honestServed {
			break
		}
	}
	slices.Sort(times)
	t.Logf("%d of %d were served, half of them within %s, all within %s", served, len(times), times[len(times)/2].Round(time.Millisecond), times[len(times)-1].Round(time.Millisecond))
	if served < honestServed {
		t.Errorf("%d of %d honest requests were served, the first failure: %s", served, len(times), failures[0])
	}
}

func (p *program) awaitRefused(t *testing.T, reason string) {
	t.Helper()
	eventually(t, func() bool { return p.scrape().value("userstatus_refused_total", reason) > 0 })
}

func TestConnectionsOfOneAddressLeaveRoomForOthers(t *testing.T) {
	t.Parallel()
	p := serving(t, "--jwt-secret="+goodSecret, "--max-connections=200")
	opening := []string{
		"",
		"POST /graphql HTTP/1.1\r\nHost: x\r\n",
		"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
		"GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n",
	}
	ended := make(chan struct{})
	defer close(ended)
	dialer := dialerFrom(flooder)
	flood(t, 400, func(i int) {
		conn, err := dialer.Dial("tcp", p.address())
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		if _, err := io.WriteString(conn, opening[i%len(opening)]); err != nil {
			return
		}
		hungUp := make(chan struct{})
		go func() { defer close(hungUp); _, _ = io.Copy(io.Discard, conn) }()
		select {
		case <-hungUp:
			time.Sleep(10 * time.Millisecond) // a flood that leaves the processors to others
		case <-ended:
			_ = conn.Close()
			<-hungUp
		}
	})
	p.awaitRefused(t, "address")
	p.checkHonest(t)
}

// It has the processors to itself: what clients wait for is nobody else's work.
func TestDearOperationsOfOneAddressDoNotKeepOthersWaiting(t *testing.T) {
	p := serving(t, "--jwt-secret="+goodSecret)
	for from := range 5 { // 100 at a time go
		ids := make([]string, 100)
		for i := range ids {
			ids[i] = fmt.Sprint("user", 100*from+i)
		}
		p.do(mintAs("backend", true), `mutation{registerUsers(userIDList:`+quoted(ids)+`){failureUserList{userID}}}`)
	}
	dear, client := statusBody(t, 500, 48), clientFrom(flooder)
	client.Timeout = 0
	began := make(chan struct{})
	first := sync.OnceFunc(func() { close(began) })
	flood(t, 400, func(int) {
		_, _, _ = p.askAs(client, "mallory", dear) // served or not
		first()
	})
	<-began
	p.checkHonest(t)
}

func TestSlowBodiesOfOneAddressLeaveMemoryForOthers(t *testing.T) {
	t.Parallel()
	p := serving(t, "--jwt-secret="+goodSecret, "--ping-interval=1m")
	head := "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{\"query\": \"" + strings.Repeat(" ", 600_000)
	dialer := dialerFrom(flooder)
	for range 140 {
		conn, err := dialer.Dial("tcp", p.address())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if _, err := io.WriteString(conn, head); err != nil {
			t.Fatal(err)
		}
	}
	p.awaitRefused(t, "memory")
	large := bytes.Replace(statusBody(t, 3, 2), []byte("{"), []byte("{"+strings.Repeat(" ", 100<<10)), 1)
	if status, answer, err := p.askAs(clientFrom(flooder), "mallory", large); status != http.StatusTooManyRequests || !strings.Contains(answer, "RATE_LIMITED") {
		t.Errorf("the address that took all it could got %d %s %v", status, answer, err)
	}
	if status, answer, err := p.askAs(clientFrom(honest), "honest", large); status != http.StatusOK {
		t.Errorf("another got %d %s %v", status, answer, err)
	}
	p.checkHonest(t)
}
