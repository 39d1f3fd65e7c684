package sandbox_test

import (
	"regexp"
	"strings"
	"testing"

	"smtpsh/engine/reply"
	"smtpsh/internal/sandbox"
)

// pairs are replies whose two codes the registry does not list together, with the reason
// why the profile sends them.
var pairs = map[string]string{
	"greylisted":               "450 means that the mailbox is not available now, 4.7.1 that a rule delays mail; Postfix sends both together",
	"mailbox-full":             "class 4 of X.2.2; the registry lists only its permanent code",
	"over-quota":               "class 4 of X.2.2; the registry lists only its permanent code",
	"shutting-down":            "421 is the code of RFC 5321 for it, 4.3.2 that of RFC 3463",
	"too-many-recipients":      "RFC 5321 section 4.5.3.1.10 has 452, RFC 3463 has X.5.3",
	"too-many-unauthenticated": "421 ends the connection; X.7.0 is the general code of a rule",
	"unknown-too-many":         "421 ends the connection; X.7.0 is the general code of a rule",
	"unimplemented":            "502 is the code of RFC 5321 for it; Postfix sends 5.5.1 with it",
}

// TestPlainCodesGoTogether checks the replies of the profiles that imitate no provider: the
// registry must list each enhanced code with its basic code, and their classes must agree.
func TestPlainCodesGoTogether(t *testing.T) {
	number := regexp.MustCompile(`\b[0-9]{3}\b`)
	for _, name := range []string{"plain", "strict", "lmtp"} {
		p, err := sandbox.LookupProfile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range p.Situations() {
			r := reply.Parse([]byte(strings.ReplaceAll(s.Reply, "\n", "\r\n") + "\r\n"))
			if r.Enhanced.Class == 0 {
				continue
			}
			st, ok := reply.LookupEnhanced("X" + r.Enhanced.String()[1:])
			if !ok {
				t.Errorf("%s: %s is not in the registry", s.Key, r.Enhanced)
				continue
			}
			known := number.FindAllString(st.Basic, -1)
			if len(known) > 0 && !strings.Contains(st.Basic, s.Reply[:3]) && pairs[s.Key] == "" {
				t.Errorf("%s: %s %s; the registry names %s", s.Key, s.Reply[:3], r.Enhanced, st.Basic)
			}
		}
	}
	for key, why := range pairs {
		if why == "" {
			t.Errorf("%s has no reason", key)
		}
	}
}

// TestProfilePlainReplies checks that the four weaknesses of plain that the submission
// suite reports are in its text and on the wire, and that strict has none of them.
func TestProfilePlainReplies(t *testing.T) {
	for name, open := range map[string]bool{"plain": true, "strict": false} {
		p, err := sandbox.LookupProfile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"CRAM-MD5", "before a login", "VRFY", "EXPN", "deliberate"} {
			if strings.Contains(p.Detail, word) != open {
				t.Errorf("%s: the text about %s: %q", name, word, p.Detail)
			}
		}
		c := dial(t, start(t, name), "submissions")
		c.dialogue(nil, "S: 220\nC: EHLO client.example")
		hello := ""
		for {
			l := c.line()
			hello += l + "\n"
			if l[3] == ' ' {
				break
			}
		}
		if strings.Contains(hello, "CRAM-MD5") != open {
			t.Errorf("%s: %s", name, hello)
		}
		if open {
			c.dialogue(nil,
				"C: VRFY ann\nS: 250 2.1.5\nC: VRFY nobody-at-all\nS: 252 2.5.0\nC: EXPN everybody\nS: 250\nC: XYZZY\nS: 500 5.5.2\nC: MAIL "+
					"FROM:<a@example.org>\nS: 250\nC: RCPT TO:<moved@sandbox.test>\nS: 551 5.1.0\nC: RCPT TO:<ann@sandbox.test>\nS: 250")
		} else {
			c.dialogue(nil, "C: VRFY ann\nS: 252 2.5.0\nC: EXPN everybody\nS: 502\nC: XYZZY\nS: 500 5.5.2\nC: MAIL FROM:<a@example.org>\nS: 530")
		}
	}
}
