package dialer

import (
	"crypto/tls"
	"errors"
	"fmt"

	"smtpsh/engine"
	"smtpsh/engine/tlsinfo"
)

// TLSChoice is what the command line and the prompt say about what TLS offers and which keys
// it accepts.
type TLSChoice struct {
	Ciphers string   // cipher suites for TLS 1.2 and older, separated by commas
	Curves  string   // key exchanges, separated by commas
	ALPN    string   // application protocols, separated by commas
	Legacy  bool     // also offer what only old servers need
	Pins    []string // public keys, as sha256/BASE64
}

// ChoiceError is an error in a TLSChoice. It names the flag, and has a hint.
type ChoiceError struct {
	Err  error
	Hint string
}

// Error returns the text without the hint.
func (e *ChoiceError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *ChoiceError) Unwrap() error { return e.Err }

// Apply sets the options. Every error is a *ChoiceError.
func (c TLSChoice) Apply(o *engine.TLSOptions) (err error) {
	wrong := func(err error, hint string) error { return &ChoiceError{Err: err, Hint: hint} }
	if c.Legacy {
		if c.Ciphers != "" {
			return wrong(errors.New("--tls-legacy and --tls-ciphers cannot be combined"), "omit one of them")
		}
		o.CipherSuites = tlsinfo.LegacySuites()
		if o.MinVersion == 0 {
			o.MinVersion = tls.VersionTLS10
		}
	}
	if c.Ciphers != "" {
		if o.CipherSuites, err = tlsinfo.ParseSuites(c.Ciphers); err != nil {
			return wrong(fmt.Errorf("--tls-ciphers: %w", err), "for example TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")
		}
	}
	var pins []tlsinfo.Pin
	for _, text := range c.Pins {
		p, err := tlsinfo.ParsePin(text)
		if err != nil {
			return wrong(fmt.Errorf("--pin: %q: %w", text, err), "the error of a wrong pin shows the key of the server in this form")
		}
		pins = append(pins, p)
	}
	if pins != nil {
		o.Pins = pins
	}
	if c.Curves != "" {
		if o.Curves, err = tlsinfo.ParseCurves(c.Curves); err != nil {
			return wrong(fmt.Errorf("--tls-curves: %w", err), "the names are "+tlsinfo.CurveNames())
		}
	}
	if c.ALPN != "" {
		if o.ALPN, err = tlsinfo.ParseALPN(c.ALPN); err != nil {
			return wrong(fmt.Errorf("--alpn: %w", err), "for example --alpn smtp")
		}
	}
	return nil
}
