package engine_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/secret"
)

// A positive reply with a wrong code is not accepted: no step continues after it.
func TestPositiveReplyWithWrongCodeIsNotAccepted(t *testing.T) {
	for _, code := range []string{"200", "221", "235", "250", "251", "299", "354"} {
		s := open(t, fake(t, "S: 220 hi\nC: STARTTLS\nS: "+code+" go\nHANG"), engine.Options{})
		r, err := s.StartTLS(t.Context())
		if !errors.Is(err, engine.ErrProtocol) || r == nil || s.TLS() != nil || !strings.Contains(err.Error(), "only 220") {
			t.Errorf("STARTTLS %s: %v, %v", code, r, err)
		}
	}
	for _, code := range []string{"220", "235", "250", "251", "334"} {
		s := open(t, fake(t, "S: 220 hi\nC: DATA\nS: "+code+" ok\nHANG"), engine.Options{})
		r, err := s.Data(t.Context(), strings.NewReader("x"))
		if !errors.Is(err, engine.ErrProtocol) || r == nil || !strings.Contains(err.Error(), "only 354") {
			t.Errorf("DATA %s: %v, %v", code, r, err)
		}
	}
}

func TestQuiet(t *testing.T) {
	for _, tt := range []struct {
		greeting string
		quiet    bool
	}{
		{"220 hi\r\n", true},
		{"220 hi\r\n421 bye\r\n", true},
		{"220 hi\r\n250 ok\r\n", false},
		{"220 hi\r\n25", false},
	} {
		s := open(t, fake(t, "S> "+strings.NewReplacer("\r", `\r`, "\n", `\n`).Replace(tt.greeting)+"\nHANG"), engine.Options{})
		err := s.CheckUnsolicited("the end")
		if (err == nil) != tt.quiet || err != nil && !errors.Is(err, engine.ErrProtocol) {
			t.Errorf("%q: %v", tt.greeting, err)
		}
	}
}

// An address cannot add parameters, but quoted local parts can contain anything.
func TestAddressesAddNoParameters(t *testing.T) {
	for address, fine := range map[string]bool{
		"a@b.example": true, "<a@b.example>": true, `"a b"@c.example`: true, `"a>b"@c.example`: true, `"a\">b"@c.example`: true, "": true,
		"a@b> SIZE=1 <": false, "a@b.example SIZE=1": false, "a@b>": false, "a <b@c>": false, `"a" b@c`: false, "a@b\tBODY=7BIT": false,
	} {
		script := "S: 220 hi\nHANG"
		if fine {
			script = "S: 220 hi\nC: MAIL\nS: 250 ok\nHANG"
		}
		s := open(t, fake(t, script), engine.Options{})
		_, err := s.Mail(t.Context(), address)
		if (err == nil) != fine || err != nil && !errors.Is(err, engine.ErrUsage) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// Secrets are found in the forms in which servers repeat them, in all sessions that share
// them.
func TestSecretsInOtherForms(t *testing.T) {
	var k secret.Set
	k.Add("s3cr3t-Pass w0rd")
	for _, text := range []string{
		"s3cr3t-Pass w0rd", "S3CR3T-PASS W0RD", "x=s3cr3t-Pass+w0rd", "s3cr3t-Pass%20w0rd",
		"7333637233742d5061737320773072642e", "czNjcjN0LVBhc3MgdzByZA==", "dXNlcjpzM2NyM3QtUGFzcyB3MHJk",
		"eyJwYXNzIjoiczNjcjN0LVBhc3MgdzByZCJ9", "AHVzZXIAczNjcjN0LVBhc3MgdzByZA==",
	} {
		got := k.Mask(text)
		if !strings.Contains(got, "********") || strings.Contains(strings.ToLower(got), "s3cr3t") || strings.Contains(got, "NyM3QtUGFz") ||
			strings.Contains(got,
				"NjcjN0LVBhc3") {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
	if text := "a plain text, 250 2.1.0 ok, U2VuZA=="; k.Mask(text) != text {
		t.Errorf("%q is shown as %q", text, k.Mask(text))
	}
	ev := newEvents()
	open(t, fake(t, "S: 220 hello s3cr3t-Pass w0rd\nHANG"), engine.Options{Observer: ev, Secrets: &k})
	if strings.Contains(ev.String(), "s3cr3t") {
		t.Errorf("another session shows it: %s", ev)
	}
}

// The deadline limits a session even if every single wait is short.
func TestDeadlineEndsSession(t *testing.T) {
	s := open(t, fake(t, "S: 220 hi\nFOREVER 250 ok"), engine.Options{Deadline: 200 * time.Millisecond})
	for {
		if _, err := s.Noop(t.Context(), ""); err != nil {
			if !errors.Is(err, engine.ErrTimeout) || !strings.Contains(err.Error(), "whole session") {
				t.Errorf("got %v", err)
			}
			return
		}
	}
}
