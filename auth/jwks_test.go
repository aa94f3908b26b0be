package auth

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
)

func TestKeysOfEachAcceptedTypeVerify(t *testing.T) {
	h := newHost(t,
		jwk(t, rsaKey(), "r", map[string]any{"use": "sig", "alg": "RS256"}),
		jwk(t, p256Key(), "e", map[string]any{"key_ops": []string{"verify"}}),
		jwk(t, ed25519Of(), "d", nil))
	v, err := NewJWKS(t.Context(), h.URL, Checks{Issuer: "https://id.example"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	atNoon(v)
	claims := good(jwt.MapClaims{"iss": "https://id.example", "role": "admin"})
	for _, token := range []string{
		sign(t, jwt.SigningMethodRS256, rsaKey(), kid("r"), claims),
		sign(t, jwt.SigningMethodES256, p256Key(), kid("e"), claims),
		sign(t, jwt.SigningMethodEdDSA, ed25519Of(), kid("d"), claims),
		sign(t, jwt.SigningMethodES256, p256Key(), nil, claims),
	} {
		if got := accepts(t, v, token); got.UserID != "alice" || !got.Admin {
			t.Errorf("got %+v", got)
		}
	}
	refuses(t, v, sign(t, jwt.SigningMethodRS256, rsaKey(), kid("r"), good(nil)), "no iss")
	refuses(t, v, sign(t, jwt.SigningMethodRS256, rsaKey2(), kid("r"), claims), "signature is wrong")
	refuses(t, v, sign(t, jwt.SigningMethodRS256, rsaKey2(), nil, claims), "signature is wrong")
}

func TestAlgorithmsAndKeysAreNotConfused(t *testing.T) {
	h := newHost(t, jwk(t, rsaKey(), "r", nil), jwk(t, p256Key(), "e", nil))
	v, _, _ := follow(t, h.URL, quick)
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: must(x509.MarshalPKIXPublicKey(rsaKey().Public()))})
	refuses(t, v, sign(t, jwt.SigningMethodHS256, public, kid("r"), good(nil)), "alg is HS256, accepted is RS256, ES256, EdDSA")
	refuses(t, v, sign(t, jwt.SigningMethodHS256, rsaKey().N.Bytes(), kid("r"), good(nil)), "alg is HS256")
	refuses(t, v, sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, kid("r"), good(nil)), "alg is none")
	refuses(t, v, sign(t, jwt.SigningMethodRS512, rsaKey(), kid("r"), good(nil)), "alg is RS512")
	refuses(t, v, sign(t, jwt.SigningMethodPS256, rsaKey(), kid("r"), good(nil)), "alg is PS256")
	refuses(t, v, sign(t, jwt.SigningMethodRS256, rsaKey(), kid("e"), good(nil)), "signature is wrong")
	refuses(t, v, sign(t, jwt.SigningMethodRS256, rsaKey(), map[string]any{"kid": 7}, good(nil)), "header does not fit")
}

func TestKeysThatAreNotForTokensArePassedOver(t *testing.T) {
	for name, unfit := range map[string]map[string]any{
		"for encryption":      jwk(t, rsaKey2(), "x", map[string]any{"use": "enc"}),
		"for signing alone":   jwk(t, rsaKey2(), "x", map[string]any{"key_ops": []string{"sign"}}),
		"for RS512":           jwk(t, rsaKey2(), "x", map[string]any{"alg": "RS512"}),
		"for another type":    jwk(t, rsaKey2(), "x", map[string]any{"alg": "ES256"}),
		"short":               jwk(t, shortKey(), "x", nil),
		"of another curve":    jwk(t, p384Key(), "x", nil),
		"of an unknown use":   jwk(t, rsaKey2(), "x", map[string]any{"use": "dance"}),
		"of an unknown type":  {"kty": "quantum", "kid": "x"},
		"a secret, published": {"kty": "oct", "kid": "x", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"},
		"broken":              {"kty": "RSA", "kid": "x", "n": "%", "e": "AQAB"},
		"off the curve":       {"kty": "EC", "crv": "P-256", "kid": "x", "x": "AQ", "y": "AQ"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, unfit, jwk(t, rsaKey(), "good", nil))
			v, k, _ := follow(t, h.URL, quick)
			accepts(t, v, sign(t, jwt.SigningMethodRS256, rsaKey(), kid("good"), good(nil)))
			refuses(t, v, sign(t, jwt.SigningMethodRS256, rsaKey2(), kid("x"), good(nil)), "not among the published keys")
			if all, err := k.KeyReadAll(t.Context()); len(all) != 1 || err != nil {
				t.Errorf("%d keys, %v, want the one", len(all), err)
			}
		})
	}
}

func TestARotatedKeyIsFetchedAtItsFirstToken(t *testing.T) {
	h := newHost(t, jwk(t, rsaKey(), "old", nil))
	v, _, _ := follow(t, h.URL, quick)
	old := sign(t, jwt.SigningMethodRS256, rsaKey(), kid("old"), good(nil))
	accepts(t, v, old)
	h.publish(jwk(t, p256Key(), "new", nil))
	accepts(t, v, sign(t, jwt.SigningMethodES256, p256Key(), kid("new"), good(nil)))
	refuses(t, v, old, "not among the published keys")
}

func TestAFloodOfUnknownKeyIDsIsOneFetch(t *testing.T) {
	h := newHost(t, jwk(t, rsaKey(), "known", nil))
	v, k, _ := follow(t, h.URL, usualPace)
	flood := func() {
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				refuses(t, v, sign(t, jwt.SigningMethodES256, p256Key(), kid(fmt.Sprint(i)), good(nil)), "not among the published keys")
			})
		}
		all.Wait()
	}
	flood()
	if got := h.fetches.Load(); got != 1 {
		t.Errorf("%d fetches within 10 s of the first, want 1", got)
	}
	k.mu.Lock()
	k.last.begun = k.last.begun.Add(-usualPace.atMost)
	k.mu.Unlock()
	flood()
	if got := h.fetches.Load(); got != 2 {
		t.Errorf("%d fetches 10 s later, want 2", got)
	}
}

func TestWhoseKeyIsKnownDoesNotWaitForAFetch(t *testing.T) {
	h := newHost(t, jwk(t, rsaKey(), "known", nil))
	v, _, _ := follow(t, h.URL, quick)
	<-h.fetched
	h.does(hangs)
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error)
	go func() {
		_, err := v.Verify(ctx, sign(t, jwt.SigningMethodRS256, rsaKey(), kid("unknown"), good(nil)))
		waiting <- err
	}()
	<-h.fetched
	accepts(t, v, sign(t, jwt.SigningMethodRS256, rsaKey(), kid("known"), good(nil)))
	cancel()
	if err := <-waiting; err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("who gave up waiting got %v", err)
	}
}

func TestAnIllHostIsNotTheClientsFault(t *testing.T) {
	hasty := quick
	hasty.timeout = 200 * time.Millisecond
	flood := bytes.Repeat([]byte(" "), 64<<10)
	for name, c := range map[string]struct {
		pace   pace
		answer http.HandlerFunc
		said   string
	}{
		"slow": {hasty, hangs, "deadline exceeded"},
		"slow in its body": {hasty, func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(`{"keys":`))
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}, "read the keys"},
		"huge": {quick, func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(flood); err != nil {
					return
				}
			}
		}, "more than 1048576 bytes"},
		"failing": {quick, down, "503"},
		"not JSON": {quick, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("<html>"))
		}, "read the keys"},
		"no key set": {quick, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"error":"busy"}`))
		}, "no list of keys"},
		"without keys": {quick, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"keys":[]}`))
		}, "none of the 0 keys"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t)
			h.does(c.answer)
			v, _, log := follow(t, h.URL, c.pace)
			if !strings.Contains(log.String(), "level=WARN") {
				t.Errorf("no warning at the start, but %q", log)
			}
			failsInside(t, v, sign(t, jwt.SigningMethodRS256, rsaKey(), kid("r"), good(nil)), c.said)
			failsInside(t, v, sign(t, jwt.SigningMethodRS256, rsaKey(), nil, good(nil)), c.said)
			refuses(t, v, sign(t, jwt.SigningMethodHS256, secret, nil, good(nil)), "alg is HS256")
		})
	}
}

func TestAHostThatIsDownAtTheStartIsTriedAgain(t *testing.T) {
	h := newHost(t)
	h.does(down)
	persistent := pace{timeout: 10 * time.Second, steady: time.Hour, retry: time.Millisecond, atMost: time.Millisecond}
	v, k, _ := follow(t, h.URL, persistent)
	failsInside(t, v, sign(t, jwt.SigningMethodRS256, rsaKey(), kid("r"), good(nil)), "503")
	h.publish(jwk(t, rsaKey(), "r", nil))
	for { // by follow alone: nobody verifies
		<-h.fetched
		k.mu.Lock()
		last := k.last
		k.mu.Unlock()
		if <-last.done; last.err == nil {
			break
		}
	}
	accepts(t, v, sign(t, jwt.SigningMethodRS256, rsaKey(), kid("r"), good(nil)))
}

func TestKnownKeysStayGoodWhileTheHostIsDown(t *testing.T) {
	h := newHost(t, jwk(t, rsaKey(), "known", nil))
	v, _, _ := follow(t, h.URL, quick)
	h.does(down)
	failsInside(t, v, sign(t, jwt.SigningMethodRS256, rsaKey(), kid("unknown"), good(nil)), "503")
	accepts(t, v, sign(t, jwt.SigningMethodRS256, rsaKey(), kid("known"), good(nil)))
	h.Close()
	failsInside(t, v, sign(t, jwt.SigningMethodRS256, rsaKey(), kid("unknown"), good(nil)), "ask for the keys")
	accepts(t, v, sign(t, jwt.SigningMethodRS256, rsaKey(), kid("known"), good(nil)))
}

func TestAVerifierWhoseTimeIsUpAnswersStill(t *testing.T) {
	h := newHost(t, jwk(t, rsaKey(), "known", nil))
	ctx, cancel := context.WithCancel(t.Context())
	k, err := newKeys(ctx, h.URL, quick, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	v := atNoon(must(k.verifier(Checks{})))
	cancel()
	accepts(t, v, sign(t, jwt.SigningMethodRS256, rsaKey(), kid("known"), good(nil)))
	for range 3 {
		failsInside(t, v, sign(t, jwt.SigningMethodRS256, rsaKey(), kid("unknown"), good(nil)), "canceled")
	}
}

func TestOnlyAWebAddressHasKeys(t *testing.T) {
	for _, address := range []string{"", "keys.json", "file:///keys.json", "https://", "ftp://id.example/keys", "http://[::1"} {
		if _, err := NewJWKS(t.Context(), address, Checks{}, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%q was taken", address)
		}
	}
}

func TestKeysAreFetchedSteadilyWhileAllIsWell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		fetches := make(chan time.Time)
		k := &keys{
			MemoryJWKSet: jwkset.NewMemoryStorage(),
			url:          must(http.NewRequest(http.MethodGet, "http://id.example/keys", nil)).URL,
			log:          slog.New(slog.DiscardHandler),
			pace:         usualPace,
			ended:        ctx.Done(),
			due:          make(chan *round, 1),
		}
		k.client = &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			fetches <- time.Now()
			recorder := httptest.NewRecorder()
			_, _ = fmt.Fprintf(recorder, `{"keys":[%s]}`, must(json.Marshal(jwk(t, ed25519Of(), "d", nil))))
			return recorder.Result(), nil
		})}
		go k.follow(ctx)
		first, second, third := <-fetches, <-fetches, <-fetches
		if second.Sub(first) != usualPace.steady || third.Sub(second) != usualPace.steady {
			t.Errorf("fetched after %s and %s, want %s", second.Sub(first), third.Sub(second), usualPace.steady)
		}
		cancel()
		synctest.Wait()
	})
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
