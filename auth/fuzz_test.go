package auth

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"userstatus/presence"
)

// head is a token's first part, in which names of any case count for nothing.
type head struct {
	alg  string
	crit bool
}

// apart takes a token apart without the library that verifies it.
func apart(token string) (h head, claims map[string]any, text string, signature []byte) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return head{}, nil, "", nil
	}
	fields := map[string]any{}
	for i, into := range []*map[string]any{&fields, &claims} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(raw, into) != nil {
			return head{}, nil, "", nil
		}
	}
	h.alg, _ = fields["alg"].(string)
	_, h.crit = fields["crit"]
	signature, _ = base64.RawURLEncoding.DecodeString(parts[2])
	return h, claims, parts[0] + "." + parts[1], signature
}

// isSigned computes a signature's truth with the standard library alone.
func isSigned(alg, text string, signature []byte) bool {
	digest := sha256.Sum256([]byte(text))
	switch alg {
	case "HS256":
		return hmac.Equal(signature, hmacOf(secret, text))
	case "RS256":
		return rsa.VerifyPKCS1v15(&rsaKey().PublicKey, crypto.SHA256, digest[:], signature) == nil
	case "ES256":
		return len(signature) == 64 && ecdsa.Verify(&p256Key().PublicKey, digest[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:]))
	case "EdDSA":
		return ed25519.Verify(ed25519Of().Public().(ed25519.PublicKey), []byte(text), signature)
	}
	return false
}

func hmacOf(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// holds checks what a verifier says of a token against the token itself.
func holds(t *testing.T, v *Verifier, token string) (accepted bool) {
	t.Helper()
	viewer, err := v.Verify(t.Context(), token)
	if err != nil {
		if shown, ok := presence.AsError(err); !ok || shown.Code != presence.Unauthenticated || strings.Contains(shown.Message, "\n") {
			t.Fatalf("%q is refused with %v", token, err)
		}
		if viewer != (presence.Viewer{}) {
			t.Fatalf("%q is refused and has the viewer %+v", token, viewer)
		}
		keepsTokenSecret(t, token, err)
		return false
	}
	h, claims, text, signature := apart(token)
	if len(token) > MaxToken || h.crit || !strings.Contains(strings.Join(v.algorithms, " "), h.alg) || !isSigned(h.alg, text, signature) {
		t.Fatalf("%q is accepted, with %+v", token, h)
	}
	until, _ := claims["exp"].(float64)
	if from, ok := claims["nbf"].(float64); claims["nbf"] != nil && (!ok || from >= float64(noon.Unix()+1)) {
		t.Fatalf("%q is accepted before its time", token)
	}
	if until <= float64(noon.Unix()) || until >= endOfTime || !viewer.ExpiresAt.After(noon) || viewer.ExpiresAt.After(time.UnixMicro(int64(until*1e6))) {
		t.Fatalf("%q is accepted until %v", token, viewer.ExpiresAt)
	}
	if viewer.UserID != claims["sub"] || presence.CheckUserID(viewer.UserID) != nil || viewer.Admin != (claims["role"] == "admin") {
		t.Fatalf("%q passes for %+v", token, viewer)
	}
	return true
}

// keysOf is a verifier that has one key of each type, fetched once.
func keysOf(f *testing.F) *Verifier {
	h := newHost(f, jwk(f, rsaKey(), "r", nil), jwk(f, p256Key(), "e", nil), jwk(f, ed25519Of(), "d", nil))
	v, _, _ := follow(f, h.URL, pace{timeout: time.Minute, steady: time.Hour, retry: time.Hour, atMost: time.Hour})
	return v
}

func FuzzVerify(f *testing.F) {
	bySecret, byKeys := atNoon(NewSecret(secret, Checks{})), keysOf(f)
	whole := sign(f, jwt.SigningMethodHS256, secret, nil, good(nil))
	for _, token := range []string{
		whole, whole[:len(whole)-1], whole + ".", whole + "=", strings.Replace(whole, ".", "..", 1), "Bearer " + whole, "e30.e30.", "..", "",
		sign(f, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil, good(nil)),
		sign(f, jwt.SigningMethodEdDSA, ed25519Of(), kid("d"), good(nil)),
	} {
		f.Add(token)
	}
	f.Fuzz(func(t *testing.T, token string) {
		for _, v := range []*Verifier{bySecret, byKeys} {
			if viewer, _ := v.Verify(t.Context(), token); holds(t, v, token) && (viewer.UserID != "alice" || viewer.Admin) {
				t.Fatalf("%q passes for %+v", token, viewer)
			}
		}
	})
}

// FuzzClaims has the secret's owner sign anything: what is accepted is a user
// with an end.
func FuzzClaims(f *testing.F) {
	v := atNoon(NewSecret(secret, Checks{}))
	for _, claims := range []string{
		`{"sub":"alice","exp":4000000000,"role":"admin"}`, `{"sub":"\ud800","exp":1e18,"nbf":-1e300}`, `{"sub":["a"],"exp":{},"aud":[null]}`,
		`{"sub":"a","exp":253402300800}`, `{"sub":"a","exp":253402300799.9,"nbf":1795521600.5}`, `{"sub":"a","sub":"b","exp":"4000000000"}`, `{"SUB":"a","Exp":4e9}`, `null`, `[]`,
	} {
		f.Add(claims)
	}
	f.Fuzz(func(t *testing.T, claims string) { holds(t, v, signRaw(t, claims)) })
}

func signRaw(t testing.TB, claims string) string {
	t.Helper()
	return join(`{"alg":"HS256"}`, claims, func(text string) []byte { return hmacOf(secret, text) })
}

func join(head, claims string, sign func(text string) []byte) string {
	text := base64.RawURLEncoding.EncodeToString([]byte(head)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	return text + "." + base64.RawURLEncoding.EncodeToString(sign(text))
}

// FuzzForgery puts any header and any claims before signatures of all those who
// may sign, and of those who mayn't; spoilt, where spoil has a bit set.
func FuzzForgery(f *testing.F) {
	bySecret, byKeys := atNoon(NewSecret(secret, Checks{})), keysOf(f)
	public := must(x509.MarshalPKIXPublicKey(rsaKey().Public()))
	signers := []func(text string) []byte{
		func(text string) []byte { return hmacOf(secret, text) },
		func(text string) []byte { return must(jwt.SigningMethodRS256.Sign(text, rsaKey())) },
		func(text string) []byte { return must(jwt.SigningMethodES256.Sign(text, p256Key())) },
		func(text string) []byte { return must(jwt.SigningMethodEdDSA.Sign(text, ed25519Of())) },
		func(text string) []byte { return hmacOf(public, text) },
		func(text string) []byte { return hmacOf(rsaKey().N.Bytes(), text) },
		func(text string) []byte { return hmacOf(nil, text) },
		func(text string) []byte { return must(jwt.SigningMethodHS512.Sign(text, secret)) },
		func(text string) []byte { return must(jwt.SigningMethodPS256.Sign(text, rsaKey())) },
		func(text string) []byte { return must(jwt.SigningMethodRS256.Sign(text, rsaKey2())) },
		func(string) []byte { return nil },
	}
	usual := []string{`{"alg":"HS256"}`, `{"alg":"RS256","kid":"r"}`, `{"alg":"ES256","kid":"e"}`, `{"alg":"EdDSA","kid":"d"}`}
	const claims = `{"sub":"alice","exp":4000000000}`
	for i := range signers {
		for _, head := range append(usual, `{"alg":"none"}`, `{"alg":"RS256","kid":"e","jwk":{}}`, `{"alg":"HS256","alg":"none"}`, `{"ALG":"HS256"}`, `{"alg":"HS256","crit":["x"]}`, `{"alg":"HS512"}`, `{"alg":"PS256","kid":"r"}`) {
			f.Add(head, claims, uint8(i), []byte{})
		}
	}
	f.Add(usual[0], claims, uint8(0), []byte{0, 0, 1})
	f.Fuzz(func(t *testing.T, head, said string, signer uint8, spoil []byte) {
		which := int(signer) % len(signers)
		token := join(head, said, func(text string) []byte {
			signature := signers[which](text)
			for i := range min(len(spoil), len(signature)) {
				signature[i] ^= spoil[i]
			}
			return signature
		})
		accepted := holds(t, bySecret, token) || holds(t, byKeys, token)
		if whole := len(bytes.Trim(spoil, "\x00")) == 0 && said == claims && which < len(usual) && head == usual[which]; whole && !accepted {
			t.Fatalf("%q is good, and is refused", token)
		}
	})
}

// FuzzKeySet has a host publish anything: what is taken of it is for one of the
// three algorithms, and public.
func FuzzKeySet(f *testing.F) {
	f.Add(must(json.Marshal(map[string]any{"keys": []any{jwk(f, rsaKey(), "r", nil), jwk(f, p256Key(), "e", map[string]any{"use": "sig"})}})))
	f.Add(must(json.Marshal(map[string]any{"keys": []any{jwk(f, ed25519Of(), "d", nil), jwk(f, p384Key(), "x", nil), nil, 5}})))
	f.Add([]byte(`{"keys":[{"kty":"EC","crv":"P-256","x":"AQ","y":"AQ"},{"kty":"OKP","crv":"Ed25519","x":""},{"kty":"oct","k":"AA"}]}`))
	f.Add([]byte(`{"keys":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		published, err := decode(bytes.NewReader(text))
		if err != nil {
			return
		}
		for _, key := range usableKeys(published) {
			switch public := key.Key().(type) {
			case *rsa.PublicKey:
				if public.N.BitLen() < 2048 || public.E < 2 {
					t.Errorf("a key of %d bits, %d, is taken", public.N.BitLen(), public.E)
				}
			case *ecdsa.PublicKey:
				if _, err := public.ECDH(); err != nil || public.Params().Name != "P-256" {
					t.Errorf("a key of %s is taken: %v", public.Params().Name, err)
				}
			case ed25519.PublicKey:
				if len(public) != ed25519.PublicKeySize {
					t.Errorf("a key of %d bytes is taken", len(public))
				}
			default:
				t.Errorf("a %T is taken", public)
			}
		}
	})
}
