package repl_test

import (
	"os"
	"strings"
	"testing"

	"smtpsh/engine"
	"smtpsh/internal/dialer"
	"smtpsh/internal/inspect"
	"smtpsh/internal/sandbox"
)

// TestErrorsAndHintsAtThePrompt checks texts of errors, hints and help.
func TestErrorsAndHintsAtThePrompt(t *testing.T) {
	for _, tt := range []struct{ target, lines, want, not string }{
		{
			"sandbox:plain/465", "EHLO me\n:login ann@sandbox.test",
			":login - ann@sandbox.test and :up ann@sandbox.test select the strongest offered mechanism",
			"is not spoken|ANN@",
		},
		{"sandbox:plain/465", "EHLO me\n:login u x", "unknown mechanism u", "is not spoken"},
		{"sandbox:plain/465", "EHLO me\n:login u x", "use :login MECHANISM USER", "and :up u"},
		{"sandbox:plain/465", "EHLO me\n:login u", "and :up u", ""},
		{"sandbox:plain", ":help send", ":send FILE [raw] Send a file", ""},
		{"sandbox:plain", ":help send", "SEND a command: write a message", "obsolete) The prompt has a command with the same name: :send FILE"},
		{"sandbox:plain", ":help SEND", "obsolete) The prompt has a command with the same name: :send FILE", ""},
		{"sandbox:plain", ":help up", ":up [USER] [SOURCE]", ""},
		{"sandbox:plain/mx", "EHLO me\n:caps", "offered without TLS, 10 extensions", "unencrypted"},
		{"sandbox:plain", ":up", "", "ready: plain"},
	} {
		p := &person{terminal: true, typed: append(strings.Split(tt.lines, "\n"), ":q")}
		out, err := play(t, p, tt.target)
		out = strings.Join(strings.Fields(out), " ")
		if err != nil || !strings.Contains(out, strings.TrimSpace(tt.want)) {
			t.Errorf("%q: want %q: %v\n%s", tt.lines, tt.want, err, out)
		}
		for not := range strings.SplitSeq(tt.not, "|") {
			if not != "" && strings.Contains(out, not) {
				t.Errorf("%q: has %q\n%s", tt.lines, not, out)
			}
		}
	}
}

// TestCAFlagTurnsVerificationOn: --ca verifies the server although verification was off
// before, and the reason for a failure is reported once.
func TestCAFlagTurnsVerificationOn(t *testing.T) {
	srv, err := sandbox.Start(sandbox.Options{Profile: "plain"})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	ca := t.TempDir() + "/ca.pem"
	if err := os.WriteFile(ca, srv.CA(), 0o600); err != nil {
		t.Fatal(err)
	}
	const said = "--ca turns verification on for this session"
	for _, tt := range []struct {
		lines    string
		off      bool
		verified bool
		said     bool
	}{
		{":set verify off\n:reconnect --ca " + ca, false, true, true},
		{":set verify off\n:open " + srv.Addr("mx") + " --ca " + ca, false, true, true},
		{":set verify off\n:connections add " + srv.Addr("mx") + " --ca " + ca, false, true, true},
		{":reconnect --insecure\n:reconnect --ca " + ca, false, true, true},
		{":reconnect --ca " + ca, true, true, true},
		{":reconnect --ca " + ca, false, true, false},
		{":set verify off\n:reconnect --ca " + ca + " --insecure", false, true, false}, // verification is tried, but not required
		{":set verify off\n:reconnect", false, false, false},
	} {
		d := &dialer.Dialer{Options: engine.Options{}}
		d.Options.TLS.Insecure = tt.off
		out, err := elsewhere(t, d, srv.Addr("mx"), inspect.Address{}, tt.lines+"\nEHLO me\nSTARTTLS")
		not := 1
		if tt.verified {
			not = 0
		}
		if err != nil || strings.Contains(out, "verified as") != tt.verified || strings.Contains(out, said) != tt.said || strings.Count(out,
			"NOT VERIFIED") != not {
			t.Errorf("%q: %v\n%s", tt.lines, err, out)
		}
	}
	// a wrong CA fails
	other, err := sandbox.Start(sandbox.Options{Profile: "plain"})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for lines, want := range map[string]bool{
		":set verify off\n:reconnect --ca " + ca:            true,
		":set verify off\n:reconnect --insecure --ca " + ca: false,
	} {
		_, err := elsewhere(t, &dialer.Dialer{}, other.Addr("mx"), inspect.Address{}, lines+"\nEHLO me\nSTARTTLS")
		if (err != nil) != want {
			t.Errorf("%q: %v", lines, err)
		}
	}
}
