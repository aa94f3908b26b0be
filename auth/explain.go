package auth

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"userstatus/presence"
)

func refuse(format string, args ...any) *presence.Error {
	return presence.Errorf(presence.Unauthenticated, format, args...)
}

// explain turns the parser's error into a sentence for the client's developer,
// or into an error of ours where the keys are not at hand.
func (v *Verifier) explain(token *jwt.Token, claims jwt.MapClaims, err error) error {
	if ours := (*keysError)(nil); errors.As(err, &ours) {
		return fmt.Errorf("verify a token: %w", ours)
	}
	if shown, ok := presence.AsError(err); ok {
		return shown
	}
	if errors.Is(err, jwt.ErrTokenMalformed) {
		return refuse("the token is not a JWT: three parts in base64url, joined by dots, the first two of them JSON objects")
	}
	if refusal := v.checkAlgorithm(token); refusal != nil {
		return refusal
	}
	return v.explainContent(claims, err)
}

func (v *Verifier) checkAlgorithm(token *jwt.Token) error {
	accepted := strings.Join(v.algorithms, ", ")
	if token == nil || token.Method == nil {
		return refuse("the token's alg is missing or unknown, accepted is %s", accepted)
	}
	if alg := token.Method.Alg(); !slices.Contains(v.algorithms, alg) {
		return refuse("the token's alg is %s, accepted is %s", alg, accepted)
	}
	return nil
}

func (v *Verifier) explainContent(claims jwt.MapClaims, err error) error {
	switch {
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return refuse("the token's signature is wrong: it was signed with another key, or changed since")
	case errors.Is(err, jwt.ErrTokenExpired):
		return refuse("the token expired at %s; the server's time is %s", said(claims, "exp"), stamp(v.now()))
	case errors.Is(err, jwt.ErrTokenNotValidYet):
		return refuse("the token is not valid before %s; the server's time is %s", said(claims, "nbf"), stamp(v.now()))
	case errors.Is(err, jwt.ErrTokenInvalidIssuer):
		return refuse("the token's iss is not the issuer expected here, %q", v.checks.Issuer)
	case errors.Is(err, jwt.ErrTokenInvalidAudience):
		return refuse("the token's aud is not the audience expected here, %q", v.checks.Audience)
	case errors.Is(err, jwt.ErrInvalidType):
		return refuse("the token has a claim of the wrong type: exp and nbf are numbers, iss is a string, aud a string or a list of them")
	case errors.Is(err, jwt.ErrTokenRequiredClaimMissing):
		return refuse("the token has no %s", v.missing(claims))
	}
	return refuse("the token's header does not fit the key it names")
}

func (v *Verifier) missing(claims jwt.MapClaims) string {
	if exp, _ := claims.GetExpirationTime(); exp == nil {
		return "exp"
	}
	if issuer, _ := claims.GetIssuer(); issuer == "" && v.checks.Issuer != "" {
		return fmt.Sprintf("iss, expected is %q", v.checks.Issuer)
	}
	return fmt.Sprintf("aud, expected is %q", v.checks.Audience)
}

func said(claims jwt.MapClaims, name string) string {
	at, ok := moment(claims, name)
	if !ok {
		return "a time that is out of range"
	}
	return stamp(at)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
