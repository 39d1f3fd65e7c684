//go:build unix

package peers

import (
	"strings"
	"testing"
)

// standardInput sends a message to sendmail -bs of Postfix, which speaks SMTP on its standard
// input and output, and reads a reply to RCPT from it.
func standardInput(t *testing.T, p *Peers) {
	sendmail := "pipe:/usr/sbin/sendmail -C " + p.Dir + "/pf/etc -bs"
	status, out := p.smtpsh("send", "--server", sendmail, "--from", Ann, "--to", Cat, "--subject", "through a pipe", "--text", "hello")
	for _, want := range []string{"S: 220 mx.example.test ESMTP", "accepted: " + Cat, "connection closed after QUIT"} {
		if status != 0 || !strings.Contains(out, want) {
			t.Fatalf("status %d, want 0 and %q\n%s", status, want, out)
		}
	}
	status, out = p.smtpsh("send", "--server", sendmail, "--from", Ann, "--to", "nobody@example.test", "--stop-after", "rcpt")
	if status != 0 || !strings.Contains(out, "accepted by RCPT: nobody@example.test") {
		t.Errorf("status %d\n%s", status, out)
	}
}
