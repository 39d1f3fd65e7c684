package tlsinfo

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
)

// Advice is what to try after a failed handshake or verification.
type Advice struct {
	Kind AdviceKind
	Name string // for [AdviceTrustCA]: the authority; "" when its name is not known
}

// AdviceKind says what an [Advice] advises.
type AdviceKind int

// What may help. Name is empty where it is not mentioned.
const (
	AdviceNone          AdviceKind = iota // nothing better than to read the error; the zero value
	AdviceTrustCert                       // trust the self-signed certificate, if it is known to be the server's
	AdviceTrustCA                         // trust the authority with the name Name
	AdviceSendIssuer                      // the server must send its intermediate, or the authority must be trusted
	AdviceReplaceIssuer                   // replace the expired intermediate in the chain that the server sends
	AdviceMendChain                       // correct the chain that the server sends
	AdviceRenewTrust                      // renew the trusted authorities, and look at this machine's clock
	AdviceReplaceCert                     // the server's certificate must be replaced
	AdviceCertName                        // connect by a name that the certificate has, or ask for that name
	AdviceServerName                      // connect by a name that the server has, or ask for that name
	AdviceSendCert                        // send a client certificate
	AdviceCheckCert                       // check the client certificate: purpose, dates, intermediates, authority
	AdvicePlainPort                       // the port begins without TLS: use STARTTLS there, or port 465
	AdviceVersions                        // look at the lowest and the highest TLS version allowed
	AdviceTryVersions                     // try other TLS versions, and look at the server's log
)

// Advise returns what to try after a failure that [Explain] described. The kind is
// AdviceNone when there is nothing better than to read the error, and for nil.
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
