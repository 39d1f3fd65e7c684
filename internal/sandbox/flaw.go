package sandbox

import (
	"fmt"
	"strings"
)

// Flaw is a fault that a server can be given, as in the profile
// "strict+open-relay": what a test of mail setups must find.
type Flaw struct{ Name, Summary string }

// flaws lists them; the code asks for them by name.
var flaws = []Flaw{
	{"open-relay", "takes mail for anybody from anybody"},
	{"no-starttls", "offers no STARTTLS"},
	{"auth-in-clear", "offers AUTH before TLS and takes passwords there"},
	{"mail-without-auth", "takes mail on the submission service without a login"},
	{"tls-old", "still speaks TLS 1.0 and 1.1"},
	{"cert-expired", "its certificate is no longer valid"},
	{"cert-expiring", "its certificate ends in three days"},
	{"cert-wrong-host", "its certificate is for another name"},
	{"cert-unknown-ca", "its certificate is signed by an authority that nobody knows"},
	{"weak-mechanisms", "offers CRAM-MD5, DIGEST-MD5 and ANONYMOUS"},
	{"any-password", "lets everybody in"},
	{"auth-twice", "takes a second AUTH in one session"},
	{"size-ignored", "announces a SIZE and does not enforce it"},
	{"any-recipient", "takes recipients that are no mailboxes"},
	{"any-sender", "takes senders that are no mailboxes"},
	{"no-bounces", "refuses the null reverse-path"},
	{"dots-kept", "does not take the stuffed dots away"},
	{"lines-changed", "stores messages with LF line ends"},
	{"short-lines", "refuses text lines of more than 200 octets"},
	{"lf-dot", "takes LF dot LF for the end of a message"},
	{"lf-dot-crlf", "takes LF dot CRLF for the end of a message"},
	{"injection", "takes what came unencrypted behind STARTTLS for encrypted"},
	{"starttls-again", "still offers STARTTLS inside TLS"},
	{"pipelining-lost", "drops commands that come together"},
	{"early-answer", "answers who speaks before the greeting"},
	{"vrfy-open", "tells with VRFY who has a mailbox"},
	{"expn-open", "tells with EXPN who is on a list"},
	{"rset-ignored", "says 250 to RSET and forgets nothing"},
	{"noop-resets", "forgets the transaction at NOOP"},
	{"8bit-lie", "offers 8BITMIME and refuses BODY"},
	{"utf8-lie", "offers SMTPUTF8 and refuses it"},
	{"dsn-lie", "offers DSN and refuses its parameters"},
	{"bdat-lie", "offers CHUNKING and does not know BDAT"},
	{"unknown-parameters", "takes parameters of MAIL that nobody knows"},
	{"few-recipients", "refuses the eleventh recipient for good"},
	{"crash-on-noise", "hangs up at an unknown command"},
	{"hasty", "hangs up after two seconds of silence"},
}

// Flaws lists the faults that profiles can be given, NAME+flaw+flaw.
func Flaws() []Flaw { return append([]Flaw(nil), flaws...) }

func (p *Profile) has(flaw string) bool { return p.flaws[flaw] }

// addFlaws gives a profile the named faults.
func (p *Profile) addFlaws(names []string) error {
	p.flaws = map[string]bool{}
	for _, n := range names {
		known := false
		for _, f := range flaws {
			known = known || f.Name == n
		}
		if !known {
			all := make([]string, len(flaws))
			for i, f := range flaws {
				all[i] = f.Name
			}
			return fmt.Errorf("the sandbox has no flaw %q: there are %s (smtpsh sandbox --flaws describes them)", n, strings.Join(all, ", "))
		}
		p.flaws[n] = true
	}
	if p.has("weak-mechanisms") {
		p.mechanisms = append(append([]string(nil), p.mechanisms...), "CRAM-MD5", "DIGEST-MD5", "ANONYMOUS")
	}
	if p.has("few-recipients") {
		p.maxRcpts = 10
	}
	for i := range p.Services {
		d := &p.Services[i]
		d.needAuth = d.needAuth && !p.has("mail-without-auth") && !p.has("open-relay")
		d.needTLS = d.needTLS && !p.has("no-starttls")
		d.relay = d.relay || p.has("open-relay")
		d.starttls = d.starttls && !p.has("no-starttls")
	}
	return nil
}

// certFlaw is the kind of certificate that the profile shows.
func (p *Profile) certFlaw() string {
	for _, k := range CertKinds {
		if p.has("cert-" + k) {
			return k
		}
	}
	return "good"
}
