package sandbox

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
)

// TLSError is a failure of TLS on the server: a failed handshake or an alert from the
// client.
type TLSError struct{ Err error }

// Error returns the text of the cause.
func (e *TLSError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *TLSError) Unwrap() error { return e.Err }

// tlsPhase is the time of an error of TLS.
type tlsPhase bool

const (
	inHandshake    tlsPhase = true
	afterHandshake tlsPhase = false
)

// ofTLS wraps an error of TLS in a TLSError and returns other errors unchanged. During the
// handshake every error that is not of the network counts as an error of TLS, because
// crypto/tls has no type for most of its errors.
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
