//go:build linux

package deploy

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

const (
	// shared is what the node of these tests lets in: an address gets a half at most.
	shared = 20
	greedy = "127.0.0.2"
	modest = "127.0.0.3"
)

// noRoom is what the node says to a client who has its share, and to a proxy
// that has it, which may make of it what it likes.
var noRoom = []int{http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusBadGateway}

func TestAClientCannotStarveOthersThroughAProxy(t *testing.T) {
	t.Parallel()
	for name, through := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := through(t, startNode(t, fmt.Sprintf("--max-connections=%d", shared), "--trusted-proxy=127.0.0.1"))
			if got := e.takeAll(); got != shared/2 {
				t.Errorf("one address has %d sockets of %d", got, shared)
			}
			if err := e.enter(modest); err != nil {
				t.Errorf("another address is kept out: %v", err)
			}
		})
	}
	t.Run("a proxy that is not named", func(t *testing.T) {
		t.Parallel()
		e := throughNginx(t, startNode(t, fmt.Sprintf("--max-connections=%d", shared)))
		e.takeAll()
		if err := e.enter(modest); err == nil {
			t.Error("its clients count by their own addresses")
		}
	})
}

// takeAll opens sockets from the greedy address until no more is let in, each as
// if it were forwarded for somebody else.
func (e *entrance) takeAll() (taken int) {
	e.t.Helper()
	for ; taken < 2*shared; taken++ {
		e.forged = fmt.Sprintf("192.0.2.%d", taken+1)
		if e.enter(greedy) != nil {
			break
		}
	}
	e.forged = ""
	return taken
}

// enter opens a socket from an address, which stays until the test ends.
func (e *entrance) enter(address string) error {
	e.t.Helper()
	e.from = address
	conn, response, err := e.handshake("")
	if err == nil {
		e.t.Cleanup(func() { _ = conn.Close() })
		return nil
	}
	if response == nil || !slices.Contains(noRoom, response.StatusCode) {
		e.t.Fatalf("no socket from %s, and not for want of room: %v", address, err)
	}
	return err
}

func TestBrowsersAreToldToKeepToTLS(t *testing.T) {
	t.Parallel()
	for name, through := range ways {
		if name == "nginx.conf" {
			continue // it is plain HTTP
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := through(t, startNode(t))
			for _, path := range []string{"/", "/metrics", "/graphql"} {
				response, err := e.client(false).Get("https://" + host + path)
				must(t, err)
				_ = response.Body.Close()
				if got := response.Header.Values("Strict-Transport-Security"); strings.Join(got, ", ") != "max-age=31536000" {
					t.Errorf("%s: %s, Strict-Transport-Security: %q", path, response.Status, got)
				}
			}
		})
	}
}
