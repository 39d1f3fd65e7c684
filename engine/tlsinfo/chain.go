package tlsinfo

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// chainFault is the reason why the chain of a server leads to no trusted CA.
type chainFault struct {
	text   string
	advice Advice
	dated  bool // a certificate has expired, or is not valid yet
}

// diagnose searches the certificates of a server, leaf first, for the reason why
// crypto/x509 found no path to a trusted CA.
func diagnose(sent []*x509.Certificate, now time.Time) chainFault {
	at := sent[0]
	if selfIssued(at) && len(sent) == 1 {
		return chainFault{text: "the server has a self-signed certificate, which is not among the trusted certificates",
			advice: Advice{Kind: AdviceTrustCert}}
	}
	for range sent { // a chain has at most as many certificates as were sent
		if selfIssued(at) {
			return chainFault{text: fmt.Sprintf("the chain ends at the CA %q, which is not trusted here", name(at)),
				advice: Advice{AdviceTrustCA, name(at)}}
		}
		issuer := issuerAmong(sent, at)
		if issuer == nil {
			return chainFault{text: fmt.Sprintf("the server does not send the certificate of %q, which signed the one of %q, "+
				"and it is not among the trusted CAs", at.Issuer.String(), name(at)),
				advice: Advice{Kind: AdviceSendIssuer}}
		}
		if now.After(issuer.NotAfter) || now.Before(issuer.NotBefore) {
			return chainFault{text: fmt.Sprintf("the certificate of the CA %q, which signed the one of %q, %s",
				name(issuer), name(at), validity(issuer, now)),
				advice: Advice{Kind: AdviceReplaceIssuer}, dated: true}
		}
		at = issuer
	}
	return chainFault{text: "the certificates that the server sends sign each other in a circle", advice: Advice{Kind: AdviceMendChain}}
}

// sentChain returns the certificates in an error of the verification.
func sentChain(err error) []*x509.Certificate {
	var verify *tls.CertificateVerificationError
	if errors.As(err, &verify) {
		return verify.UnverifiedCertificates
	}
	return nil
}

func selfIssued(c *x509.Certificate) bool { return bytes.Equal(c.RawSubject, c.RawIssuer) }

// issuerAmong returns the certificate that signed c, or nil.
func issuerAmong(sent []*x509.Certificate, c *x509.Certificate) *x509.Certificate {
	for _, i := range sent {
		if i != c && bytes.Equal(i.RawSubject, c.RawIssuer) && c.CheckSignatureFrom(i) == nil {
			return i
		}
	}
	return nil
}

// name returns the name of a certificate for people: the common name, or else its first DNS
// name.
func name(c *x509.Certificate) string {
	switch {
	case c.Subject.CommonName != "":
		return c.Subject.CommonName
	case len(c.DNSNames) > 0:
		return c.DNSNames[0]
	}
	return c.Subject.String()
}

// validity describes when a certificate was valid, or will be.
func validity(c *x509.Certificate, now time.Time) string {
	if now.Before(c.NotBefore) {
		return "is not valid before " + c.NotBefore.UTC().Format(time.DateOnly)
	}
	return "expired on " + c.NotAfter.UTC().Format(time.DateOnly)
}
