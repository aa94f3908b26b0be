// Package auth says who is calling. One Verifier serves HTTP and
// connection_init alike; a Minter makes the tokens of the shared secret.
package auth

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"userstatus/presence"
)

// MaxToken is in bytes; a longer token is refused before any of it is parsed.
const MaxToken = 16 << 10

// adminRole is the role claim that opens the fields for the app's backend; any
// other role, of any type, opens nothing.
const adminRole = "admin"

// endOfTime is the end of the year 9999, in seconds: past it RFC 3339 has no
// words and time arithmetic overflows.
const endOfTime = 253402300800

// Checks are the claims a token must have besides those it always needs; what
// is empty is not checked.
type Checks struct {
	Issuer string
	// Audience is to be the token's aud, or one of them if that is a list.
	Audience string
}

// Verifier tells a good token from a bad one. It is for any number of callers
// at a time.
type Verifier struct {
	algorithms []string
	checks     Checks
	parser     *jwt.Parser
	key        func(context.Context) jwt.Keyfunc
	now        func() time.Time
}

// NewSecret accepts tokens signed with a shared secret: HS256, no other algorithm;
// and those signed with a previous one. An empty one is none.
func NewSecret(secret []byte, checks Checks, previous ...[]byte) *Verifier {
	accepted := jwt.VerificationKeySet{Keys: []jwt.VerificationKey{slices.Clone(secret)}}
	for _, one := range previous {
		if len(one) > 0 {
			accepted.Keys = append(accepted.Keys, slices.Clone(one))
		}
	}
	key := func(context.Context) jwt.Keyfunc {
		return func(*jwt.Token) (any, error) { return accepted, nil }
	}
	return newVerifier(checks, key, "HS256")
}

func newVerifier(checks Checks, key func(context.Context) jwt.Keyfunc, algorithms ...string) *Verifier {
	v := &Verifier{algorithms: algorithms, checks: checks, key: key, now: time.Now}
	options := []jwt.ParserOption{
		jwt.WithValidMethods(algorithms),
		jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(func() time.Time { return v.now() }),
		jwt.WithIssuer(checks.Issuer),
	}
	if checks.Audience != "" {
		options = append(options, jwt.WithAudience(checks.Audience))
	}
	v.parser = jwt.NewParser(options...)
	return v
}

// Verify returns who bears the token. A *presence.Error (Unauthenticated) says
// what is wrong with it; any other error is not the client's fault, and is for
// the log. Neither has a part of the token in it.
func (v *Verifier) Verify(ctx context.Context, token string) (presence.Viewer, error) {
	if len(token) > MaxToken {
		return presence.Viewer{}, refuse("the token has %d bytes, at most %d go", len(token), MaxToken)
	}
	// MapClaims, since a struct would take "Role" and "ROLE" for role too.
	claims := jwt.MapClaims{}
	parsed, err := v.parser.ParseWithClaims(token, claims, v.keyOf(ctx))
	if err != nil {
		return presence.Viewer{}, v.explain(parsed, claims, err)
	}
	return viewer(claims)
}

// keyOf finds the key of a token whose algorithm is one of ours. A header named
// in crit is to be refused by whoever doesn't know it (RFC 7515, 4.1.11), and
// none is known here.
func (v *Verifier) keyOf(ctx context.Context) jwt.Keyfunc {
	find := v.key(ctx)
	return func(token *jwt.Token) (any, error) {
		if _, critical := token.Header["crit"]; critical {
			return nil, refuse("the token has critical headers (crit), none go here")
		}
		return find(token)
	}
}

// viewer is the bearer of a token whose signature and times are in order.
func viewer(claims jwt.MapClaims) (presence.Viewer, error) {
	expiresAt, ok := moment(claims, "exp")
	if !ok {
		return presence.Viewer{}, refuse("the token's exp is past the year 9999")
	}
	if _, ok := moment(claims, "nbf"); !ok && claims["nbf"] != nil {
		return presence.Viewer{}, refuse("the token's nbf is past the year 9999")
	}
	subject, ok := claims["sub"].(string)
	if !ok {
		return presence.Viewer{}, refuse("the token has no sub, the user's ID")
	}
	if err := checkSubject(subject); err != nil {
		return presence.Viewer{}, refuse("the token's sub is not a user ID: %s", err.Message)
	}
	return presence.Viewer{UserID: subject, Admin: claims["role"] == adminRole, ExpiresAt: expiresAt}, nil
}

// checkSubject refuses U+FFFD on top of what is no user ID: JSON decoding puts
// it in the place of broken UTF-8, and two broken IDs must not become one user.
func checkSubject(id string) *presence.Error {
	if strings.ContainsRune(id, '\uFFFD') {
		return presence.Errorf(presence.BadUserInput, "a user ID is UTF-8, this one is not")
	}
	return presence.CheckUserID(id)
}

// moment reads a claim in seconds since 1970, which goes up to the year 9999,
// and cuts off parts of a second, as the parser does.
func moment(claims jwt.MapClaims, name string) (time.Time, bool) {
	seconds, ok := claims[name].(float64)
	if !ok || math.Abs(seconds) >= endOfTime {
		return time.Time{}, false
	}
	return time.Unix(int64(math.Floor(seconds)), 0).UTC(), true
}
