package swaks

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// result describes a verification.
func result(what string, err error) string {
	if err != nil {
		return "failed " + what + " verification (" + err.Error() + ")"
	}
	return "passed " + what + " verification"
}

// cipher returns version, cipher suite and bits.
func cipher(cs *tls.ConnectionState) string {
	name := tls.CipherSuiteName(cs.CipherSuite)
	for n, id := range suites {
		if id == cs.CipherSuite {
			name = n
		}
	}
	bits := "128"
	if strings.Contains(name, "256-GCM") || strings.Contains(name, "AES_256") || strings.Contains(name, "AES256") ||
		strings.Contains(name, "CHACHA20") {
		bits = "256"
	}
	return strings.NewReplacer("TLS ", "TLSv").Replace(tls.VersionName(cs.Version)) + ":" + name + ":" + bits
}

// subject returns the subject of a certificate in the form of OpenSSL.
func subject(c *x509.Certificate) string {
	short := map[string]string{
		"2.5.4.3": "CN", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.10": "O", "2.5.4.11": "OU",
		"1.2.840.113549.1.9.1": "emailAddress",
	}
	var b strings.Builder
	for _, n := range c.Subject.Names {
		name := short[n.Type.String()]
		if name == "" {
			name = n.Type.String()
		}
		fmt.Fprintf(&b, "/%s=%v", name, n.Value)
	}
	return b.String()
}

// names returns the alternative names of a certificate.
func names(c *x509.Certificate) string {
	var out []string
	for _, n := range c.DNSNames {
		out = append(out, "DNS:"+n)
	}
	for _, ip := range c.IPAddresses {
		out = append(out, "IP:"+ip.String())
	}
	return strings.Join(out, ", ")
}

// verifyCA verifies the chain and the dates of the server's certificate.
func (t *transaction) verifyCA(cs *tls.ConnectionState) error {
	o := x509.VerifyOptions{Intermediates: x509.NewCertPool()}
	for _, c := range cs.PeerCertificates[1:] {
		o.Intermediates.AddCert(c)
	}
	path, err := t.text("tls-ca-path")
	if err != nil {
		return err
	}
	if path != "" {
		if o.Roots, err = t.roots(path); err != nil {
			return err
		}
	}
	_, err = cs.PeerCertificates[0].Verify(o)
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &unknown) && selfSigned(cs.PeerCertificates[0]):
		return errors.New("self-signed certificate")
	case errors.As(err, &unknown) && slices.ContainsFunc(cs.PeerCertificates, selfSigned):
		return errors.New("self-signed certificate in certificate chain")
	case errors.As(err, &unknown):
		return errors.New("unable to get local issuer certificate")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return errors.New("certificate has expired")
	}
	return err
}

// selfSigned reports whether a certificate names itself as its issuer.
func selfSigned(c *x509.Certificate) bool { return bytes.Equal(c.RawIssuer, c.RawSubject) }

// roots reads CA certificates from a file, or from all files of a folder.
func (t *transaction) roots(path string) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	text, err := t.env.ReadFile(path)
	if err == nil {
		pool.AppendCertsFromPEM(text)
		return pool, nil
	}
	entries, derr := os.ReadDir(path)
	if derr != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.Type()&fs.ModeType != 0 && e.Type()&fs.ModeSymlink == 0 {
			continue
		}
		if text, err := t.env.ReadFile(filepath.Join(path, e.Name())); err == nil {
			pool.AppendCertsFromPEM(text)
		}
	}
	return pool, nil
}

// verifiedHost returns the host that the certificate must name; "" for a pipe or a socket.
func (t *transaction) verifiedHost() string {
	if host, err := t.text("tls-verify-target"); err == nil && host != "" {
		return host
	}
	return t.target
}

// verifyHost verifies the name in the server's certificate; a common name counts if there are
// no alternative names, as in swaks.
func (t *transaction) verifyHost(c *x509.Certificate) error {
	host := t.verifiedHost()
	if host == "" {
		return errors.New("no host available for host verification")
	}
	if len(c.DNSNames)+len(c.IPAddresses) == 0 && strings.EqualFold(c.Subject.CommonName, host) {
		return nil
	}
	if c.VerifyHostname(host) != nil {
		return errors.New("server certificate did not match target host " + host)
	}
	return nil
}
