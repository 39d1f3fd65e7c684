package sandbox

import (
	"fmt"
	"slices"
	"strings"

	"smtpsh/internal/suggest"
)

// Flaw is a deliberate fault of a profile, such as the fault open-relay in
// "strict+open-relay". Tests of mail setups must find it.
type Flaw struct{ Name, Summary string }

// flaws lists all faults. The code checks them by name with Profile.has.
var flaws = []Flaw{
	{"open-relay", "accepts mail from any client to any recipient"},
	{"no-starttls", "does not offer STARTTLS"},
	{"auth-in-clear", "offers AUTH before TLS and accepts unencrypted passwords"},
	{"mail-without-auth", "accepts mail on the submission service without a login"},
	{"tls-old", "accepts TLS 1.0 and 1.1"},
	{"cert-expired", "shows a certificate that has expired"},
	{"cert-expiring", "shows a certificate that expires in three days"},
	{"cert-wrong-host", "shows a certificate for another host name"},
	{"cert-unknown-ca", "shows a certificate that an unknown CA has signed"},
	{"weak-mechanisms", "offers CRAM-MD5, DIGEST-MD5, NTLM and ANONYMOUS"},
	{"any-password", "accepts every login"},
	{"auth-twice", "accepts a second AUTH in one session"},
	{"size-ignored", "announces a SIZE limit but does not enforce it"},
	{"any-recipient", "accepts recipients that are not mailbox addresses"},
	{"any-sender", "accepts senders that are not mailbox addresses"},
	{"no-bounces", "rejects the null reverse-path (MAIL FROM:<>)"},
	{"dots-kept", "does not remove stuffed dots"},
	{"lines-changed", "stores messages with LF line endings"},
	{"short-lines", "rejects text lines of more than 200 bytes"},
	{"lf-dot", "accepts LF dot LF as the end of a message"},
	{"lf-dot-crlf", "accepts LF dot CRLF as the end of a message"},
	{"injection", "executes plaintext commands sent after STARTTLS as if they were encrypted"},
	{"starttls-again", "offers STARTTLS again inside TLS"},
	{"pipelining-lost", "drops commands that are pipelined after another command"},
	{"early-answer", "executes a command that is sent before the greeting"},
	{"vrfy-open", "reveals with VRFY which mailboxes exist"},
	{"expn-open", "reveals the members of a list with EXPN"},
	{"rset-ignored", "answers RSET with 250 but keeps the transaction"},
	{"noop-resets", "drops the transaction at NOOP"},
	{"8bit-lie", "offers 8BITMIME but rejects the parameter BODY"},
	{"utf8-lie", "offers SMTPUTF8 but rejects the parameter SMTPUTF8"},
	{"dsn-lie", "offers DSN but rejects its parameters"},
	{"bdat-lie", "offers CHUNKING but does not know BDAT"},
	{"unknown-parameters", "accepts unknown parameters of MAIL and RCPT"},
	{"few-recipients", "rejects the eleventh recipient with a permanent error (550)"},
	{"crash-on-noise", "closes the connection after an unknown command"},
	{"hasty", "closes the connection after two seconds without a command"},
}

// features lists what can be added to a profile in the same way as a fault, but is none.
var features = []Flaw{
	{"prdr", "offers PRDR: a reply to the message for each recipient"},
	{"xclient", "offers XCLIENT and XFORWARD to every client"},
	{"proxy-protocol", "requires a PROXY protocol header (v1 or v2) at the beginning of each connection"},
}

// Features returns what can be added to a profile and is no fault, as PROFILE+FEATURE.
func Features() []Flaw { return append([]Flaw(nil), features...) }

// Flaws returns the faults that can be added to a profile, as PROFILE+FAULT+FAULT.
func Flaws() []Flaw { return append([]Flaw(nil), flaws...) }

func (p *Profile) has(flaw string) bool { return p.flaws[flaw] }

// addFlaws adds the named faults to a profile. An unknown name is an error.
func (p *Profile) addFlaws(names []string) error {
	p.flaws = map[string]bool{}
	for _, n := range names {
		known := false
		all := make([]string, 0, len(flaws)+len(features))
		for _, f := range slices.Concat(flaws, features) {
			known = known || f.Name == n
			all = append(all, f.Name)
		}
		if !known {
			return fmt.Errorf("the sandbox has no fault or feature %q%s (smtpsh sandbox --flaws lists them)", n, suggest.DidYouMean(n, all))
		}
		p.flaws[n] = true
	}
	if p.has("weak-mechanisms") {
		p.mechanisms = append(append([]string(nil), p.mechanisms...), "CRAM-MD5", "DIGEST-MD5", "NTLM", "ANONYMOUS")
	}
	if p.has("few-recipients") {
		p.maxRcpts = 10
	}
	for i := range p.Services {
		d := &p.Services[i]
		if p.has("prdr") && !d.LMTP {
			d.extensions = append(slices.Clone(d.extensions), "PRDR")
		}
		if p.has("xclient") {
			d.extensions = append(slices.Clone(d.extensions),
				"XCLIENT "+strings.Join(xclientNames, " "), "XFORWARD "+strings.Join(xforwardNames, " "))
		}
		d.needAuth = d.needAuth && !p.has("mail-without-auth") && !p.has("open-relay")
		d.needTLS = d.needTLS && !p.has("no-starttls")
		d.relay = d.relay || p.has("open-relay")
		d.starttls = d.starttls && !p.has("no-starttls")
	}
	return nil
}

// certFlaw returns the kind of certificate that the profile shows.
func (p *Profile) certFlaw() string {
	for _, k := range CertKinds {
		if p.has("cert-" + k) {
			return k
		}
	}
	return "good"
}
