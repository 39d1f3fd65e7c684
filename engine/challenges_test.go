package engine_test

import (
	"testing"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/engine/saslmech"
)

// A server that continues to ask tries to collect answers. After three answers the client
// cancels with "*" (RFC 4954 section 4), and the session stays in step.
func TestCancelsEndlessLogin(t *testing.T) {
	s := open(t, fake(t, `
S: 220 x
C: EHLO
S: 250 AUTH LOGIN
C: AUTH LOGIN
S: 334 VXNlcm5hbWU6
C: YW5u
S: 334 UGFzc3dvcmQ6
C: cHc=
S: 334 UGFzc3dvcmQ6
C: *
S: 501 canceled
C: NOOP
S: 250 ok
`), engine.Options{AllowInsecureAuth: true})
	if _, err := s.Ehlo(t.Context(), "me"); err != nil {
		t.Fatal(err)
	}
	_, err := s.Auth(t.Context(), engine.AuthOptions{Mechanism: "LOGIN", Credentials: saslmech.Credentials{Username: "ann", Password: "pw"}})
	if err == nil {
		t.Fatal("it went on")
	}
	if r, err := s.Noop(t.Context(), ""); err != nil || r.Code != 250 {
		t.Fatalf("%v, %v", r, err)
	}

	for _, mech := range []string{"CRAM-MD5", "OAUTHBEARER", "XOAUTH2", "PLAIN", "SCRAM-SHA-256"} {
		answers := 0
		seen := event.Func(func(e *event.Event) {
			if e.Kind == event.LineSent && e.Verb == "AUTH" && string(e.Data) != "*\r\n" {
				answers++
			}
		})
		s := open(t, fake(t, "S: 220 x\nC: EHLO\nS: 250 AUTH "+mech+"\nFOREVER 334 PGFAYj4="),
			engine.Options{AllowInsecureAuth: true, Observer: seen})
		if _, err := s.Ehlo(t.Context(), "me"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Auth(t.Context(),
			engine.AuthOptions{Mechanism: mech, Credentials: saslmech.Credentials{Username: "ann", Password: "pw", Token: "t"}}); err == nil {
			t.Errorf("%s: it was taken for a login", mech)
		}
		if answers > 4 { // AUTH itself, and three answers
			t.Errorf("%s: %d lines were answered", mech, answers)
		}
	}
}
