package auth

import (
	"strings"
	"testing"
	"time"

	"userstatus/presence"
)

func TestAMintedTokenIsAccepted(t *testing.T) {
	checks := Checks{Issuer: "https://id.example", Audience: "chat"}
	v, m := atNoon(NewSecret(secret, checks)), NewMinter(secret, checks)
	for _, admin := range []bool{false, true} {
		token, err := m.Mint("alice", admin, time.Hour, noon)
		if err != nil {
			t.Fatal(err)
		}
		want := presence.Viewer{UserID: "alice", Admin: admin, ExpiresAt: noon.Add(time.Hour)}
		if got := accepts(t, v, token); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestAMintedTokenLivesItsWholeTTL(t *testing.T) {
	v, m := NewSecret(secret, Checks{}), NewMinter(secret, Checks{})
	now := noon.Add(900 * time.Millisecond)
	token, err := m.Mint("alice", false, time.Second, now)
	if err != nil {
		t.Fatal(err)
	}
	v.now = func() time.Time { return now.Add(time.Second - time.Millisecond) }
	accepts(t, v, token)
	v.now = func() time.Time { return noon.Add(2 * time.Second) }
	refuses(t, v, token, "expired")
}

func TestWhatVerifyWouldRefuseIsNotMinted(t *testing.T) {
	m := NewMinter(secret, Checks{})
	for _, id := range []string{"", " ", "a\nb", "\xff", "\uFFFD", strings.Repeat("a", 129)} {
		if _, err := m.Mint(id, false, time.Hour, noon); err == nil {
			t.Errorf("a token was minted for %q", id)
		}
	}
	for _, ttl := range []time.Duration{0, -time.Hour, 999 * time.Millisecond} {
		if _, err := m.Mint("alice", false, ttl, noon); err == nil {
			t.Errorf("a token was minted for %s", ttl)
		}
	}
}
