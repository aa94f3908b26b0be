package webhook

import (
	"net/http"
	"testing"
	"time"
)

// A receiver that begins an answer and then says no more is waited for as long as
// any other, and Close does not wait for it for ever.
func TestOneWhoFallsSilentIsNotWaitedForWithoutEnd(t *testing.T) {
	for answer, taken := range map[string]bool{
		"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n": false,
		"HTTP/1.1 100 Continue\r\n\r\n":                         false,
		"HTTP/1.1 200 OK\r\nX":                                  false,
		"HTTP/1.1 500 x\r\nContent-Length: 5\r\n\r\nx":          false,
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nx":         true,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n": true,
	} {
		t.Run(answer, func(t *testing.T) {
			onStage(t, func(t *testing.T, s *stage) {
				over := make(chan struct{})
				s.receiver.answer = func(w http.ResponseWriter, a arrival) {
					conn, _, err := w.(http.Hijacker).Hijack()
					if err != nil {
						t.Error(err)
						return
					}
					defer func() { _ = conn.Close() }()
					_, _ = conn.Write([]byte(answer))
					<-over
				}
				s.change("alice")
				s.start()
				s.after(timeout + 3*time.Second)
				if n := len(s.receiver.of("alice")); (n == 1) != taken || (s.backlog().Pending == 0) != taken {
					t.Errorf("%d have come, %d wait", n, s.backlog().Pending)
				}
				began := time.Now()
				time.AfterFunc(time.Minute, func() { close(over) })
				s.sender.Close(t.Context())
				if took := time.Since(began); took > timeout {
					t.Errorf("it closes after %v", took)
				}
				s.sender = nil
			})
		})
	}
}
