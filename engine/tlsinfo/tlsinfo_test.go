package tlsinfo_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"smtpsh/engine/tlsinfo"
	"smtpsh/internal/authority"
)

func TestDescribe(t *testing.T) {
	client, _ := authority.States(t)
	info := tlsinfo.Describe(client, nil)
	if info.Version != "TLS 1.3" || !info.Verified || info.VerifyError != "" || len(info.Chain) != 2 || info.KeyExchange == "" {
		t.Errorf("%+v", info)
	}
	leaf := info.Chain[0]
	if strings.Join(leaf.Names, " ") != "localhost" || leaf.Key != "ECDSA P-256" || len(leaf.SHA256) != 64 || leaf.SelfSign ||
		!info.Chain[1].SelfSign {
		t.Errorf("%+v", leaf)
	}
	if !strings.Contains(info.Summary(), "verified as localhost") {
		t.Error(info.Summary())
	}
	info = tlsinfo.Describe(client, x509.HostnameError{Certificate: client.PeerCertificates[0], Host: "mx.example.org"})
	if info.Verified || !strings.Contains(info.Summary(), "NOT VERIFIED: the certificate is for localhost, not for mx.example.org") {
		t.Error(info.Summary())
	}
}

func TestDaysLeft(t *testing.T) {
	now := time.Unix(1700000000, 0)
	for d, want := range map[time.Duration]int{48 * time.Hour: 2, 47 * time.Hour: 1, time.Hour: 0, -time.Hour: -1, -48 * time.Hour: -2} {
		if got := (tlsinfo.Cert{NotAfter: now.Add(d)}).DaysLeft(now); got != want {
			t.Errorf("%v: %d days, want %d", d, got, want)
		}
	}
}

func TestExplain(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
		hint bool
	}{
		{nil, "", false},
		{io.EOF, "closed the connection during the handshake", false},
		{x509.UnknownAuthorityError{}, "a CA that is not trusted here", true},
		{x509.CertificateInvalidError{Reason: x509.Expired}, "expired or is not valid yet", true},
		{x509.CertificateInvalidError{Reason: x509.IncompatibleUsage}, "not meant for servers", true},
		{tls.AlertError(70), "share no TLS version", true},
		{tls.AlertError(40), "no cipher suite, key exchange or kind of certificate in common", true},
		{tls.AlertError(112), "no certificate for the requested name", true},
		{tls.AlertError(116), "requires a client certificate", true},
		{&net.OpError{Op: "remote error", Err: errors.New("tls: handshake failure")}, "no cipher suite", true},
		{&net.OpError{Op: "remote error", Err: errors.New("tls: alert(71)")}, "stronger encryption", true},
		{&net.OpError{Op: "remote error", Err: errors.New("tls: something new")}, "the server ended TLS: something new", false},
		{tlsinfo.AboutClientCert(tls.AlertError(40), false), "requires a client certificate, and none was sent", true},
		{tlsinfo.AboutClientCert(tls.AlertError(116), false), "requires a client certificate, and none was sent", true},
		{tlsinfo.AboutClientCert(tls.AlertError(45), true), "refused the client certificate", true},
		{tlsinfo.AboutClientCert(tls.AlertError(48), true), "does not trust the CA of the client certificate", true},
		{tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, "did not answer with TLS", true},
		{errors.New("tls: server selected unsupported protocol version 301"), "share no TLS version", true},
		{errors.New("something else"), "something else", false},
		{fmt.Errorf("wrapped: %w", x509.UnknownAuthorityError{}), "a CA that is not trusted here", true},
	} {
		if got := tlsinfo.Explain(tt.err); !strings.Contains(got, tt.want) {
			t.Errorf("%v: %q, want %q", tt.err, got, tt.want)
		}
		if tt.err != nil && (tlsinfo.Advise(tt.err).Kind != tlsinfo.AdviceNone) != tt.hint {
			t.Errorf("%v: advice %v", tt.err, tlsinfo.Advise(tt.err))
		}
	}
}

func ExampleExplain() {
	fmt.Println(tlsinfo.Explain(tls.AlertError(70)))
	fmt.Println(tlsinfo.Explain(x509.CertificateInvalidError{Reason: x509.IncompatibleUsage}))
	// Output:
	// client and server share no TLS version (the server refuses those that the client offers)
	// the certificate is not meant for servers
}
