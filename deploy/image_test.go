//go:build linux

package deploy

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// nobody is whom the image's program runs as.
const nobody = 65532

// image is what the Dockerfile's last stage has, in a folder.
type image struct {
	t          *testing.T
	root       string
	env        []string
	workdir    string
	user       string
	entrypoint string
	health     []string
}

var (
	copied   = regexp.MustCompile(`(?m)^COPY --from=build (?:--chown=(\S+) )?(\S+) (\S+)$`)
	setting  = regexp.MustCompile(`(\w+)=(\S+)`)
	stage    = regexp.MustCompile(`(?s)\nFROM scratch\n(.*)`)
	workdir  = regexp.MustCompile(`(?m)^WORKDIR (\S+)$`)
	runsAs   = regexp.MustCompile(`(?m)^USER (\S+)$`)
	envLine  = regexp.MustCompile(`(?m)^ENV (.*)$`)
	entry    = regexp.MustCompile(`(?m)^ENTRYPOINT \["(\S+)"\]$`)
	healthBy = regexp.MustCompile(`(?m)^HEALTHCHECK .*CMD (\[.*\])$`)
)

// newImage follows the Dockerfile, with these files in place of those that its
// first stage has.
func newImage(t *testing.T, built map[string]string) *image {
	t.Helper()
	last := only(t, stage, read(t, "../Dockerfile"))
	i := &image{t: t, root: t.TempDir(), workdir: only(t, workdir, last), user: only(t, runsAs, last), entrypoint: only(t, entry, last)}
	must(t, json.Unmarshal([]byte(only(t, healthBy, last)), &i.health))
	i.env = append(i.env, setting.FindAllString(only(t, envLine, last), -1)...)
	must(t, os.Chmod(filepath.Dir(i.root), 0o755))
	for _, line := range copied.FindAllStringSubmatch(last, -1) {
		source, known := built[line[2]]
		if !known {
			t.Fatalf("the image has %s", line[2])
		}
		i.copy(source, line[3], line[1] != "")
	}
	return i
}

func only(t *testing.T, pattern *regexp.Regexp, text string) string {
	t.Helper()
	found := pattern.FindAllStringSubmatch(text, -1)
	if len(found) != 1 {
		t.Fatalf("%s is %d times in the Dockerfile", pattern, len(found))
	}
	return found[0][1]
}

// copy puts a file there, or an empty folder where there is no source.
func (i *image) copy(source, to string, owned bool) {
	i.t.Helper()
	to = filepath.Join(i.root, to)
	must(i.t, os.MkdirAll(filepath.Dir(to), 0o755))
	if source == "" {
		must(i.t, os.Mkdir(to, 0o755))
	} else {
		must(i.t, os.WriteFile(to, []byte(read(i.t, source)), 0o755))
	}
	if owned && os.Geteuid() == 0 {
		must(i.t, os.Chown(to, nobody, nobody))
	}
}

// command is a program of the image, in it and as its user.
func (i *image) command(args ...string) *exec.Cmd {
	program := args[0]
	for _, pair := range i.env {
		if path, ok := strings.CutPrefix(pair, "PATH="); ok {
			program = filepath.Join(path, program)
		}
	}
	cmd := &exec.Cmd{Path: program, Args: args, Env: append([]string{"HOME=/"}, i.env...), Dir: i.workdir}
	cmd.SysProcAttr = confined(i.root)
	return cmd
}

// key is one that a sign-in service publishes.
type key struct{ *ecdsa.PrivateKey }

func (k key) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	public, err := k.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	part := func(from int) string { return base64.RawURLEncoding.EncodeToString(public[from : from+32]) }
	_ = json.NewEncoder(w).Encode(map[string]any{"keys": []map[string]string{{
		"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "1", "x": part(1), "y": part(33),
	}}})
}

func (k key) sign(t *testing.T, user string) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{"sub": user, "exp": time.Now().Add(time.Hour).Unix()})
	token.Header["kid"] = "1"
	signed, err := token.SignedString(k.PrivateKey)
	must(t, err)
	return signed
}

func TestTheImageHasAllThatTheProgramNeeds(t *testing.T) {
	t.Parallel()
	program, err := build()
	must(t, err)
	dir := t.TempDir()
	certificate, certificateKey, _ := certify(t, dir, "127.0.0.1")
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	pair, err := tls.LoadX509KeyPair(certificate, certificateKey)
	must(t, err)
	keys := httptest.NewUnstartedServer(key{private})
	keys.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	keys.StartTLS()
	t.Cleanup(keys.Close)

	i := newImage(t, map[string]string{"/etc/ssl/certs/ca-certificates.crt": certificate, "/out/userstatus": program, "/out/NOTICES": "../docs/licences.md", "/out/data": ""})
	if i.user != "65532:65532" {
		t.Errorf("the image's user is %s", i.user)
	}
	i.env = append(i.env, "USERSTATUS_JWKS_URL="+keys.URL)
	address := "127.0.0.1:" + freePort(t)
	i.env = append(i.env, "USERSTATUS_LISTEN="+address)
	serving := launch(t, i.command(i.entrypoint))
	serving.listening()
	i.runs(i.health...)

	r, err := http.NewRequest(http.MethodPost, "http://"+address+"/graphql", strings.NewReader(`{"query":"mutation{setSelfStatus(customStatus:\"kept\"){customStatus}}"}`))
	must(t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+key{private}.sign(t, "alice"))
	r.Close = true
	response, err := http.DefaultClient.Do(r)
	must(t, err)
	defer func() { _ = response.Body.Close() }()
	if answer, _ := io.ReadAll(response.Body); !strings.Contains(string(answer), `"customStatus":"kept"`) {
		t.Errorf("a token of the published key is answered with %s; the log is %s", answer, serving.wrote.text())
	}
	i.runs(i.entrypoint, "backup", "--to=copy.db")
	if code := serving.terminate(); code != 0 {
		t.Errorf("exit code %d: %s", code, serving.wrote.text())
	}
	if code := launch(t, i.command(i.health...)).code(); code != 1 {
		t.Errorf("health of a program that is gone ends with %d", code)
	}
	for _, name := range []string{"userstatus.db", "copy.db"} {
		if !isFile(filepath.Join(i.root, i.workdir, name)) {
			t.Errorf("no %s in the volume", name)
		}
	}
}

// runs sees that a program of the image ends well.
func (i *image) runs(args ...string) {
	i.t.Helper()
	p := launch(i.t, i.command(args...))
	if code := p.code(); code != 0 {
		i.t.Errorf("%q ends with %d: %s", args, code, p.wrote.text())
	}
}

func (p *process) code() int {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatalf("%q does not end", p.cmd.Args)
	}
	return p.cmd.ProcessState.ExitCode()
}

func TestTheImageListensToOthersOnlyWithAKey(t *testing.T) {
	t.Parallel()
	program, err := build()
	must(t, err)
	i := newImage(t, map[string]string{"/etc/ssl/certs/ca-certificates.crt": program, "/out/userstatus": program, "/out/NOTICES": "../docs/licences.md", "/out/data": ""})
	p := launch(t, i.command(i.entrypoint))
	if code := p.code(); code != 1 || !strings.Contains(p.wrote.text(), "--jwt-secret or --jwks-url") {
		t.Errorf("it ends with %d: %s", code, p.wrote.text())
	}
}
