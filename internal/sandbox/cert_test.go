package sandbox_test

import (
	"crypto/tls"
	"net"
	"strings"
	"testing"

	"smtpsh/engine/tlsinfo"
	"smtpsh/internal/sandbox"
)

// TestCertificatesMatchTheirNames checks that each bad certificate causes the error text
// of its kind, and that the self-signed one is signed with its own key.
func TestCertificatesMatchTheirNames(t *testing.T) {
	for kind, want := range map[string]string{
		"self-signed": "self-signed certificate", "unknown-ca": "not trusted here",
		"expired": "expired on", "not-yet": "not valid before",
		"wrong-host": "is for another-host.example",
	} {
		t.Run(kind, func(t *testing.T) {
			s, err := sandbox.Start(sandbox.Options{Profile: "plain", Cert: kind})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			raw, err := net.Dial("tcp", s.Addr("submissions"))
			if err != nil {
				t.Fatal(err)
			}
			defer raw.Close()
			c := tls.Client(raw, &tls.Config{RootCAs: s.Roots(), ServerName: "localhost"})
			err = c.HandshakeContext(t.Context())
			if err == nil || !strings.Contains(tlsinfo.Explain(err), want) {
				t.Fatalf("%v: %q, want %q", err, tlsinfo.Explain(err), want)
			}
			if kind != "self-signed" {
				return
			}
			look, err := net.Dial("tcp", s.Addr("submissions"))
			if err != nil {
				t.Fatal(err)
			}
			defer look.Close()
			c = tls.Client(look, &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // The test checks the certificate itself.
			if err := c.HandshakeContext(t.Context()); err != nil {
				t.Fatal(err)
			}
			chain := c.ConnectionState().PeerCertificates
			if len(chain) != 1 || chain[0].CheckSignature(chain[0].SignatureAlgorithm, chain[0].RawTBSCertificate, chain[0].Signature) != nil ||
				!tlsinfo.DescribeCert(chain[0]).SelfSign {
				t.Errorf("%d certificates, issuer %s, subject %s", len(chain), chain[0].Issuer, chain[0].Subject)
			}
		})
	}
}
