package tlsinfo

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"smtpsh/internal/lazyregexp"
)

// Explain describes why a handshake or a verification failed, for readers who do
// not know TLS. It returns the text of an unknown error unchanged.
func Explain(err error) string {
	var (
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		invalid  x509.CertificateInvalidError
		verify   *tls.CertificateVerificationError
		record   tls.RecordHeaderError
		client   *ClientCertError
	)
	switch {
	case err == nil:
		return ""
	case errors.As(err, &client):
		return explainClient(client)
	case errors.As(err, new(*PinError)):
		return err.Error()
	case errors.As(err, &hostname):
		return fmt.Sprintf("the certificate is for %s, not for %s", namesOf(hostname.Certificate), hostname.Host)
	case errors.As(err, &invalid):
		return explainInvalid(invalid)
	case errors.As(err, &unknown):
		return explainUnknown(unknown, sentChain(err)).text
	case errors.As(err, &record):
		return "the server did not answer with TLS (is this port without TLS, or STARTTLS?)"
	case errors.As(err, &verify):
		return verify.Err.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the server closed the connection during the handshake"
	}
	if n, ok := Alert(err); ok {
		return explainAlert(n, err)
	}
	if fault := sharesNoVersion(err); fault != "" {
		return fault
	}
	return strings.TrimPrefix(err.Error(), "tls: ")
}

// versionFaults has the errors about TLS versions that crypto/tls makes itself, by their
// text: they have no type.
var versionFaults = map[string]string{
	"server selected unsupported protocol version": "client and server share no TLS version",
	"no supported versions":                        "the lowest allowed TLS version is above the highest one",
}

// sharesNoVersion explains an error about TLS versions that is not an alert; "" for others.
func sharesNoVersion(err error) string {
	text := strings.TrimPrefix(innermost(err).Error(), "tls: ")
	for words, fault := range versionFaults {
		if strings.HasPrefix(text, words) {
			return fault
		}
	}
	return ""
}

// innermost returns the last error of a chain of single causes.
func innermost(err error) error {
	for {
		cause := errors.Unwrap(err)
		if cause == nil {
			return err
		}
		err = cause
	}
}

func explainInvalid(e x509.CertificateInvalidError) string {
	switch e.Reason {
	case x509.Expired:
		switch c := e.Cert; {
		case c != nil && c.IsCA:
			return fmt.Sprintf("the certificate of the CA %q %s", name(c), validity(c, time.Now()))
		case c != nil:
			return "the certificate " + validity(c, time.Now())
		}
		return "the certificate has expired or is not valid yet"
	case x509.NotAuthorizedToSign:
		return "a certificate in the chain was signed by a certificate that is not a CA"
	case x509.IncompatibleUsage:
		return "the certificate is not meant for servers"
	}
	return strings.TrimPrefix(e.Error(), "x509: ")
}

// explainUnknown describes why a chain leads to no trusted CA.
func explainUnknown(e x509.UnknownAuthorityError, sent []*x509.Certificate) chainFault {
	if len(sent) == 0 && e.Cert != nil {
		sent = []*x509.Certificate{e.Cert}
	}
	if len(sent) == 0 {
		return chainFault{text: "the certificate comes from a CA that is not trusted here", advice: Advice{Kind: AdviceTrustCA}}
	}
	f := diagnose(sent, time.Now())
	if m := candidate().FindStringSubmatch(e.Error()); m != nil && !f.dated && strings.Contains(m[1], "expired") {
		f.text = fmt.Sprintf("the trusted certificate of the CA %q has expired or is not valid yet", m[2])
		f.advice = Advice{Kind: AdviceRenewTrust}
	}
	return f
}

// candidate returns the CA that crypto/x509 tried, and why it failed. The error does not
// export these fields.
var candidate = lazyregexp.New(`possibly because of "(.*)" while trying to verify candidate authority certificate "(.*)"`)

// explainClient describes what happened to the requested client certificate.
func explainClient(e *ClientCertError) string {
	if !e.Sent {
		return "the server requires a client certificate, and none was sent (" + alertText(e.Err) + ")"
	}
	if n, _ := Alert(e.Err); n == 48 {
		return "the server does not trust the CA of the client certificate"
	}
	return "the server refused the client certificate: " + alertText(e.Err)
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
