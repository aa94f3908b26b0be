package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
)

// MinSecret and MaxSecret are in bytes, without the base64 they are written in.
const (
	MinSecret = 24
	MaxSecret = 64
)

const secretPrefix = "whsec_"

// Secret is a key that both ends know.
type Secret []byte

// ParseSecret reads whsec_ and base64. Its errors never have the secret.
func ParseSecret(text string) (Secret, error) {
	encoded, ok := strings.CutPrefix(text, secretPrefix)
	if !ok {
		return nil, fmt.Errorf("a secret is %s and the base64 of %d to %d random bytes", secretPrefix, MinSecret, MaxSecret)
	}
	secret, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, fmt.Errorf("what follows %s in a secret is not base64", secretPrefix)
	}
	if len(secret) < MinSecret || len(secret) > MaxSecret {
		return nil, fmt.Errorf("a secret has %d bytes, from %d to %d go", len(secret), MinSecret, MaxSecret)
	}
	return secret, nil
}

// signatures is the header's value: one for each secret.
func signatures(secrets []Secret, id, timestamp string, body []byte) string {
	all := make([]string, len(secrets))
	for i, secret := range secrets {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(id + "." + timestamp + "."))
		mac.Write(body)
		all[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(all, " ")
}
