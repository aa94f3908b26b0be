package auth

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
)

// Keys are made once: making RSA keys is slow.
var (
	rsaKey    = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	rsaKey2   = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	shortKey  = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 1024)) })
	p256Key   = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	p384Key   = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)) })
	ed25519Of = sync.OnceValue(func() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32)) })
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// jwk is the public half of a key as a host publishes it, with more fields, or others.
func jwk(t testing.TB, key crypto.Signer, id string, fields map[string]any) map[string]any {
	t.Helper()
	made, err := jwkset.NewJWKFromKey(key.Public(), jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{KID: id}})
	if err != nil {
		t.Fatal(err)
	}
	published := map[string]any{}
	text := must(json.Marshal(made.Marshal()))
	if err := json.Unmarshal(text, &published); err != nil {
		t.Fatal(err)
	}
	delete(published, "alg")
	maps.Copy(published, fields)
	return published
}

// host is a sign-in service of which only the address of its keys is of interest.
type host struct {
	*httptest.Server
	answer  atomic.Pointer[http.HandlerFunc]
	fetches atomic.Int32
	// fetched gets a word for each request as it comes, while there is room.
	fetched chan struct{}
}

func newHost(t testing.TB, published ...map[string]any) *host {
	h := &host{fetched: make(chan struct{}, 100)}
	h.publish(published...)
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.fetches.Add(1)
		select {
		case h.fetched <- struct{}{}:
		default:
		}
		(*h.answer.Load())(w, r)
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *host) does(answer http.HandlerFunc) { h.answer.Store(&answer) }

func (h *host) publish(published ...map[string]any) {
	if published == nil {
		published = []map[string]any{}
	}
	text := must(json.Marshal(map[string]any{"keys": published}))
	h.does(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(text) })
}

// hangs until the client has enough.
func hangs(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func down(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }

// quick is a pace for tests: never by its own clock, and always when asked.
var quick = pace{timeout: 10 * time.Second, steady: time.Hour, retry: time.Hour, atMost: 0}

func follow(t testing.TB, address string, pace pace) (*Verifier, *keys, *bytes.Buffer) {
	t.Helper()
	log := &bytes.Buffer{}
	k, err := newKeys(t.Context(), address, pace, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	v, err := k.verifier(Checks{})
	if err != nil {
		t.Fatal(err)
	}
	return atNoon(v), k, log
}

func kid(id string) map[string]any { return map[string]any{"kid": id} }
