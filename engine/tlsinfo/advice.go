package tlsinfo

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
)

// Advice is one thing to try after a failed handshake or verification.
type Advice struct {
	Kind AdviceKind
	Name string // for [AdviceTrustCA]: the certificate authority (CA); "" when its name is unknown
}

// AdviceKind is the kind of an [Advice].
type AdviceKind int

// The kinds of advice. Name is empty unless the comment mentions it.
const (
	AdviceNone          AdviceKind = iota // no advice; the zero value
	AdviceTrustCert                       // trust the self-signed certificate, if it is known to be the server's
	AdviceTrustCA                         // trust the CA with the name Name
	AdviceSendIssuer                      // the server must send its intermediate certificate, or the client must trust the CA
	AdviceReplaceIssuer                   // the server must replace the expired intermediate certificate in its chain
	AdviceMendChain                       // correct the certificate chain that the server sends
	AdviceRenewTrust                      // update the trusted CAs, and check this machine's clock
	AdviceReplaceCert                     // the server's certificate must be replaced
	AdviceCertName                        // connect to a name in the certificate, or send that name as SNI
	AdviceServerName                      // connect to a name that the server has, or send that name as SNI
	AdviceSendCert                        // send a client certificate
	AdviceCheckCert                       // check the client certificate: purpose, dates, intermediates, CA
	AdvicePlainPort                       // the port begins without TLS: use STARTTLS, or port 465
	AdviceVersions                        // check the lowest and the highest TLS version allowed
	AdviceTryVersions                     // try other TLS versions, and check the server's log
	AdvicePin                             // pin the key of the server only if it is known to be the server's
)

// Advise returns what to try after a failure that [Explain] described. The kind is
// AdviceNone if there is no advice, and for nil.
func Advise(err error) Advice {
	var (
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		invalid  x509.CertificateInvalidError
		client   *ClientCertError
	)
	switch {
	case errors.As(err, &client):
		if !client.Sent {
			return Advice{Kind: AdviceSendCert}
		}
		return Advice{Kind: AdviceCheckCert}
	case errors.As(err, new(*PinError)):
		return Advice{Kind: AdvicePin}
	case errors.As(err, &unknown):
		return explainUnknown(unknown, sentChain(err)).advice
	case errors.As(err, &hostname):
		return Advice{Kind: AdviceCertName}
	case errors.As(err, &invalid):
		return Advice{Kind: AdviceReplaceCert}
	case errors.As(err, new(tls.RecordHeaderError)):
		return Advice{Kind: AdvicePlainPort}
	case sharesNoVersion(err) != "":
		return Advice{Kind: AdviceVersions}
	}
	switch n, _ := Alert(err); n {
	case 40, 71:
		return Advice{Kind: AdviceTryVersions}
	case 70:
		return Advice{Kind: AdviceVersions}
	case 112:
		return Advice{Kind: AdviceServerName}
	case 116:
		return Advice{Kind: AdviceSendCert}
	}
	return Advice{}
}
