package main

import (
	"strings"
	"testing"
	"time"

	"userstatus/auth"
)

func TestTokensOfTheSecretBeforeAreGoodWhileItIsNamed(t *testing.T) {
	t.Parallel()
	newer := strings.Repeat("new-", 8)
	database := newDatabase(t)
	p := serving(t, "--database=sqlite:"+database, "--jwt-secret="+newer, "--jwt-previous-secret="+goodSecret)
	p.socket(t, "alice").do(setText("signed before"))
	if got := p.statuses("alice")["alice"]; got.StatusType != "ONLINE" || got.CustomStatus != "signed before" {
		t.Errorf("got %+v of somebody who is connected", got)
	}
	token, err := auth.NewMinter([]byte(newer), auth.Checks{}).Mint("bob", false, time.Hour, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	p.do(token, setText("signed anew"))
	p.terminate()
	p.exit()

	p = serving(t, "--database=sqlite:"+database, "--jwt-secret="+newer)
	p.do(token, setText("signed anew"))
	if code, _, body := p.get("/graphql?query={self{visibility}}", "Authorization: Bearer "+mint("alice")); code != 401 || !strings.Contains(body, "signature") {
		t.Errorf("a token of the former secret is answered with %d %s", code, body)
	}
}
