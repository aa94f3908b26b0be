package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
)

const (
	// maxKeySet is in bytes; a longer answer is no key set.
	maxKeySet = 1 << 20
	// maxRedirects is how often the host may send a fetch elsewhere.
	maxRedirects = 3
)

// pace says how often keys are fetched, and how long a fetch may take.
type pace struct {
	// timeout is for one fetch, from the dial to the last byte.
	timeout time.Duration
	// steady is the time between two fetches while all is well: how long a
	// withdrawn key may still be accepted.
	steady time.Duration
	// retry is the time to the next fetch after one that went wrong.
	retry time.Duration
	// atMost is the time one outcome stands, whoever asks: the limit that keeps
	// a flood of unknown key ids from becoming a flood of fetches.
	atMost time.Duration
}

var usualPace = pace{timeout: 5 * time.Second, steady: 5 * time.Minute, retry: 10 * time.Second, atMost: 10 * time.Second}

// NewJWKS accepts tokens signed with a key of the set at address: RS256, ES256
// and EdDSA. It returns once the keys were fetched or could not be, after 5 s at
// the latest; its one goroutine ends with ctx. Tokens of known keys are verified
// without a fetch; those of an unknown key id wait for one, which comes at most
// every 10 s. An address that is no http(s) URL is an error.
//
// A host that can't be reached is a warning, not an error: sign-in service and
// this one may be started together, and an outage there must not keep this one
// from restarting. Until the keys are there, Verify has an internal error.
func NewJWKS(ctx context.Context, address string, checks Checks, log *slog.Logger) (*Verifier, error) {
	keys, err := newKeys(ctx, address, usualPace, log)
	if err != nil {
		return nil, err
	}
	return keys.verifier(checks)
}

func (k *keys) verifier(checks Checks) (*Verifier, error) {
	find, err := keyfunc.New(keyfunc.Options{Storage: k})
	if err != nil {
		return nil, fmt.Errorf("set up the keys of %s: %w", k.url.Redacted(), err)
	}
	return newVerifier(checks, find.KeyfuncCtx, "RS256", "ES256", "EdDSA"), nil
}

// keysError is a want of keys that is not the client's fault.
type keysError struct{ err error }

func (e *keysError) Error() string { return "the signing keys are not at hand: " + e.err.Error() }
func (e *keysError) Unwrap() error { return e.err }

// keys is a key set that follows its host. It is keyfunc's storage, in place of
// the one that comes with it, under which each unknown key id waits in line for
// a fetch of its own and an answer may be of any size.
type keys struct {
	*jwkset.MemoryJWKSet
	url    *url.URL
	client *http.Client
	log    *slog.Logger
	pace   pace
	ended  <-chan struct{}
	due    chan *round

	mu   sync.Mutex
	last *round
}

// round is one fetch, shared by all who wait for it. err is to be read after done.
type round struct {
	begun time.Time
	done  chan struct{}
	err   error
}

func newKeys(ctx context.Context, address string, pace pace, log *slog.Logger) (*keys, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("the address of the keys is not an http or https URL")
	}
	k := &keys{
		MemoryJWKSet: jwkset.NewMemoryStorage(),
		url:          u,
		client:       newClient(pace.timeout),
		log:          log,
		pace:         pace,
		ended:        ctx.Done(),
		due:          make(chan *round, 1),
	}
	go k.follow(ctx)
	_ = k.refresh(ctx) // logged, and tried again by follow
	return k, nil
}

// newClient keeps no connection open: fetches are rare, and the goroutines of an
// idle connection would outlive the verifier.
func newClient(timeout time.Duration) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives = true
	return &http.Client{Transport: transport, Timeout: timeout, CheckRedirect: stayEncrypted}
}

// stayEncrypted refuses a redirect from https to http, where whoever is on the way
// could answer with keys of their own.
func stayEncrypted(next *http.Request, before []*http.Request) error {
	switch {
	case before[0].URL.Scheme == "https" && next.URL.Scheme != "https":
		return errors.New("the host redirects from https to http")
	case len(before) > maxRedirects:
		return fmt.Errorf("the host redirects more than %d times", maxRedirects)
	}
	return nil
}

// KeyRead finds a key by its id, if need be by fetching the keys anew.
func (k *keys) KeyRead(ctx context.Context, id string) (jwkset.JWK, error) {
	key, err := k.MemoryJWKSet.KeyRead(ctx, id)
	if err == nil {
		return key, nil
	}
	if err := k.refresh(ctx); err != nil {
		return jwkset.JWK{}, err
	}
	key, err = k.MemoryJWKSet.KeyRead(ctx, id)
	if err != nil {
		return jwkset.JWK{}, refuse("the token's key id (kid) is not among the published keys")
	}
	return key, nil
}

// KeyReadAll is for tokens without a key id: each key is tried. It returns at
// least one, or an error.
func (k *keys) KeyReadAll(ctx context.Context) ([]jwkset.JWK, error) {
	all, err := k.MemoryJWKSet.KeyReadAll(ctx)
	if err != nil || len(all) > 0 {
		return all, err
	}
	if err := k.refresh(ctx); err != nil {
		return nil, err
	}
	return k.MemoryJWKSet.KeyReadAll(ctx)
}

// refresh returns once there is an outcome younger than pace.atMost.
func (k *keys) refresh(ctx context.Context) error {
	r := k.join()
	select {
	case <-r.done:
	case <-ctx.Done():
		return &keysError{ctx.Err()}
	case <-k.ended:
		return &keysError{context.Canceled}
	}
	if r.err != nil {
		return &keysError{r.err}
	}
	return nil
}

// join returns the round that runs, or that ended just now, or else a new one.
// The send never blocks: there is a new one only when the last was taken.
func (k *keys) join() *round {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.last != nil && (k.last.running() || time.Since(k.last.begun) < k.pace.atMost) {
		return k.last
	}
	k.last = &round{begun: time.Now(), done: make(chan struct{})}
	k.due <- k.last
	return k.last
}

func (r *round) running() bool {
	select {
	case <-r.done:
		return false
	default:
		return true
	}
}

// follow runs the rounds, those asked for and those of its own clock, until ctx ends.
func (k *keys) follow(ctx context.Context) {
	timer := time.NewTimer(k.pace.retry)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			k.join()
			timer.Reset(k.pace.retry)
		case r := <-k.due:
			r.err = k.fetch(ctx)
			close(r.done)
			timer.Reset(k.pace.after(r.err))
		}
	}
}

func (p pace) after(err error) time.Duration {
	if err != nil {
		return p.retry
	}
	return p.steady
}
