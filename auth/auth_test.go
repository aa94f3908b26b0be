package auth

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"go.uber.org/goleak"

	"userstatus/presence"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	secret = bytes.Repeat([]byte("s3"), 16)
	noon   = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
)

// good are the claims of an acceptable token at noon, changed as told; a nil
// takes the claim away.
func good(changes jwt.MapClaims) jwt.MapClaims {
	claims := jwt.MapClaims{"sub": "alice", "exp": noon.Add(time.Hour).Unix()}
	for name, value := range changes {
		claims[name] = value
		if value == nil {
			delete(claims, name)
		}
	}
	return claims
}

func sign(t testing.TB, method jwt.SigningMethod, key any, header map[string]any, claims jwt.MapClaims) string {
	t.Helper()
	token := jwt.NewWithClaims(method, claims)
	for name, value := range header {
		token.Header[name] = value
	}
	signed, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func atNoon(v *Verifier) *Verifier {
	v.now = func() time.Time { return noon }
	return v
}

func accepts(t *testing.T, v *Verifier, token string) presence.Viewer {
	t.Helper()
	viewer, err := v.Verify(t.Context(), token)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	return viewer
}

// refuses asserts that the client is told what is wrong, in words that have said
// in them and nothing of the token.
func refuses(t *testing.T, v *Verifier, token, said string) {
	t.Helper()
	viewer, err := v.Verify(t.Context(), token)
	shown, ok := presence.AsError(err)
	if !ok {
		t.Fatalf("got %+v, %v; want a refusal that is shown", viewer, err)
	}
	if shown.Code != presence.Unauthenticated || shown.Number != 6014 {
		t.Errorf("code %s %d, want UNAUTHENTICATED 6014", shown.Code, shown.Number)
	}
	if !strings.Contains(shown.Message, said) {
		t.Errorf("%q says nothing of %q", shown.Message, said)
	}
	if viewer != (presence.Viewer{}) {
		t.Errorf("a refused token has a viewer, %+v", viewer)
	}
	keepsTokenSecret(t, token, err)
}

// failsInside asserts that it is our failure, not the client's.
func failsInside(t *testing.T, v *Verifier, token, said string) {
	t.Helper()
	_, err := v.Verify(t.Context(), token)
	if err == nil {
		t.Fatal("accepted, want an internal error")
	}
	if shown := (*presence.Error)(nil); errors.As(err, &shown) {
		t.Fatalf("the client is blamed: %v", shown)
	}
	if !strings.Contains(err.Error(), said) {
		t.Errorf("%q says nothing of %q", err, said)
	}
	keepsTokenSecret(t, token, err)
}

func keepsTokenSecret(t testing.TB, token string, err error) {
	t.Helper()
	for part := range strings.SplitSeq(token, ".") {
		if len(part) > 12 && strings.Contains(err.Error(), part) {
			t.Errorf("a part of the token is in the error %q", err)
		}
	}
}
