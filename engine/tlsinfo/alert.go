package tlsinfo

import (
	"crypto/tls"
	"errors"
	"net"
	"strconv"
	"strings"
)

// alertNumbers has the alerts of RFC 8446 section 6 and RFC 5246 section 7.2, by their text
// in crypto/tls, which does not export the type of received alerts.
var alertNumbers = map[string]uint8{
	"unexpected message": 10, "handshake failure": 40, "bad certificate": 42, "unsupported certificate": 43,
	"revoked certificate": 44, "expired certificate": 45, "unknown certificate": 46, "illegal parameter": 47,
	"unknown certificate authority": 48, "access denied": 49, "error decrypting message": 51,
	"protocol version not supported": 70, "insufficient security level": 71, "internal error": 80,
	"unrecognized name": 112, "certificate required": 116, "no application protocol": 120,
}

// Alert returns the number of the alert with which the peer ended TLS (RFC 8446 section 6).
// ok is false if err is not such an alert.
func Alert(err error) (number uint8, ok bool) {
	var exported tls.AlertError
	if errors.As(err, &exported) {
		return uint8(exported), true
	}
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "remote error" || op.Err == nil {
		return 0, false
	}
	text := strings.TrimPrefix(op.Err.Error(), "tls: ")
	if n, known := alertNumbers[text]; known {
		return n, true
	}
	if n, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimPrefix(text, "alert("), ")"), 10, 8); err == nil {
		return uint8(n), true
	}
	return 0, true
}

// ClientCertError is an alert from a server that requested a client certificate.
type ClientCertError struct {
	Sent bool // the client sent a certificate
	Err  error
}

// Error returns a description of the failure.
func (e *ClientCertError) Error() string { return Explain(e) }

// Unwrap returns the alert.
func (e *ClientCertError) Unwrap() error { return e.Err }

// AboutClientCert returns a [ClientCertError] for an alert that a server sends if it
// receives no client certificate, or one that it does not accept. It returns nil for other
// errors. Call it only if the server requested a certificate.
func AboutClientCert(err error, sent bool) error {
	n, ok := Alert(err)
	if !ok {
		return nil
	}
	switch n {
	case 40: // TLS 1.2 uses it for a missing certificate (RFC 5246 section 7.4.6)
		if sent {
			return nil
		}
	case 42, 43, 44, 45, 46, 48, 49, 51, 116:
	default:
		return nil
	}
	return &ClientCertError{Sent: sent, Err: err}
}

// explainAlert returns the meaning of an alert that ends a handshake.
func explainAlert(n uint8, err error) string {
	switch n {
	case 70:
		return "client and server share no TLS version (the server refuses those that the client offers)"
	case 40:
		return "client and server have no cipher suite, key exchange or kind of certificate in common (handshake failure)"
	case 71:
		return "the server requires stronger encryption than the client offers (insufficient security)"
	case 42, 43, 44, 45, 46, 51:
		return "the server refused the client certificate: " + alertText(err)
	case 48:
		return "the server does not trust the CA of the client certificate"
	case 49:
		return "the server denies access (access denied)"
	case 112:
		return "the server has no certificate for the requested name (unrecognized name)"
	case 116:
		return "the server requires a client certificate"
	case 80:
		return "the server reports an internal error"
	}
	return "the server ended TLS: " + alertText(err)
}

// alertText returns the text of an alert in crypto/tls.
func alertText(err error) string {
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		err = op.Err
	}
	return strings.TrimPrefix(err.Error(), "tls: ")
}
