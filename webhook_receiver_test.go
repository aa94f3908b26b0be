package main

import (
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// hook is a webhook as it arrived.
type hook struct {
	id        string
	Type      string
	Timestamp time.Time
	Data      struct {
		UserID, Reason, OldStatusType, StatusType, CustomStatus, Availability string
		CustomStatusExpiresAt                                                 *time.Time
		Version                                                               int
	}
}

// receiver is the app's backend, which takes webhooks, or doesn't.
type receiver struct {
	t       *testing.T
	address string
	server  *http.Server
	served  sync.WaitGroup

	mu     sync.Mutex
	hooks  []hook
	answer func(http.ResponseWriter, hook)
	delay  time.Duration
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{t: t, address: "127.0.0.1:0"}
	r.up()
	t.Cleanup(r.down)
	return r
}

// flags have a program send to the receiver.
func (r *receiver) flags() []string {
	return []string{"--webhook-url=http://" + r.address + "/hooks?key=" + goodSecret, "--webhook-secret=" + hookSecret}
}

// up has it listen, after down at the address that it had.
func (r *receiver) up() {
	var listener net.Listener
	eventually(r.t, func() (ok bool) {
		var err error
		listener, err = net.Listen("tcp", r.address)
		return err == nil
	})
	r.address = listener.Addr().String()
	r.server = &http.Server{Handler: r}
	server := r.server
	r.served.Go(func() { _ = server.Serve(listener) })
}

// down cuts off who is connected, and lets nobody in.
func (r *receiver) down() {
	_ = r.server.Close()
	r.served.Wait()
}

// answering has it answer in a way from now on, after a while; nil takes all.
func (r *receiver) answering(answer func(http.ResponseWriter, hook), after ...time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer, r.delay = answer, 0
	if len(after) > 0 {
		r.delay = after[0]
	}
}

func code(code int) func(http.ResponseWriter, hook) {
	return func(w http.ResponseWriter, _ hook) { w.WriteHeader(code) }
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return // it was cut off
	}
	verifier, err := standardwebhooks.NewWebhook(hookSecret)
	if err == nil {
		err = verifier.Verify(body, q.Header)
	}
	h := hook{id: q.Header.Get("webhook-id")}
	if err == nil {
		err = json.Unmarshal(body, &h)
	}
	if err != nil || h.Type != "user_status.changed" || h.Timestamp.IsZero() {
		r.t.Errorf("%v in %v %s", err, q.Header, body)
	}
	r.mu.Lock()
	answer, delay := r.answer, r.delay
	if answer == nil {
		r.hooks = append(r.hooks, h)
	}
	r.mu.Unlock()
	<-time.After(delay)
	if answer != nil {
		answer(w, h)
	}
}

// taken is what it took, in the order in which it came.
func (r *receiver) taken() []hook {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.hooks)
}

// await returns the first that is as wanted.
func (r *receiver) await(wanted func(hook) bool) (h hook) {
	r.t.Helper()
	eventually(r.t, func() bool {
		all := r.taken()
		i := slices.IndexFunc(all, wanted)
		if i >= 0 {
			h = all[i]
		}
		return i >= 0
	})
	return h
}

// byVersion has each user's, each once; it checks their order, and that an event has
// one ID that no other has.
func (r *receiver) byVersion() (of map[string]map[int]hook, doubles int) {
	r.t.Helper()
	of, ids := map[string]map[int]hook{}, map[string]bool{}
	for _, h := range r.taken() {
		user, version := h.Data.UserID, h.Data.Version
		if of[user] == nil {
			of[user] = map[int]hook{}
		}
		if before, double := of[user][version]; double {
			doubles++
			if before.id != h.id {
				r.t.Errorf("version %d of %s came as %s and as %s", version, user, before.id, h.id)
			}
			continue
		}
		if latest := slices.Max(append(slices.Collect(maps.Keys(of[user])), 0)); latest > version {
			r.t.Errorf("version %d of %s came after %d", version, user, latest)
		}
		if ids[h.id] {
			r.t.Errorf("%s is version %d of %s, and another", h.id, version, user)
		}
		of[user][version], ids[h.id] = h, true
	}
	return of, doubles
}
