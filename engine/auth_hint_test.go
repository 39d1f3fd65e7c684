package engine_test

import (
	"errors"
	"strings"
	"testing"

	"smtpsh/engine"
	"smtpsh/engine/saslmech"
)

// If no mechanism can be used, the hint names what can help, and nothing that leads to the
// same error.
func TestAuthHints(t *testing.T) {
	creds := saslmech.Credentials{Username: "ann", Password: "s3cret"}
	for _, tt := range []struct{ name, ehlo, mechanism, err, hint string }{
		{"unknown mechanisms alone", "S: 250-hi\nS: 250 AUTH GSSAPI GS2", "", "GSSAPI", "s:auth_raw"},
		{"after STARTTLS more", "S: 250-hi\nS: 250-STARTTLS\nS: 250 AUTH GSSAPI", "", "GSSAPI", "start TLS and send EHLO again"},
		{"credentials that do not fit", "S: 250-hi\nS: 250 AUTH XOAUTH2", "", "no offered mechanism fits", "give credentials for an offered"},
		{"no AUTH", "S: 250-hi\nS: 250 SIZE", "", "no AUTH mechanism", "another port"},
		{"AUTH only after STARTTLS", "S: 250-hi\nS: 250 STARTTLS", "", "only after STARTTLS", "start TLS and send EHLO again"},
		{"a name that is not supported", "S: 250-hi\nS: 250 AUTH GSSAPI", "gssapi", `unsupported mechanism "gssapi"`, "s:auth_raw"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, fake(t, "S: 220 hi\nC: EHLO\n"+tt.ehlo+"\nHANG"), engine.Options{})
			must(t, 250)(s.Ehlo(t.Context(), "me"))
			_, err := s.Auth(t.Context(), engine.AuthOptions{Mechanism: tt.mechanism, Credentials: creds})
			var op *engine.OpError
			if !errors.As(err, &op) || !errors.Is(err, engine.ErrUsage) || !strings.Contains(err.Error(), tt.err) ||
				!strings.Contains(said(op), tt.hint) || strings.Contains(said(op),
				"anyway") {
				t.Errorf("%v: %s", op, said(op))
			}
		})
	}
}
