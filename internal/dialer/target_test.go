package dialer_test

import (
	"strings"
	"testing"

	"smtpsh/engine"
	"smtpsh/internal/dialer"
)

func TestParseTarget(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want string // target.String and its flags, or "error: " and a part of it
	}{
		{"sandbox:", "sandbox:gmail"},
		{"sandbox", "sandbox:gmail"},
		{"Sandbox:plain", "sandbox:plain"},
		{"sandbox:plain", "sandbox:plain"},
		{"sandbox:gmail/465", "sandbox:gmail/submissions tls"},
		{"sandbox:gmail/25", "sandbox:gmail/mx"},
		{"sandbox:lmtp", "sandbox:lmtp lmtp"},
		{"sandbox:gmail/99", "error: services"},
		{"sandbox:a b", "error: has a space"},
		{"", "error: the target is empty"},
		{"sandboxes:gmail", "error: is no scheme"},
		{"http://mx", "error: scheme must be smtp"},
	} {
		target, err := dialer.ParseTarget(tt.in)
		if want, bad := strings.CutPrefix(tt.want, "error: "); bad {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: %v, %v; want an error with %q", tt.in, target, err, want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", tt.in, err)
			continue
		}
		got := target.String()
		if target.Implicit {
			got += " tls"
		}
		if target.LMTP {
			got += " lmtp"
		}
		if got != tt.want || !target.BuiltIn() {
			t.Errorf("%q: %s, want %s", tt.in, got, tt.want)
		}
		again, err := dialer.ParseTarget(target.String())
		if err != nil || again != target {
			t.Errorf("%s reads as %+v (%v), want %+v", target, again, err, target)
		}
	}
	for _, s := range []string{"mx.example.org", "smtps://mx.example.org", "lmtp://[::1]:24", "unix:/run/lmtp.sock"} {
		want, err := engine.ParseTarget(s)
		if got, gerr := dialer.ParseTarget(s); err != nil || gerr != nil || got.Target != want || got.BuiltIn() {
			t.Errorf("%s: %+v (%v), want %+v", s, got, gerr, want)
		}
	}
}
