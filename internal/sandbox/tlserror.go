package sandbox

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
)

// TLSError is a failure of TLS at the server's end: of the handshake, or an alert of the
// client's.
type TLSError struct{ Err error }

// Error is the cause's.
func (e *TLSError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *TLSError) Unwrap() error { return e.Err }

// tlsPhase is when an error of TLS came.
type tlsPhase bool

const (
	inHandshake     tlsPhase = true
	behindHandshake tlsPhase = false
)

// ofTLS makes a TLSError of an error of a read or write that is TLS's and not the
// network's. Within the handshake whatever is not the network's is TLS's: crypto/tls has
// no type for most of its errors.
func ofTLS(err error, handshake tlsPhase) error {
	var op *net.OpError
	switch {
	case err == nil, errors.As(err, new(*TLSError)):
		return err
	case errors.As(err, new(tls.RecordHeaderError)), errors.As(err, new(tls.AlertError)):
		return &TLSError{err}
	case errors.As(err, &op):
		if op.Op == "remote error" || op.Op == "local error" { // alerts
			return &TLSError{err}
		}
	case handshake == inHandshake && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, net.ErrClosed):
		return &TLSError{err}
	}
	return err
}
