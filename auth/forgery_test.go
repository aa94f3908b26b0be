package auth

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// raw is a token whose header and claims are these texts, signed by key with HS256.
func raw(t *testing.T, header, claims string, key []byte) string {
	t.Helper()
	text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	signature, err := jwt.SigningMethodHS256.Sign(text, key)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// goodClaims are those of a good token, as text.
const goodClaims = `{"sub":"alice","exp":4000000000}`

// verifiers are one of each kind, and what of theirs an attacker knows.
func verifiers(t *testing.T) (bySecret, byKeys *Verifier, public *host) {
	public = newHost(t, jwk(t, rsaKey(), "r", nil), jwk(t, p256Key(), "e", nil))
	byKeys, _, _ = follow(t, public.URL, quick)
	return atNoon(NewSecret(secret, Checks{})), byKeys, public
}

func TestNoSpellingOfNoneGoes(t *testing.T) {
	bySecret, byKeys, _ := verifiers(t)
	for _, alg := range []string{"none", "None", "NONE", "nOnE", "none ", " none", "no\\u006ee", ""} {
		whole := raw(t, `{"alg":"`+alg+`","typ":"JWT"}`, goodClaims, secret)
		unsigned := whole[:strings.LastIndex(whole, ".")+1]
		for _, token := range []string{unsigned, unsigned + "e30", whole} {
			refuses(t, bySecret, token, "alg")
			refuses(t, byKeys, token, "alg")
		}
	}
	for _, header := range []string{`{}`, `{"alg":null}`, `{"alg":7}`, `{"alg":["HS256"]}`, `{"ALG":"none"}`, `[]`, `"HS256"`} {
		token := raw(t, header, goodClaims, []byte{})
		refuses(t, bySecret, token, "")
		refuses(t, byKeys, token, "")
	}
}

func TestAPublishedKeyIsNoSecret(t *testing.T) {
	_, v, _ := verifiers(t)
	der := must(x509.MarshalPKIXPublicKey(rsaKey().Public()))
	text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	pkcs1 := x509.MarshalPKCS1PublicKey(&rsaKey().PublicKey)
	for name, key := range map[string][]byte{
		"PEM": text, "PEM without its last line's end": bytes.TrimSpace(text), "DER": der, "PKCS #1": pkcs1,
		"JWK": must(json.Marshal(jwk(t, rsaKey(), "r", nil))), "modulus": rsaKey().N.Bytes(), "nothing": {},
	} {
		for _, id := range []string{`"r"`, `"e"`} {
			t.Run(name+" as "+id, func(t *testing.T) {
				refuses(t, v, raw(t, `{"alg":"HS256","kid":`+id+`}`, goodClaims, key), "alg is HS256")
				refuses(t, v, raw(t, `{"alg":"RS256","kid":`+id+`}`, goodClaims, key), "signature is wrong")
			})
		}
	}
	refuses(t, v, sign(t, jwt.SigningMethodES256, p256Key(), kid("r"), good(nil)), "signature is wrong")
}

// A token may name the key it was signed with; none that it brings along, or says
// where to get, is looked at.
func TestATokenBringsNoKeyOfItsOwn(t *testing.T) {
	bySecret, byKeys, public := verifiers(t)
	own := jwk(t, rsaKey2(), "r", nil)
	attacker := newHost(t, own)
	certificate := base64.StdEncoding.EncodeToString(must(x509.MarshalPKIXPublicKey(rsaKey2().Public())))
	for name, value := range map[string]any{
		"jwk": own, "jku": attacker.URL, "x5u": attacker.URL, "x5c": []string{certificate}, "x5t": "AAAA", "url": attacker.URL,
	} {
		header := map[string]any{name: value}
		refuses(t, byKeys, sign(t, jwt.SigningMethodRS256, rsaKey2(), header, good(nil)), "signature is wrong")
		header["kid"] = "r"
		refuses(t, byKeys, sign(t, jwt.SigningMethodRS256, rsaKey2(), header, good(nil)), "signature is wrong")
		refuses(t, bySecret, sign(t, jwt.SigningMethodHS256, []byte("the attacker's"), header, good(nil)), "signature is wrong")
	}
	asked := public.fetches.Load()
	for _, id := range []string{
		"../../../../dev/null", "/dev/null", "/proc/sys/kernel/hostname", "file:///dev/null", attacker.URL, attacker.URL + "/keys#r",
		"r' OR '1'='1", "r\x00", "R", " r", strings.Repeat("r", 4000), "", "\u2028", "${jndi:x}", "$(id)",
	} {
		refuses(t, byKeys, sign(t, jwt.SigningMethodRS256, rsaKey2(), kid(id), good(nil)), "not among the published keys")
		refuses(t, byKeys, raw(t, fmt.Sprintf(`{"alg":"HS256","kid":%q}`, id), goodClaims, []byte{}), "")
		refuses(t, bySecret, raw(t, `{"alg":"HS256","kid":"/dev/null"}`, goodClaims, []byte{}), "signature is wrong")
	}
	if n := attacker.fetches.Load(); n != 0 {
		t.Errorf("the attacker's host was asked %d times", n)
	}
	if public.fetches.Load() == asked {
		t.Error("no unknown key was asked for at all")
	}
}

func TestOnlyTheRoleAdminOpensAnything(t *testing.T) {
	v := atNoon(NewSecret(secret, Checks{}))
	for _, claim := range []string{
		`"role":"Admin"`, `"role":"ADMIN"`, `"role":" admin"`, `"role":"admin\u0000"`, `"role":"admin,user"`, `"role":"administrator"`,
		`"role":["admin"]`, `"role":{"admin":true}`, `"role":true`, `"role":1`, `"role":null`, `"Role":"admin"`, `"role ":"admin"`,
		`"roles":["admin"]`, `"roles":"admin"`, `"admin":true`, `"scope":"admin"`, `"groups":["admin"]`, `"role":"\u0430dmin"`,
		`"user":{"role":"admin"}`, `"role":"admin","role":"user"`, `"sub":"admin"`,
	} {
		got, err := v.Verify(t.Context(), raw(t, `{"alg":"HS256"}`, `{"sub":"alice",`+claim+`,"exp":4000000000}`, secret))
		if err != nil || got.Admin {
			t.Errorf("%s: %+v, %v", claim, got, err)
		}
	}
	if got := accepts(t, v, raw(t, `{"alg":"HS256"}`, `{"sub":"alice","role":"\u0061dmin","exp":4000000000}`, secret)); !got.Admin {
		t.Error("an admin spelt in another way is none")
	}
}

// Of two claims of a name the last counts, as RFC 7519 lets it; of two headers, too.
func TestOfTwoOfANameTheLastCounts(t *testing.T) {
	v := atNoon(NewSecret(secret, Checks{}))
	if got := accepts(t, v, raw(t, `{"alg":"none","alg":"HS256"}`, `{"sub":"bob","sub":"alice","exp":1,"exp":4000000000}`, secret)); got.UserID != "alice" {
		t.Errorf("it is %s's", got.UserID)
	}
	refuses(t, v, raw(t, `{"alg":"HS256","alg":"none"}`, goodClaims, secret), "alg is none")
	refuses(t, v, raw(t, `{"alg":"HS256"}`, `{"sub":"alice","exp":4000000000,"exp":1}`, secret), "expired")
	refuses(t, v, raw(t, `{"alg":"HS256"}`, `{"sub":"alice","exp":4000000000,"sub":7}`, secret), "no sub")
}

func TestATokenOfNestedListsIsRefused(t *testing.T) {
	bySecret, byKeys, _ := verifiers(t)
	deep := strings.Repeat("[", 5900)
	for _, token := range []string{
		raw(t, `{"alg":"HS256","a":`+deep, goodClaims, secret),
		raw(t, `{"alg":"HS256"}`, `{"sub":"alice","exp":`+deep, secret),
		raw(t, `{"alg":"HS256","a":`+deep+strings.Repeat("]", len(deep))+`}`, goodClaims, []byte("another")),
	} {
		if len(token) > MaxToken {
			t.Fatalf("%d bytes are not even parsed", len(token))
		}
		refuses(t, bySecret, token, "")
		refuses(t, byKeys, token, "")
	}
}

// A host that hangs has one fetch to answer, however many tokens ask for it, and
// whoever bears a token of a known key does not notice.
func TestAFloodWhileTheHostHangsHoldsUpNobody(t *testing.T) {
	h := newHost(t, jwk(t, rsaKey(), "known", nil))
	v, _, _ := follow(t, h.URL, quick)
	<-h.fetched
	h.does(hangs)
	const many = 50
	tokens := make([]string, many)
	for i := range tokens {
		tokens[i] = sign(t, jwt.SigningMethodES256, p256Key(), kid(fmt.Sprint(i)), good(nil))
	}
	answered := make(chan error, many)
	for _, token := range tokens {
		go func() {
			_, err := v.Verify(t.Context(), token)
			answered <- err
		}()
	}
	<-h.fetched
	honest := sign(t, jwt.SigningMethodRS256, rsaKey(), kid("known"), good(nil))
	for range 20 {
		accepts(t, v, honest)
	}
	select {
	case err := <-answered:
		t.Errorf("an unknown key was answered with %v before the host did", err)
	default:
	}
	if n := h.fetches.Load(); n != 2 {
		t.Errorf("%d fetches, want the first and one for all", n)
	}
	h.does(down)
	h.CloseClientConnections()
	for range many {
		if <-answered == nil {
			t.Error("a token of an unknown key was accepted")
		}
	}
}
