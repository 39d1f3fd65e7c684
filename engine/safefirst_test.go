package engine

import (
	"crypto/tls"
	"testing"
)

// TestSafeFirstNamesWhatExists: STARTTLS is not advised if TLS is active or the server does
// not offer it.
func TestSafeFirstNamesWhatExists(t *testing.T) {
	offers := Capabilities{{Keyword: "STARTTLS"}}
	for _, tt := range []struct {
		s    *Session
		want AdviceKind
	}{
		{&Session{}, AdviceEhlo},
		{&Session{dialogue: dialogue{hello: "HELO"}}, AdviceEhlo},
		{&Session{dialogue: dialogue{hello: "EHLO", caps: offers}}, AdviceStartTLS},
		{&Session{dialogue: dialogue{hello: "EHLO"}}, AdviceTLSFromStart},
		{&Session{dialogue: dialogue{hello: "EHLO", caps: offers}, encryption: encryption{tls: &tls.ConnectionState{}}}, AdviceTrustCA},
	} {
		if got := SafeFirst(tt.s); got.Kind != tt.want {
			t.Errorf("%+v: %d, want %d", tt.s.hello, got.Kind, tt.want)
		}
	}
}
