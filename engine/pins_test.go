package engine_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"
	"testing"

	"smtpsh/engine"
	"smtpsh/engine/tlsinfo"
	"smtpsh/internal/authority"
)

// TestPins: a pinned key is required in addition to the certificate, and with Insecure it
// takes its place.
func TestPins(t *testing.T) {
	ca, err := authority.New("pins CA")
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue(authority.Leaf{Names: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	right, wrong := tlsinfo.PinOf(leaf), tlsinfo.Pin{1}
	server := &tls.Config{Certificates: []tls.Certificate{cert}}
	for _, tt := range []struct {
		name     string
		client   engine.TLSOptions
		verified bool
		want     string // the error
	}{
		{"the right key", engine.TLSOptions{RootCAs: ca.Pool(), Pins: []tlsinfo.Pin{wrong, right}}, true, ""},
		{"another key", engine.TLSOptions{RootCAs: ca.Pool(), Pins: []tlsinfo.Pin{wrong}}, false, "the public key of the server is " +
			right.String()},
		{"the right key, an unknown CA", engine.TLSOptions{RootCAs: x509.NewCertPool(), Pins: []tlsinfo.Pin{right}}, false, "not trusted here"},
		{"the right key in place of the certificate",
			engine.TLSOptions{RootCAs: x509.NewCertPool(), Insecure: true, Pins: []tlsinfo.Pin{right}}, true, ""},
		{"another key in place of the certificate",
			engine.TLSOptions{RootCAs: x509.NewCertPool(), Insecure: true, Pins: []tlsinfo.Pin{wrong}}, false, "not one that was pinned"},
		{"no key", engine.TLSOptions{RootCAs: x509.NewCertPool(), Insecure: true}, false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, fake(t, "S: 220 hi\nC: EHLO\nS: 250-x\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nTLS\n", server),
				engine.Options{TLS: tt.client})
			must(t, 250)(s.Ehlo(t.Context(), "me"))
			_, err := s.StartTLS(t.Context())
			if tt.want != "" {
				if !errors.Is(err, engine.ErrTLS) || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%v, want %q", err, tt.want)
				}
				return
			}
			if err != nil || s.TLS().Verified != tt.verified {
				t.Errorf("%v, verified: %v", err, s.TLS())
			}
		})
	}
}

func TestParsePin(t *testing.T) {
	p := tlsinfo.Pin{1, 2, 3}
	for _, text := range []string{p.String(), strings.Replace(p.String(), "sha256/", "sha256//", 1)} {
		if got, err := tlsinfo.ParsePin(text); err != nil || got != p {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "sha256/", "sha1/AAAA", "sha256/AAAA", p.String() + "x"} {
		if _, err := tlsinfo.ParsePin(text); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}
