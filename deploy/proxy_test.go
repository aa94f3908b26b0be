//go:build linux

package deploy

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// nowhere is an address at which nothing listens.
const nowhere = "127.0.0.1:1"

// startNginx runs a configuration, of which listen is to become the address.
// What would lie in the system's folders lies in one of the test's.
func startNginx(t *testing.T, conf, listen string) (address string) {
	t.Helper()
	nginx, dir := tool(t, "nginx"), t.TempDir()
	own := "http {\n  access_log off;\n"
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		own += "  " + kind + "_temp_path " + filepath.Join(dir, kind) + ";\n"
	}
	globals := "daemon off; pid " + filepath.Join(dir, "pid") + ";"
	if os.Geteuid() == 0 {
		globals += " user root root;" // or its workers could not enter the test's folder
	}
	return startProxy(t, func(port string) *exec.Cmd {
		write(t, filepath.Join(dir, "nginx.conf"), with(t, conf, "http {\n", own, listen, "127.0.0.1:"+port))
		return exec.Command(nginx, "-e", "stderr", "-p", dir, "-c", filepath.Join(dir, "nginx.conf"), "-g", globals)
	})
}

// throughNginx is the committed configuration for several nodes, of which one
// is down, with parts replaced.
func throughNginx(t *testing.T, node string, parts ...string) *entrance {
	t.Helper()
	conf := with(t, read(t, "nginx.conf"), append(parts, "node1:8080", node, "node2:8080", nowhere, "listen 8080;", "listen ADDRESS;")...)
	return &entrance{t: t, address: startNginx(t, conf, "ADDRESS")}
}

// throughNginxTLS is the committed site.
func throughNginxTLS(t *testing.T, node string, parts ...string) *entrance {
	t.Helper()
	dir := t.TempDir()
	certificate, key, trusted := certify(t, dir, host)
	site := with(t, read(t, "nginx-tls.conf"), append(parts,
		"/etc/letsencrypt/live/chat.example.com/fullchain.pem", certificate,
		"/etc/letsencrypt/live/chat.example.com/privkey.pem", key,
		"listen 80;", "listen unix:"+filepath.Join(dir, "80")+";",
		"listen 443 ssl", "listen ADDRESS ssl",
		"server 127.0.0.1:8080;", "server "+node+";")...)
	address := startNginx(t, "events {}\nhttp {\n"+site+"}\n", "ADDRESS")
	return &entrance{t: t, address: address, tls: &tls.Config{RootCAs: trusted}}
}

// throughCaddy is the committed site, with certificates of Caddy's own authority.
func throughCaddy(t *testing.T, node string, parts ...string) *entrance {
	t.Helper()
	caddy, dir := tool(t, "caddy"), t.TempDir()
	own := "grace_period 1s\n\tadmin off\n\tlocal_certs\n\tskip_install_trust\n\tauto_https disable_redirects\n\tdefault_bind 127.0.0.1\n" +
		"\tservers {\n\t\tprotocols h1 h2\n\t}\n\tstorage file_system " + dir + "\n\thttps_port PORT\n\t#"
	site := with(t, read(t, "Caddyfile"), append(parts, "127.0.0.1:8080", node, "grace_period 10s", own)...)
	address := startProxy(t, func(port string) *exec.Cmd {
		write(t, filepath.Join(dir, "Caddyfile"), with(t, site, "PORT", port))
		cmd := exec.Command(caddy, "run", "--adapter", "caddyfile", "--config", filepath.Join(dir, "Caddyfile"))
		cmd.Env = []string{"HOME=" + dir, "XDG_CONFIG_HOME=" + dir, "XDG_DATA_HOME=" + dir}
		return cmd
	})
	trusted := x509.NewCertPool()
	if !trusted.AppendCertsFromPEM([]byte(read(t, filepath.Join(dir, "pki/authorities/local/root.crt")))) {
		t.Fatal("Caddy has no authority")
	}
	e := &entrance{t: t, address: address, tls: &tls.Config{RootCAs: trusted}, hasty: true}
	e.awaitCertificate()
	return e
}

// awaitCertificate waits for the one that Caddy makes after it listens.
func (e *entrance) awaitCertificate() {
	e.t.Helper()
	config := e.tls.Clone()
	config.ServerName = host
	var err error
	met := within(nil, func() bool {
		var conn *tls.Conn
		if conn, err = tls.Dial("tcp", e.address, config); err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	if !met {
		e.t.Fatal(err)
	}
}

// certify makes a certificate that vouches for itself.
func certify(t *testing.T, dir string, names ...string) (certificate, key string, trusted *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: names[0]}, NotAfter: time.Now().Add(time.Hour),
		BasicConstraintsValid: true, IsCA: true,
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
			continue
		}
		template.DNSNames = append(template.DNSNames, name)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	must(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	certificate, key, trusted = filepath.Join(dir, "certificate.pem"), filepath.Join(dir, "key.pem"), x509.NewCertPool()
	write(t, certificate, pemOf("CERTIFICATE", der))
	write(t, key, pemOf("PRIVATE KEY", keyDER))
	if !trusted.AppendCertsFromPEM([]byte(read(t, certificate))) {
		t.Fatal("no certificate")
	}
	return certificate, key, trusted
}

func pemOf(kind string, der []byte) string {
	var text bytes.Buffer
	_ = pem.Encode(&text, &pem.Block{Type: kind, Bytes: der})
	return text.String()
}
