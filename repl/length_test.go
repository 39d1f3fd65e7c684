package repl_test

import (
	"strings"
	"testing"
)

// Too long lines are not sent, and a message with such a line is kept.
func TestRejectsTooLongLines(t *testing.T) {
	long := strings.Repeat("x", 3000)
	for name, tt := range map[string]struct {
		typed []string
		want  []string
		not   string
	}{
		"a command": {
			[]string{"NOOP " + long, "RSET"},
			[]string{"3007 bytes with CRLF, more than the 512", "use :raw to send it", "S: 250"},
			"S: 500",
		},
		"a login": {
			[]string{"EHLO me", "AUTH PLAIN " + strings.Repeat("QUFB", 200), "RSET"},
			[]string{"more than the 512", "answer the 334"}, "S: 503",
		},
		"a message": {
			[]string{
				"EHLO me", "MAIL FROM:<a@example.org>", "RCPT TO:<bob@sandbox.test>", "DATA",
				"Subject: x", "", long, "NOOP", ".", ":reconnect", "EHLO me",
			},
			[]string{
				"line 3 has 3000 bytes, more than the 998",
				"the connection was closed, nothing was sent",
				"your text is kept: after MAIL and RCPT, :send last",
			},
			"message 1 accepted",
		},
		"a batch": {[]string{":pipe", "RSET", "NOOP " + long, ".", "NOOP"}, []string{"more than the 512", "S: 250"}, "C: RSET"},
	} {
		p := &person{terminal: true, typed: tt.typed}
		out, err := play(t, p, "sandbox:plain/mx")
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, want := range tt.want {
			if !strings.Contains(out, want) {
				t.Errorf("%s: no %q in\n%s", name, want, strings.ReplaceAll(out, long, "xxx"))
			}
		}
		if strings.Contains(out, tt.not) {
			t.Errorf("%s: %q in\n%s", name, tt.not, strings.ReplaceAll(out, long, "xxx"))
		}
	}
}
