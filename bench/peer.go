package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"userstatus/auth"
)

// patience is how long a call or a handshake may take.
const patience = 60 * time.Second

var minter = auth.NewMinter([]byte(secret), auth.Checks{})

// peer is a client's socket. One goroutine at a time reads it, and one writes.
type peer struct {
	user string
	conn net.Conn
	in   *bufio.Reader
	buf  []byte
}

// dials spreads the sockets over the loopback's addresses: each has 28,000 ports.
var dials atomic.Uint32

const sourceAddresses = 32

func source() *net.TCPAddr {
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+dials.Add(1)%sourceAddresses))}
}

// upgrade opens a socket.
func (s *server) upgrade(user string) (*peer, error) {
	address, err := url.Parse(s.url)
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{LocalAddr: source(), Timeout: patience}
	conn, err := dialer.Dial("tcp", address.Host)
	if err != nil {
		return nil, err
	}
	p := &peer{user: user, conn: conn, in: bufio.NewReaderSize(conn, 2048)}
	if err := p.handshake(address.Host); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("upgrade: %w", err)
	}
	return p, nil
}

func (p *peer) handshake(host string) error {
	_ = p.conn.SetDeadline(time.Now().Add(patience))
	request := "GET /graphql HTTP/1.1\r\nHost: " + host + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
	if _, err := p.conn.Write([]byte(request)); err != nil {
		return err
	}
	first, err := p.in.ReadString('\n')
	if err != nil || !strings.Contains(first, "101") {
		return errors.Join(err, errors.New(strings.TrimSpace(first)))
	}
	for line := ""; line != "\r\n"; {
		if line, err = p.in.ReadString('\n'); err != nil {
			return err
		}
	}
	return p.conn.SetDeadline(time.Time{})
}

// connect opens a socket and signs in.
func (s *server) connect(user string) (*peer, error) {
	p, err := s.upgrade(user)
	if err != nil {
		return nil, err
	}
	if err := p.signIn(); err != nil {
		_ = p.conn.Close()
		return nil, fmt.Errorf("sign in %s: %w", user, err)
	}
	return p, nil
}

func (p *peer) signIn() error {
	token, err := tokenOf(p.user)
	if err != nil {
		return err
	}
	if err := p.send(`{"type":"connection_init","payload":{"authorization":"Bearer ` + token + `"}}`); err != nil {
		return err
	}
	return p.await(`"connection_ack"`)
}

// tokenOf mints; admin is the one user with that role.
func tokenOf(user string) (string, error) {
	return minter.Mint(user, user == admin, 2*time.Hour, time.Now())
}

const (
	admin    = "admin"
	complete = `"type":"complete"`
)

func (p *peer) send(text string) error {
	_, err := p.conn.Write(appendClientFrame(nil, opText, []byte(text)))
	return err
}

// next is the payload of the next text message, until the one after it is read.
func (p *peer) next() ([]byte, error) {
	for {
		op, payload, err := readFrame(p.in, p.buf)
		if err != nil {
			return nil, err
		}
		p.buf = payload
		switch op {
		case opText:
			return payload, nil
		case opPing:
			if _, err := p.conn.Write(appendClientFrame(nil, opPong, payload)); err != nil {
				return nil, err
			}
		case opClose:
			return nil, fmt.Errorf("the server closed %s: %q", p.user, payload)
		}
	}
}

// await passes over messages up to one that contains text; an error ends it.
func (p *peer) await(text string) error {
	_ = p.conn.SetReadDeadline(time.Now().Add(patience))
	defer func() { _ = p.conn.SetReadDeadline(time.Time{}) }()
	for {
		got, err := p.next()
		if err != nil {
			return err
		}
		if bytes.Contains(got, []byte(`"errors"`)) || bytes.Contains(got, []byte(`"type":"error"`)) {
			return fmt.Errorf("the server answered %s", got)
		}
		if bytes.Contains(got, []byte(text)) {
			return nil
		}
	}
}

const (
	subscription = `{"id":"s","type":"subscribe","payload":{"query":"subscription{userStatusUpdated{userID statusType customStatus version}}"}}`
	watch        = "mutation($ids:[ID!]!){subscribeUserStatus(userIDList:$ids){failureUserList{userID}}}"
	register     = "mutation($ids:[ID!]!){registerUsers(userIDList:$ids){failureUserList{userID}}}"
	block        = "mutation($ids:[ID!]!){blockUsers(userIDList:$ids){failureUserList{userID}}}"
)

// befriend makes the user friends with those it is listed with.
func befriend(user string) string {
	return `mutation($ids:[ID!]!){addFriends(userID:\"` + user + `\",friendIDList:$ids){failureUserList{userID}}}`
}

func (p *peer) subscribe() error { return p.send(subscription) }

// settle returns when what was sent before it is done: a subscription is open.
func (p *peer) settle() error { return p.call("{__typename}") }

// call executes a document without variables, and returns once that is done.
func (p *peer) call(document string) error {
	if err := p.send(`{"id":"q","type":"subscribe","payload":{"query":"` + document + `"}}`); err != nil {
		return err
	}
	return p.await(complete)
}

// list calls a mutation that takes users, up to 100 at a time.
func (p *peer) list(mutation string, users []string) error {
	for start := 0; start < len(users); start += 100 {
		ids, err := json.Marshal(users[start:min(start+100, len(users))])
		if err != nil {
			return err
		}
		if err := p.send(`{"id":"l","type":"subscribe","payload":{"query":"` + mutation + `","variables":{"ids":` + string(ids) + `}}}`); err != nil {
			return err
		}
		if err := p.await(complete); err != nil {
			return err
		}
	}
	return nil
}

// begin sends a change; its answer is still to be read.
func (p *peer) begin(text string) error {
	return p.send(`{"id":"m","type":"subscribe","payload":{"query":"mutation($text:String!){setSelfStatus(customStatus:$text){version}}","variables":{"text":"` + text + `"}}}`)
}

// set changes the user's own status, and returns once that is acknowledged.
func (p *peer) set(text string) error {
	if err := p.begin(text); err != nil {
		return err
	}
	return p.await(complete)
}

// drop closes without a word, and so that the port is free at once.
func (p *peer) drop() {
	if tcp, ok := p.conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = p.conn.Close()
}
