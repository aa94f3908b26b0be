package auth

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"userstatus/presence"
)

func TestAGoodTokenNamesItsBearer(t *testing.T) {
	v := atNoon(NewSecret(secret, Checks{}))
	for name, c := range map[string]struct {
		changes jwt.MapClaims
		want    presence.Viewer
	}{
		"a user":                   {nil, presence.Viewer{UserID: "alice"}},
		"an admin":                 {jwt.MapClaims{"role": "admin"}, presence.Viewer{UserID: "alice", Admin: true}},
		"another role":             {jwt.MapClaims{"role": "Admin"}, presence.Viewer{UserID: "alice"}},
		"a list of roles":          {jwt.MapClaims{"role": []string{"admin"}}, presence.Viewer{UserID: "alice"}},
		"a claim spelt like it":    {jwt.MapClaims{"Role": "admin", "ROLE": "admin"}, presence.Viewer{UserID: "alice"}},
		"issued in the future":     {jwt.MapClaims{"iat": noon.Add(time.Minute).Unix()}, presence.Viewer{UserID: "alice"}},
		"valid from now":           {jwt.MapClaims{"nbf": noon.Unix()}, presence.Viewer{UserID: "alice"}},
		"128 bytes of user":        {jwt.MapClaims{"sub": strings.Repeat("é", 64)}, presence.Viewer{UserID: strings.Repeat("é", 64)}},
		"issuer, nobody asked":     {jwt.MapClaims{"iss": "somebody", "aud": "else"}, presence.Viewer{UserID: "alice"}},
		"a last millisecond alive": {jwt.MapClaims{"exp": noon.Add(time.Second).Unix()}, presence.Viewer{UserID: "alice"}},
	} {
		t.Run(name, func(t *testing.T) {
			claims := good(c.changes)
			c.want.ExpiresAt = time.Unix(claims["exp"].(int64), 0).UTC()
			if got := accepts(t, v, sign(t, jwt.SigningMethodHS256, secret, nil, claims)); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestABadTokenIsRefusedInWords(t *testing.T) {
	v := atNoon(NewSecret(secret, Checks{}))
	for name, c := range map[string]struct {
		changes jwt.MapClaims
		said    string
	}{
		"no exp":                   {jwt.MapClaims{"exp": nil}, "no exp"},
		"exp as a string":          {jwt.MapClaims{"exp": "2027-01-01"}, "wrong type"},
		"exp past the year 9999":   {jwt.MapClaims{"exp": int64(253402300800)}, "exp is past the year 9999"},
		"exp past any calendar":    {jwt.MapClaims{"exp": 1e300}, "the token"},
		"exp now":                  {jwt.MapClaims{"exp": noon.Unix()}, "expired at 2026-11-24T12:00:00.000Z"},
		"exp before 1970":          {jwt.MapClaims{"exp": -1e300}, "the token"},
		"nbf in the future":        {jwt.MapClaims{"nbf": noon.Add(time.Second).Unix()}, "not valid before 2026-11-24T12:00:01.000Z"},
		"nbf past any calendar":    {jwt.MapClaims{"nbf": 1e300}, "the token"},
		"nbf as a string":          {jwt.MapClaims{"nbf": "soon"}, "wrong type"},
		"no sub":                   {jwt.MapClaims{"sub": nil}, "no sub"},
		"sub as a number":          {jwt.MapClaims{"sub": 7}, "no sub"},
		"an empty sub":             {jwt.MapClaims{"sub": ""}, "empty"},
		"129 bytes of sub":         {jwt.MapClaims{"sub": strings.Repeat("a", 129)}, "at most 128 bytes"},
		"a control character":      {jwt.MapClaims{"sub": "al\x00ice"}, "control or format"},
		"a format character":       {jwt.MapClaims{"sub": "al\u202eice"}, "control or format"},
		"a blank sub":              {jwt.MapClaims{"sub": " \u00a0 "}, "blank"},
		"a sub that was not UTF-8": {jwt.MapClaims{"sub": "al\xffice"}, "UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			refuses(t, v, sign(t, jwt.SigningMethodHS256, secret, nil, good(c.changes)), c.said)
		})
	}
}

func TestExpiryHasNoLeeway(t *testing.T) {
	v := NewSecret(secret, Checks{})
	token := sign(t, jwt.SigningMethodHS256, secret, nil, good(nil))
	v.now = func() time.Time { return noon.Add(time.Hour - time.Millisecond) }
	accepts(t, v, token)
	v.now = func() time.Time { return noon.Add(time.Hour + time.Millisecond) }
	refuses(t, v, token, "expired at 2026-11-24T13:00:00.000Z; the server's time is 2026-11-24T13:00:00.001Z")
}

func TestOnlyTheAlgorithmOfTheSecretGoes(t *testing.T) {
	v := atNoon(NewSecret(secret, Checks{}))
	refuses(t, v, sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil, good(nil)), "alg is none, accepted is HS256")
	refuses(t, v, sign(t, jwt.SigningMethodHS512, secret, nil, good(nil)), "alg is HS512, accepted is HS256")
	refuses(t, v, sign(t, jwt.SigningMethodHS256, secret, map[string]any{"alg": "hs256"}, good(nil)), "alg is missing or unknown")
	refuses(t, v, sign(t, jwt.SigningMethodHS256, secret, map[string]any{"alg": nil}, good(nil)), "alg is missing or unknown")
}

func TestWhatIsForgedOrNoTokenIsRefused(t *testing.T) {
	v := atNoon(NewSecret(secret, Checks{}))
	whole := sign(t, jwt.SigningMethodHS256, secret, nil, good(nil))
	parts := strings.Split(whole, ".")
	forged := base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"admin","role":"admin","exp":4000000000}`))
	for name, c := range map[string]struct{ token, said string }{
		"empty":              {"", "not a JWT"},
		"a word":             {"alice", "not a JWT"},
		"two parts":          {parts[0] + "." + parts[1], "not a JWT"},
		"four parts":         {whole + ".x", "not a JWT"},
		"only dots":          {"..", "not a JWT"},
		"no signature":       {parts[0] + "." + parts[1] + ".", "signature is wrong"},
		"other claims":       {parts[0] + "." + forged + "." + parts[2], "signature is wrong"},
		"claims that are no": {parts[0] + ".bnVsbA." + parts[2], "signature is wrong"},
		"over 16 KiB":        {strings.Repeat("a", MaxToken+1), "16385 bytes, at most 16384 go"},
		"another secret":     {sign(t, jwt.SigningMethodHS256, []byte("another"), nil, good(nil)), "signature is wrong"},
		"critical headers":   {sign(t, jwt.SigningMethodHS256, secret, map[string]any{"crit": []string{"b64"}, "b64": false}, good(nil)), "crit"},
		"null for claims":    {sign(t, jwt.SigningMethodHS256, secret, nil, nil), "no exp"},
	} {
		t.Run(name, func(t *testing.T) { refuses(t, v, c.token, c.said) })
	}
}

func TestIssuerAndAudienceAreCheckedWhenSet(t *testing.T) {
	v := atNoon(NewSecret(secret, Checks{Issuer: "https://id.example", Audience: "chat"}))
	token := func(issuer, audience any) string {
		return sign(t, jwt.SigningMethodHS256, secret, nil, good(jwt.MapClaims{"iss": issuer, "aud": audience}))
	}
	accepts(t, v, token("https://id.example", "chat"))
	accepts(t, v, token("https://id.example", []string{"mail", "chat"}))
	refuses(t, v, token("https://id.example/", "chat"), `iss is not the issuer expected here, "https://id.example"`)
	refuses(t, v, token(nil, "chat"), "no iss")
	refuses(t, v, token(7, "chat"), "wrong type")
	refuses(t, v, token("https://id.example", "mail"), `aud is not the audience expected here, "chat"`)
	refuses(t, v, token("https://id.example", []string{"mail", "Chat"}), "aud is not")
	refuses(t, v, token("https://id.example", []any{"mail", 7}), "wrong type")
	refuses(t, v, token("https://id.example", []string{}), "no aud")
	refuses(t, v, token("https://id.example", nil), "no aud")
}

func TestTokensOfAPreviousSecretAreAccepted(t *testing.T) {
	older, oldest := []byte(strings.Repeat("o", 32)), []byte(strings.Repeat("p", 32))
	v := atNoon(NewSecret(secret, Checks{}, older, nil))
	accepts(t, v, sign(t, jwt.SigningMethodHS256, secret, nil, good(nil)))
	accepts(t, v, sign(t, jwt.SigningMethodHS256, older, nil, good(nil)))
	refuses(t, v, sign(t, jwt.SigningMethodHS256, oldest, nil, good(nil)), "signature")
	refuses(t, v, sign(t, jwt.SigningMethodHS256, []byte{}, nil, good(nil)), "signature")
	refuses(t, v, sign(t, jwt.SigningMethodHS384, older, nil, good(nil)), "HS384")
	refuses(t, v, sign(t, jwt.SigningMethodHS256, older, nil, good(jwt.MapClaims{"exp": noon.Unix()})), "expired")
}
