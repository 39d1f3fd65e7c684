package tlsinfo

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Explain says in plain words why a handshake or a verification failed, for a
// reader who knows no TLS. Errors that it does not know come back as they are.
func Explain(err error) string {
	var (
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		invalid  x509.CertificateInvalidError
		verify   *tls.CertificateVerificationError
		record   tls.RecordHeaderError
		alert    tls.AlertError
	)
	switch {
	case err == nil:
		return ""
	case errors.As(err, &hostname):
		return fmt.Sprintf("the certificate is for %s, not for %s", namesOf(hostname.Certificate), hostname.Host)
	case errors.As(err, &invalid):
		return explainInvalid(invalid)
	case errors.As(err, &unknown):
		alone := errors.As(err, &verify) && len(verify.UnverifiedCertificates) == 1
		if c := unknown.Cert; c != nil && (alone || !c.IsCA) && c.Subject.String() == c.Issuer.String() {
			return "the certificate is self-signed, so nobody vouches for it"
		}
		return "the certificate comes from an authority that is not trusted here"
	case errors.As(err, &record):
		return "the server did not answer with TLS (is this port without TLS, or STARTTLS?)"
	case errors.As(err, &alert):
		return explainAlert(alert, err)
	case errors.As(err, &verify):
		return verify.Err.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the server closed the connection during the handshake"
	}
	msg := strings.TrimPrefix(err.Error(), "tls: ")
	switch {
	case strings.Contains(msg, "protocol version not supported"), strings.Contains(msg, "selected unsupported protocol version"):
		return "client and server share no TLS version"
	case strings.Contains(msg, "no supported versions"):
		return "the lowest and the highest allowed TLS version leave nothing in between"
	case strings.Contains(msg, "first record does not look like a TLS handshake"):
		return "the server did not answer with TLS (is this port without TLS, or STARTTLS?)"
	}
	return msg
}

func explainInvalid(e x509.CertificateInvalidError) string {
	switch e.Reason {
	case x509.Expired:
		now := time.Now()
		if c := e.Cert; c != nil {
			if now.Before(c.NotBefore) {
				return "the certificate is not valid before " + c.NotBefore.UTC().Format(time.DateOnly)
			}
			return "the certificate expired on " + c.NotAfter.UTC().Format(time.DateOnly)
		}
		return "the certificate has expired or is not valid yet"
	case x509.NotAuthorizedToSign:
		return "a certificate in the chain was signed by one that may not sign others"
	case x509.IncompatibleUsage:
		return "the certificate is not meant for servers"
	}
	return strings.TrimPrefix(e.Error(), "x509: ")
}

func explainAlert(alert tls.AlertError, err error) string {
	switch uint8(alert) {
	case 70:
		return "the server refuses this TLS version"
	case 40:
		return "the server found no common way to encrypt (handshake failure)"
	case 42, 43, 44, 45, 46:
		return "the server refused the client certificate: " + alert.Error()
	case 48:
		return "the server does not trust the authority of the client certificate"
	case 112:
		return "the server does not know the name asked for (unrecognized name)"
	case 116:
		return "the server wants a client certificate"
	}
	return strings.TrimPrefix(err.Error(), "remote error: ")
}

func namesOf(c *x509.Certificate) string {
	if c == nil {
		return "another name"
	}
	names := DescribeCert(c).Names
	if len(names) == 0 {
		return "no name at all (its common name " + c.Subject.CommonName + " does not count)"
	}
	if len(names) > 4 {
		names = append(names[:4:4], "others")
	}
	return strings.Join(names, ", ")
}

// Hint says what to try after a failure that [Explain] described; "" when there
// is nothing better than to read the error.
func Hint(err error) string {
	var (
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		invalid  x509.CertificateInvalidError
		record   tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &unknown):
		return "name the authority's file with --ca FILE; --insecure goes on without a check and sends no password"
	case errors.As(err, &hostname):
		return "connect by a name that the certificate has, or name it with --sni NAME"
	case errors.As(err, &invalid):
		return "renew the certificate; --insecure goes on without a check and sends no password"
	case errors.As(err, &record), strings.Contains(err.Error(), "does not look like a TLS handshake"):
		return "use smtp:// and STARTTLS here; TLS from the start is port 465"
	case strings.Contains(err.Error(), "version"):
		return "look at --tls-min and --tls-max"
	}
	return ""
}
