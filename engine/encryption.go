package engine

import (
	"crypto/tls"
	"crypto/x509"
)

// encryption is the part of a session that knows its TLS state.
type encryption struct {
	tls       *tls.ConnectionState // nil without TLS
	tlsErr    error                // why the peer is not verified
	tlsChains [][]*x509.Certificate
	certAsked bool // the server asked for a client certificate, and has not replied since
	certSent  bool // and got one
}
