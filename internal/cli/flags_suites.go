package cli

import (
	"crypto/tls"
	"errors"
	"fmt"

	"smtpsh/engine"
	"smtpsh/engine/tlsinfo"
)

// prepareSuites reads --tls-ciphers, --tls-curves, --tls-legacy and --pin.
func (c *connFlags) prepareSuites(o *engine.TLSOptions) (err error) {
	if c.legacy {
		if c.ciphers != "" {
			return &usageError{err: errors.New("--tls-legacy and --tls-ciphers cannot be combined"), hint: "omit one of them"}
		}
		o.CipherSuites = tlsinfo.LegacySuites()
		if o.MinVersion == 0 {
			o.MinVersion = tls.VersionTLS10
		}
	}
	if c.ciphers != "" {
		if o.CipherSuites, err = tlsinfo.ParseSuites(c.ciphers); err != nil {
			return &usageError{err: fmt.Errorf("--tls-ciphers: %w", err), hint: "for example TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"}
		}
	}
	for _, text := range c.pins {
		p, err := tlsinfo.ParsePin(text)
		if err != nil {
			return &usageError{err: fmt.Errorf("--pin: %q: %w", text, err),
				hint: "the error of a wrong pin shows the key of the server in this form"}
		}
		o.Pins = append(o.Pins, p)
	}
	if c.curves != "" {
		if o.Curves, err = tlsinfo.ParseCurves(c.curves); err != nil {
			return &usageError{err: fmt.Errorf("--tls-curves: %w", err), hint: "the names are " + tlsinfo.CurveNames()}
		}
	}
	return nil
}
