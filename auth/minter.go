package auth

import (
	"fmt"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// MinTTL is the shortest life of a minted token: exp counts in seconds.
const MinTTL = time.Second

// Minter signs tokens that a Verifier of the same secret and checks accepts.
type Minter struct {
	secret []byte
	checks Checks
}

// NewMinter mints with HS256; what checks has is written into the tokens.
func NewMinter(secret []byte, checks Checks) *Minter {
	return &Minter{secret: slices.Clone(secret), checks: checks}
}

// Mint makes a token that is good until now and ttl, rounded up to the second.
// What is no user ID, and a ttl under MinTTL, is an error.
func (m *Minter) Mint(userID string, admin bool, ttl time.Duration, now time.Time) (string, error) {
	if err := checkSubject(userID); err != nil {
		return "", err
	}
	if ttl < MinTTL {
		return "", fmt.Errorf("mint a token for %s: it would live %s, at least %s is needed", userID, ttl, MinTTL)
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, m.claims(userID, admin, ttl, now)).SignedString(m.secret)
	if err != nil {
		return "", fmt.Errorf("sign a token for %s: %w", userID, err)
	}
	return token, nil
}

func (m *Minter) claims(userID string, admin bool, ttl time.Duration, now time.Time) jwt.MapClaims {
	claims := jwt.MapClaims{
		"sub": userID,
		"iat": now.Unix(),
		"exp": now.Add(ttl + time.Second - time.Nanosecond).Unix(),
	}
	if admin {
		claims["role"] = adminRole
	}
	if m.checks.Issuer != "" {
		claims["iss"] = m.checks.Issuer
	}
	if m.checks.Audience != "" {
		claims["aud"] = m.checks.Audience
	}
	return claims
}
