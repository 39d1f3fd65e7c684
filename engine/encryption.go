package engine

import (
	"crypto/tls"
	"crypto/x509"
)

// encryption is the part of a session with its TLS state.
type encryption struct {
	tls       *tls.ConnectionState // nil without TLS
	tlsErr    error                // why the server could not be verified
	tlsChains [][]*x509.Certificate
	certAsked bool // the server requested a client certificate, and has sent no reply since
	certSent  bool // the client sent one
	certEver  bool // the server requested one in the handshake
}
