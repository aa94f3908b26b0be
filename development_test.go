package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// demoToken is what /dev/token answers with.
type demoToken struct {
	Token, UserID string
	ExpiresAt     time.Time
}

func (p *program) demoToken(query string) (got demoToken) {
	p.t.Helper()
	code, header, body := p.get("/dev/token?" + query)
	if code != http.StatusOK || header.Get("Cache-Control") != "no-store" || header.Get("Content-Type") != "application/json" {
		p.t.Fatalf("%s: %d, %v", query, code, header)
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		p.t.Fatal(err)
	}
	return got
}

func TestDevelopmentModeSignsInAnybodyOnThisMachine(t *testing.T) {
	t.Parallel()
	p := serving(t)
	began := time.Now()
	alice := p.demoToken("user=alice")
	if left := alice.ExpiresAt.Sub(began); alice.UserID != "alice" || left < 59*time.Minute || left > 61*time.Minute {
		t.Errorf("got a token for %s that is good for %v", alice.UserID, left)
	}
	if got := p.do(alice.Token, `{self{status{userID}}}`).Data["self"]; string(got) != `{"status":{"userID":"alice"}}` {
		t.Errorf("the token is that of %s", got)
	}
	if e := p.post(alice.Token, `{settings{userStatusEnabled}}`).err(); e == nil || !strings.Contains(e.Error(), "FORBIDDEN") {
		t.Errorf("a user read the settings, or was told %v", e)
	}
	p.do(p.demoToken("user=admin&role=admin").Token, `{settings{userStatusEnabled}}`)
	p.do(p.demoToken("user=%E6%9D%8E%20%E5%9B%9B").Token, `{self{status{userID}}}`)

	_, _, body := p.get("/playground/users.json")
	if want := `[{"userID":"alice","admin":false},{"userID":"bob","admin":false},{"userID":"carol","admin":false},{"userID":"dave","admin":false},{"userID":"admin","admin":true}]`; strings.TrimSpace(body) != want {
		t.Errorf("got %s, want %s", body, want)
	}
}

func TestDevelopmentModeIsForLoopbackNamesAlone(t *testing.T) {
	t.Parallel()
	p := serving(t)
	for host, want := range map[string]int{
		"localhost": 200, "LocalHost:8080": 200, "127.0.0.1:1": 200, "127.9.9.9": 200, "[::1]:8080": 200, "[::1]": 200,
		"evil.example": 403, "localhost.evil.example": 403, "evil.localhost": 403, "127.0.0.1.evil.example:8080": 403,
		"10.0.0.1": 403, "0.0.0.0": 403, "[::]": 403, "127.0.0.1@evil.example": 403,
	} {
		if code, _, body := p.get("/dev/token?user=alice", "Host: "+host); code != want || code != 200 && strings.Contains(body, "eyJ") {
			t.Errorf("with Host %s: %d %s, want %d", host, code, body, want)
		}
	}
}

func TestDevelopmentModeIsForPagesOfThisMachineAlone(t *testing.T) {
	t.Parallel()
	p := serving(t)
	for origin, want := range map[string]int{
		"http://localhost:5173": 200, "http://127.0.0.1:3000": 200, "http://[::1]:1": 200,
		"https://evil.example": 403, "http://localhost.evil.example": 403, "null": 403,
	} {
		code, header, body := p.get("/dev/token?user=alice", "Origin: "+origin)
		if code != want || code != 200 && strings.Contains(body, "eyJ") {
			t.Errorf("for a page of %s: %d %s, want %d", origin, code, body, want)
		}
		if may := header.Get("Access-Control-Allow-Origin"); (may == origin) != (want == 200) {
			t.Errorf("a page of %s may read the answer as %q", origin, may)
		}
	}
}

func TestDevelopmentModeRefusesWhatIsNoUser(t *testing.T) {
	t.Parallel()
	p := serving(t)
	for query, words := range map[string]string{
		"": "empty", "user=": "empty", "user=%20": "blank", "user=%0A": "control", "user=%FF": "UTF-8", "user=%E2%80%8B": "format",
		"user=" + strings.Repeat("x", 129): "128", "user=alice&role=root": "role is admin", "user=alice&role=Admin": "role is admin",
	} {
		code, _, body := p.get("/dev/token?" + query)
		if code != http.StatusBadRequest || !strings.Contains(body, words) || strings.Count(body, "\n") != 1 {
			t.Errorf("%.40q: %d %q, want something of %q", query, code, body, words)
		}
	}
}

func TestDevelopmentModePrintsLinks(t *testing.T) {
	t.Parallel()
	p := serving(t)
	for _, link := range []string{
		"/\n", "/demo?user=alice\n", "/demo?user=bob\n", "/demo?user=carol\n", "/demo?user=dave\n",
		"/console?user=admin\n", "/playground?user=admin&role=admin\n", "/dev/token?user=alice'\n",
	} {
		printed := func(text string) bool { return strings.Contains(text, p.url+link) }
		if !p.stdout.await(p.ended, printed) {
			t.Errorf("no %q in\n%s", p.url+link, p.stdout.text())
		}
	}
	for _, path := range []string{"/", "/demo?user=alice", "/playground?user=alice", "/console?user=admin", "/schema.graphqls", "/healthz", "/readyz"} {
		if code, _, _ := p.get(path); code != http.StatusOK {
			t.Errorf("%s: %d", path, code)
		}
	}
	p.terminate()
	if code := p.exit(); code != 0 || secretIn(p.stdout.text()) != "" {
		t.Errorf("exit code %d after\n%s", code, p.stdout.text())
	}
}

func TestDevelopmentModeKnowsItsDemoUsers(t *testing.T) {
	t.Parallel()
	p := serving(t)
	got := p.do(p.demoToken("user=alice").Token, `mutation { subscribeUserStatus(userIDList: ["bob", "carol", "dave", "zoe"]) { failureUserList { userID code } } }`)
	if want := `{"failureUserList":[{"userID":"zoe","code":70107}]}`; string(got.Data["subscribeUserStatus"]) != want {
		t.Errorf("got %s, want %s", got.Data, want)
	}
}

func TestWithAKeyThereIsNoDevelopmentMode(t *testing.T) {
	t.Parallel()
	p := onSecret(t, newDatabase(t))
	if _, _, body := p.get("/playground/users.json"); strings.TrimSpace(body) != "[]" {
		t.Errorf("the playground offers %s", body)
	}
	for _, path := range []string{"/dev/token?user=alice", "/dev/", "/dev"} {
		if code, _, _ := p.get(path); code != http.StatusNotFound {
			t.Errorf("%s: %d", path, code)
		}
	}
	p.terminate()
	if code := p.exit(); code != 0 || p.stdout.text() != "" {
		t.Errorf("exit code %d, printed %q", code, p.stdout.text())
	}
}

func TestPrintedTokensOpenTheServiceOfTheSameSecret(t *testing.T) {
	t.Parallel()
	p := onSecret(t, newDatabase(t), "--jwt-issuer=shop")
	secret, issuer := "--jwt-secret="+goodSecret, "--jwt-issuer=shop"
	admin := printed(t, "token", secret, issuer, "--user=boss", "--role=admin")
	p.do(admin, `{settings{userStatusEnabled}}`)
	user := printed(t, "token", secret, issuer, "--user", "李四")
	if got := p.do(user, `{self{status{userID}}}`).Data["self"]; string(got) != `{"status":{"userID":"李四"}}` {
		t.Errorf("the token is that of %s", got)
	}
	if p.post(user, `{settings{userStatusEnabled}}`).err() == nil {
		t.Error("a user's token opens an admin's field")
	}
	for _, other := range []string{printed(t, "token", secret, "--user=boss"), printed(t, "token", issuer, "--jwt-secret=another "+goodSecret, "--user=boss")} {
		if e := p.post(other, `{self{status{userID}}}`).err(); e == nil || !strings.Contains(e.Error(), "UNAUTHENTICATED") {
			t.Errorf("a wrong token was answered with %v", e)
		}
	}
}

// printed runs a command that prints one line, and returns it.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	p := launch(t, args...)
	if code := p.exit(); code != 0 || p.stderr.text() != "" {
		t.Fatalf("%q: exit code %d, %s", args, code, p.stderr.text())
	}
	line, rest, _ := strings.Cut(p.stdout.text(), "\n")
	if line == "" || rest != "" {
		t.Fatalf("%q printed %q, not a line", args, p.stdout.text())
	}
	return line
}

func TestVersionAndHelpEndWell(t *testing.T) {
	t.Parallel()
	if got := printed(t, "version"); got != version() {
		t.Errorf("version printed %s", got)
	}
	p := launch(t, "--help")
	if code := p.exit(); code != 0 || p.stderr.text() != "" {
		t.Errorf("--help: exit code %d, %s", code, p.stderr.text())
	}
	for _, flag := range []string{
		"--listen", "--database", "--jwt-secret", "--jwks-url", "--jwt-issuer", "--jwt-audience", "--allowed-origin", "--offline-grace",
		"--ping-interval", "--set-status-rate", "--max-subscriptions", "--max-connections-per-user", "--max-connections", "--trusted-proxy", "--[no-]introspection",
	} {
		if !strings.Contains(p.stdout.text(), flag) {
			t.Errorf("--help says nothing of %s", flag)
		}
	}
}

func TestTheLogKeepsTokensToItself(t *testing.T) {
	t.Parallel()
	p := onSecret(t, newDatabase(t))
	token := mint("alice")
	forged := token[:len(token)-4] + "AAAA"
	for _, wrong := range []string{forged, token + ".", "eyJ", mint("bob") + token, strings.Repeat("eyJ", 10_000)} {
		_ = p.post(wrong, `{self{status{userID}}}`)
		p.get("/graphql?query={self{status{userID}}}&access_token="+wrong[:3], "Authorization: "+wrong)
	}
	p.get("/graphql?query={__typename}&token="+token, "Authorization: Basic "+token)
	p.get("/playground?token=" + token)
	write(t, p.dial(t), "GET /graphql HTTP/1.1\r\nAuthorization: Bearer "+token+"\r\nbroken\r\n\r\n")
	write(t, p.dial(t), token+"\r\n\r\n")
	p.socket(t, "alice")
	p.terminate()
	p.exit() // the log is checked when the test ends
}
