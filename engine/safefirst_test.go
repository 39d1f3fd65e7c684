package engine

import (
	"crypto/tls"
	"strings"
	"testing"
)

// TestSafeFirstNamesWhatExists: nobody is sent to STARTTLS who has TLS, or whose server
// does not offer it.
func TestSafeFirstNamesWhatExists(t *testing.T) {
	offers := Capabilities{{Keyword: "STARTTLS"}}
	for _, tt := range []struct {
		s         *Session
		want, not string
	}{
		{&Session{}, "say EHLO", "465"},
		{&Session{hello: "HELO"}, "say EHLO", "465"},
		{&Session{hello: "EHLO", caps: offers}, "STARTTLS and EHLO first", "465"},
		{&Session{hello: "EHLO"}, "offers no STARTTLS", "first;"},
		{&Session{hello: "EHLO", caps: offers, tls: &tls.ConnectionState{}}, "--ca FILE", "STARTTLS"},
	} {
		if got := SafeFirst(tt.s); !strings.Contains(got, tt.want) || strings.Contains(got, tt.not) {
			t.Errorf("%+v: %q", tt.s.hello, got)
		}
	}
}
