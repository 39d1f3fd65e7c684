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

// Explain says in plain words why a handshake or a verification failed, for a
// reader who knows no TLS. Errors that it does not know come back as they are.
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
		switch c := e.Cert; {
		case c != nil && c.IsCA:
			return fmt.Sprintf("the certificate of the authority %q %s", name(c), validity(c, time.Now()))
		case c != nil:
			return "the certificate " + validity(c, time.Now())
		}
		return "the certificate has expired or is not valid yet"
	case x509.NotAuthorizedToSign:
		return "a certificate in the chain was signed by one that may not sign others"
	case x509.IncompatibleUsage:
		return "the certificate is not meant for servers"
	}
	return strings.TrimPrefix(e.Error(), "x509: ")
}

// explainUnknown says why a chain leads to no trusted authority.
func explainUnknown(e x509.UnknownAuthorityError, sent []*x509.Certificate) chainFault {
	if len(sent) == 0 && e.Cert != nil {
		sent = []*x509.Certificate{e.Cert}
	}
	if len(sent) == 0 {
		return chainFault{"the certificate comes from an authority that is not trusted here", "add the authority's certificate with --ca FILE; --insecure continues without a check and sends no password"}
	}
	f := diagnose(sent, time.Now())
	if m := candidate().FindStringSubmatch(e.Error()); m != nil && strings.Contains(m[1], "expired") && !strings.Contains(f.text, "valid") && !strings.Contains(f.text, "expired") {
		f.text = fmt.Sprintf("the trusted certificate of the authority %q has expired or is not valid yet", m[2])
		f.hint = "renew the file of --ca, or this machine's authorities, and look at this machine's clock"
	}
	return f
}

// candidate finds the authority that crypto/x509 tried, and why it did not do.
var candidate = lazyregexp.New(`possibly because of "(.*)" while trying to verify candidate authority certificate "(.*)"`)

// explainClient says what became of a client certificate that the server asked for.
func explainClient(e *ClientCertError) string {
	if !e.Sent {
		return "the server requires a client certificate, and none was sent (" + alertText(e.Err) + ")"
	}
	if n, _ := Alert(e.Err); n == 48 {
		return "the server does not trust the authority of the client certificate"
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

// Hint says what to try after a failure that [Explain] described; "" when there
// is nothing better than to read the error.
func Hint(err error) string {
	var (
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		invalid  x509.CertificateInvalidError
		record   tls.RecordHeaderError
		client   *ClientCertError
	)
	switch {
	case errors.As(err, &client):
		if !client.Sent {
			return "send one with --cert FILE and --key FILE"
		}
		return "check that the certificate of --cert is for clients, is valid, and comes with its intermediates from an authority that the server trusts"
	case errors.As(err, &unknown):
		return explainUnknown(unknown, sentChain(err)).hint
	case errors.As(err, &hostname):
		return "connect by a name that the certificate has, or name it with --sni NAME"
	case errors.As(err, &invalid):
		return "the server's certificate must be replaced; --insecure continues without a check and sends no password"
	case errors.As(err, &record), strings.Contains(err.Error(), "does not look like a TLS handshake"):
		return "use smtp:// and STARTTLS here; TLS from the start is port 465"
	case strings.Contains(err.Error(), "version"):
		return "look at --tls-min and --tls-max"
	}
	switch n, _ := Alert(err); n {
	case 40, 71:
		return "the server may be older or stricter than the client: try --tls-min 1.0, or --tls-max 1.2, and look at the server's log"
	case 70:
		return "look at --tls-min and --tls-max"
	case 112:
		return "connect by a name that the server has, or give it with --sni NAME"
	case 116:
		return "send one with --cert FILE and --key FILE"
	}
	return ""
}
