package engine_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/tlsinfo"
)

// TestLegacyServers: a server that has only RSA key exchange or TLS 1.0 is reached with the
// legacy suites, and not without.
func TestLegacyServers(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "old"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	cert := []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}
	legacy := engine.TLSOptions{RootCAs: roots, MinVersion: tls.VersionTLS10, CipherSuites: tlsinfo.LegacySuites()}
	for _, tt := range []struct {
		name   string
		server *tls.Config
		client engine.TLSOptions
		want   string // the version and the suite, or "" for a failure
	}{
		{"RSA key exchange", &tls.Config{Certificates: cert, MaxVersion: tls.VersionTLS12,
			CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}},
			legacy, "TLS 1.2 TLS_RSA_WITH_AES_128_CBC_SHA"},
		{"RSA key exchange without them",
			&tls.Config{Certificates: cert, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}},
			engine.TLSOptions{RootCAs: roots}, ""},
		{"TLS 1.0", &tls.Config{Certificates: cert, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10}, legacy,
			"TLS 1.0 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"},
		{"TLS 1.0 without them", &tls.Config{Certificates: cert, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10},
			engine.TLSOptions{RootCAs: roots}, ""},
		{"one suite", &tls.Config{Certificates: cert, MaxVersion: tls.VersionTLS12},
			engine.TLSOptions{RootCAs: roots, CipherSuites: []uint16{tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384}},
			"TLS 1.2 TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
		{"one key exchange", &tls.Config{Certificates: cert, CurvePreferences: []tls.CurveID{tls.CurveP384}},
			engine.TLSOptions{RootCAs: roots, Curves: []tls.CurveID{tls.CurveP384}}, "TLS 1.3 TLS_AES_128_GCM_SHA256"},
		{"no key exchange in common", &tls.Config{Certificates: cert, CurvePreferences: []tls.CurveID{tls.CurveP384}},
			engine.TLSOptions{RootCAs: roots, Curves: []tls.CurveID{tls.X25519}}, ""},
		{"an application protocol", &tls.Config{Certificates: cert, NextProtos: []string{"smtp"}},
			engine.TLSOptions{RootCAs: roots, ALPN: []string{"x-other", "smtp"}}, "TLS 1.3 TLS_AES_128_GCM_SHA256 smtp"},
		{"a server without application protocols", &tls.Config{Certificates: cert},
			engine.TLSOptions{RootCAs: roots, ALPN: []string{"smtp"}}, "TLS 1.3 TLS_AES_128_GCM_SHA256"},
		{"no application protocol in common", &tls.Config{Certificates: cert, NextProtos: []string{"imap"}},
			engine.TLSOptions{RootCAs: roots, ALPN: []string{"smtp"}}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			script := "S: 220 hi\nC: EHLO\nS: 250-x\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nTLS\n"
			s := open(t, fake(t, script, tt.server), engine.Options{TLS: tt.client})
			must(t, 250)(s.Ehlo(t.Context(), "me"))
			_, err := s.StartTLS(t.Context())
			if tt.want == "" {
				if !errors.Is(err, engine.ErrTLS) {
					t.Errorf("%v, want ErrTLS", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if i := s.TLS(); strings.TrimSpace(i.Version+" "+i.Cipher+" "+i.ALPN) != tt.want || !i.Verified {
				t.Errorf("%s %s, verified %v; want %s", i.Version, i.Cipher, i.Verified, tt.want)
			}
		})
	}
}
