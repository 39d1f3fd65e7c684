package repl_test

import (
	"strings"
	"testing"

	"smtpsh/engine"
	"smtpsh/internal/dialer"
	"smtpsh/internal/inspect"
	"smtpsh/internal/sandbox"
)

// TestWrongPositiveCodeSendsNoSecondPart: after a positive reply to DATA other than 354, or
// to AUTH other than 334 and 235, the lines that follow are not sent as commands.
func TestWrongPositiveCodeSendsNoSecondPart(t *testing.T) {
	const message = "Subject: x\n\nQUIT please\nhello\n.\n"
	const skipped = "the reply to DATA was %CODE% instead of 354: 4 lines up to the dot are not sent, neither as a message nor as commands"
	for _, tt := range []struct{ on, reply, lines, want, unsent string }{
		{"DATA", "250 ok", "DATA\n" + message + "NOOP", skipped, "C: Subject|C: QUIT please|C: hello|C: .\n"},
		{"DATA", "235 2.7.0 ok", "DATA\n" + message + "NOOP", skipped, "C: Subject|C: QUIT please|C: hello|C: .\n"},
		{"DATA", "334 go", "NOOP\nDATA\n" + message, skipped, "C: Subject|C: QUIT please|C: hello|C: .\n"},
		{"DATA", "334 go", "NOOP\n:pipe\nDATA\n.\n" + message, skipped, "C: Subject|C: hello"},
		{"DATA", "334 go", "NOOP\nDATA\n.", "the connection was closed: after 334 to DATA", "C: .\n"},
		{"DATA", "250 ok", ":expect 250\nDATA\n" + message + "NOOP", skipped, "C: Subject|C: hello"},
		{"DATA", "250 ok", ":pipe\nDATA\n.\n" + message + "NOOP", skipped, "C: Subject|C: hello"},
		{"DATA", "250 ok", ":raw DATA\\r\\n\n" + message + "NOOP", skipped, "C: Subject|C: QUIT please|C: hello"},
		{"DATA", "334 go", "NOOP\n:raw DATA\\r\\n\n" + message, skipped, "C: Subject|C: QUIT please|C: hello|C: .\n"},
		{"DATA", "250 ok", ":raw DATA\\r\\nRSET\\r\\n\nNOOP", "C: NOOP", "no message was sent"},
		{
			"DATA", "250 ok", "DATA\n.\nNOOP",
			"the reply to DATA was 250 instead of 354: no message was sent",
			"C: .\n",
		},
		{"DATA", "250 ok", "DATA\nNOOP", "C: NOOP", "no message was sent"},
		{
			"AUTH", "250 fine", "AUTH LOGIN\nYW5u\nYW5uLXNlY3JldA==\nNOOP",
			"the reply to AUTH was %CODE% instead of 334 or 235: this line looks like a part of the login and is not sent",
			"YW5u",
		},
	} {
		srv, err := sandbox.Start(sandbox.Options{Profile: "plain"})
		if err != nil {
			t.Fatal(err)
		}
		if err := srv.On(sandbox.Rule{On: tt.on, Sequence: []sandbox.Action{{Raw: []byte(tt.reply + "\r\n")}}}); err != nil {
			t.Fatal(err)
		}
		d := &dialer.Dialer{Options: engine.Options{}}
		d.Options.TLS.RootCAs = srv.Roots()
		out, err := elsewhere(t, d, srv.Addr("mx"), inspect.Address{},
			"EHLO me\nMAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\n"+tt.lines)
		srv.Close()
		want := strings.ReplaceAll(tt.want, "%CODE%", tt.reply[:3])
		if err != nil || !strings.Contains(out, want) || strings.Count(out, "C: NOOP") != 1 {
			t.Errorf("%q answered %q: want %q: %v\n%s", tt.lines, tt.reply, want, err, out)
		}
		for unsent := range strings.SplitSeq(tt.unsent, "|") {
			if strings.Contains(out, unsent) {
				t.Errorf("%q answered %q: %q is shown\n%s", tt.lines, tt.reply, unsent, out)
			}
		}
	}
}
