package broadcast

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"userstatus/broadcast/natstest"
)

// authority makes certificates and their files in a folder.
type authority struct {
	testing.TB
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	a := &authority{TB: t, dir: t.TempDir()}
	a.cert, a.key = a.issue("ca", &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return a
}

// issue makes name.pem and name.key; the first one signs itself.
func (a *authority) issue(name string, of *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(a, err)
	of.SerialNumber, of.Subject = big.NewInt(time.Now().UnixNano()), pkix.Name{CommonName: name}
	of.NotBefore, of.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = of, key
	}
	der, err := x509.CreateCertificate(rand.Reader, of, parent, &key.PublicKey, signer)
	must(a, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	must(a, err)
	must(a, os.WriteFile(a.file(name+".pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must(a, os.WriteFile(a.file(name+".key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	cert, err := x509.ParseCertificate(der)
	must(a, err)
	return cert, key
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name) }

func TestTLS(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	a.issue("server", &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	a.issue("client", &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	server := startServer(t, natstest.Options{Config: fmt.Sprintf("tls { cert_file: %q, key_file: %q, ca_file: %q, verify: true }",
		a.file("server.pem"), a.file("server.key"), a.file("ca.pem"))})
	options := NATSOptions{URL: server.URL(), CA: a.file("ca.pem"), Certificate: a.file("client.pem"), Key: a.file("client.key")}
	one, other := join(t, "one", options), join(t, "other", options)
	met(t, one, other)
	must(t, server.Kill())
	must(t, server.StartAgain())
	other.awaitNotice(t, "news-missed")
	met(t, one, other)

	for name, refused := range map[string]NATSOptions{
		"a server of another authority": {URL: server.URL(), CA: newAuthority(t).file("ca.pem"), Certificate: options.Certificate, Key: options.Key},
		"no certificate of one's own":   {URL: server.URL(), CA: options.CA},
	} {
		refused.Prefix, refused.NodeName, refused.Log = "test", "node", nameless
		if _, err := ConnectNATS(context.Background(), refused); err == nil || !strings.Contains(err.Error(), server.Address()) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		} else {
			t.Log(err)
		}
	}
}
