package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/gorilla/websocket"
)

// message is what the load program sends.
type message struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Payload struct {
		Authorization string `json:"authorization"`
		Query         string `json:"query"`
		Variables     struct {
			Text string   `json:"text"`
			IDs  []string `json:"ids"`
		} `json:"variables"`
	} `json:"payload"`
}

// version has as many digits as those of the real server.
var version atomic.Int64

func init() { version.Store(30_000_000) }

func (s *server) receive(p *peer, text []byte) {
	var m message
	if json.Unmarshal(text, &m) != nil {
		_ = p.ws.Close()
		return
	}
	query := m.Payload.Query
	switch {
	case m.Type == "connection_init":
		p.user = subject(m.Payload.Authorization)
		p.say(`{"type":"connection_ack"}`)
	case strings.Contains(query, "subscribeUserStatus"):
		s.watch(p, m.Payload.Variables.IDs)
		p.answer(m.ID, `{"data":{"subscribeUserStatus":{"failureUserList":[]}}}`)
	case strings.Contains(query, "setSelfStatus"):
		status := fmt.Sprintf(`{"userID":%q,"statusType":"ONLINE","customStatus":%q,"version":%d}`,
			p.user, m.Payload.Variables.Text, version.Add(1))
		s.changes <- change{p.user, frame(`{"id":"s","type":"next","payload":{"data":{"userStatusUpdated":[` + status + `]}}}`)}
		p.answer(m.ID, `{"data":{"setSelfStatus":{"version":30000000}}}`)
	}
}

func (p *peer) say(text string) { _, _ = p.conn.Write(frame(text)) }

func (p *peer) answer(id, payload string) {
	next := frame(fmt.Sprintf(`{"id":%q,"type":"next","payload":%s}`, id, payload))
	_, _ = p.conn.Write(append(next, frame(fmt.Sprintf(`{"id":%q,"type":"complete"}`, id))...))
}

// frame is a text message of less than 64 KiB, as RFC 6455 has it.
func frame(text string) []byte {
	if len(text) < 126 {
		return append([]byte{0x80 | websocket.TextMessage, byte(len(text))}, text...)
	}
	return append([]byte{0x80 | websocket.TextMessage, 126, byte(len(text) >> 8), byte(len(text))}, text...)
}

// subject reads whose token it is, unchecked.
func subject(authorization string) string {
	parts := strings.Split(authorization, ".")
	if len(parts) != 3 {
		return ""
	}
	raw, _ := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct {
		Subject string `json:"sub"`
	}
	_ = json.Unmarshal(raw, &claims)
	return claims.Subject
}
