package auth

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/MicahParks/jwkset"
)

// minRSA is in bits; shorter keys are not trusted (RFC 7518, 3.3).
const minRSA = 2048

// fetch replaces the keys by those of the host. An answer that is no key set
// leaves them as they are: keys once published stay good while the host is ill.
// A key set without a usable key is taken at its word.
func (k *keys) fetch(ctx context.Context) error {
	err := k.replace(ctx)
	if err != nil && ctx.Err() == nil {
		k.log.Warn("signing keys not fetched", "url", k.url.Redacted(), "error", err, "again_in", k.pace.retry.String())
	}
	return err
}

func (k *keys) replace(ctx context.Context) error {
	published, err := k.download(ctx)
	if err != nil {
		return err
	}
	usable := usableKeys(published)
	if err := k.KeyReplaceAll(ctx, usable); err != nil {
		return fmt.Errorf("keep the keys: %w", err)
	}
	if len(usable) == 0 {
		return fmt.Errorf("none of the %d keys published is usable for RS256, ES256 or EdDSA", len(published))
	}
	return nil
}

func (k *keys) download(ctx context.Context) ([]json.RawMessage, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, k.url.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("ask for the keys: %w", err)
	}
	request.Header.Set("Accept", "application/jwk-set+json, application/json")
	response, err := k.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask for the keys: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask for the keys: the host answered %s", response.Status)
	}
	return decode(response.Body)
}

func decode(body io.Reader) ([]json.RawMessage, error) {
	text, err := io.ReadAll(io.LimitReader(body, maxKeySet+1))
	if err != nil {
		return nil, fmt.Errorf("read the keys: %w", err)
	}
	if len(text) > maxKeySet {
		return nil, fmt.Errorf("read the keys: the answer has more than %d bytes", maxKeySet)
	}
	var set struct {
		Keys *[]json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, fmt.Errorf("read the keys: %w", err)
	}
	if set.Keys == nil {
		return nil, errors.New("read the keys: the answer has no list of keys")
	}
	return *set.Keys, nil
}

// usableKeys are those that can verify tokens here. The others are passed over,
// each by itself: a host may well publish keys that are for somebody else.
func usableKeys(published []json.RawMessage) []jwkset.JWK {
	usable := []jwkset.JWK{}
	for _, text := range published {
		key, err := jwkset.NewJWKFromRawJSON(text, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
		if err == nil && verifies(key) {
			usable = append(usable, key)
		}
	}
	return usable
}

// verifies tells whether a key is of a type, a strength, and a purpose that goes
// here. Each type then goes with one algorithm alone, so that a token without a
// key id can't be verified by a key that isn't for its algorithm.
func verifies(key jwkset.JWK) bool {
	said, algorithm := key.Marshal(), algorithmOf(key.Key())
	switch {
	case algorithm == "":
		return false
	case said.ALG != "" && said.ALG != algorithm:
		return false
	case said.USE != "" && said.USE != jwkset.UseSig:
		return false
	}
	return len(said.KEYOPS) == 0 || slices.Contains(said.KEYOPS, jwkset.KeyOpsVerify)
}

func algorithmOf(key any) jwkset.ALG {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() >= minRSA {
			return jwkset.AlgRS256
		}
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P256() {
			return jwkset.AlgES256
		}
	case ed25519.PublicKey:
		return jwkset.AlgEdDSA
	}
	return ""
}
