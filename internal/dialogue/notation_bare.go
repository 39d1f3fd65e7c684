package dialogue

import (
	"strings"

	"smtpsh/engine/verb"
	"smtpsh/internal/lazyregexp"
)

var (
	telnetSays = lazyregexp.New(`^(?:Trying .*|Connected to .*|Escape character is .*|Connection closed( by foreign ` +
		`host)?\.?|Connection to .* closed.*|telnet> ?.*|Script (?:started|done) .*|\S*[$#%>] ` +
		`?(?:(?:telnet|nc|ncat|openssl|gnutls-cli)\b.*)?|\S+@\S+:\S*[$#] ?.*|Ncat: .*)$`)
	opensslSays = lazyregexp.New(`^(?:DONE|closed|RENEGOTIATING|KEYUPDATE|read:errno=.*|write:errno=.*|depth=.*|verify ` +
		`(?:return|error).*|Can't use SSL_get_servername|Connecting to .*|[0-9A-F]{8,16}:error:.*|\d+:error:.*)$`)
	opensslBegins = lazyregexp.New(`^(?:CONNECTED\([0-9A-Fa-f]+\)|Can't use SSL_get_servername|depth=\d+ .*|Connecting to .*)$`)
)

// readBare reads a session as it appears on a terminal in telnet or openssl s_client:
// replies have their codes, commands have no mark. It skips the other output of these
// programs.
func readBare(r *reader, lines []string) error {
	b := &bare{reader: r}
	for _, l := range lines {
		b.openssl = b.openssl || opensslBegins().MatchString(strings.TrimRight(l, "\r"))
	}
	for i, l := range lines {
		if err := b.line(i+1, strings.TrimRight(l, "\r")); err != nil {
			return err
		}
	}
	return nil
}

// bare is a session on a terminal that is being read.
type bare struct {
	*reader
	openssl bool
	begun   bool // the first reply was seen
	skip    bool // in the output of s_client about a ticket
}

func (b *bare) line(n int, l string) error {
	s := b.session("")
	switch {
	case b.skip:
		b.skip = l != "read R BLOCK"
		return nil
	case !b.begun:
		return b.before(n, l)
	case b.openssl && l == "---" && !b.inData[s]:
		b.skip = true
		return nil
	case len(b.partial[s]) > 0:
		return b.serverLine(n, "", l)
	case b.inData[s]:
		return b.clientLine(n, "", l)
	case isReplyLine(l):
		return b.serverLine(n, "", l)
	case b.openssl && opensslSays().MatchString(l):
		b.notSent(l)
		return nil
	case telnetSays().MatchString(l) && l != "":
		if strings.HasPrefix(l, "Trying ") {
			b.begin("")
			b.begun = false
		}
		return nil
	case l == "" && b.due[s] <= 0 && len(b.inAuth[s]) == 0:
		return nil
	case b.due[s] > 0 && len(b.inAuth[s]) == 0 && !knownVerb(l):
		return misread(n, l, "neither a reply nor a command")
	case len(b.inAuth[s]) == 0 && (l == "" || !isLetter(l[0])):
		return misread(n, l, "neither a reply nor a command")
	}
	return b.clientLine(n, "", l)
}

// before handles a line before the first reply.
func (b *bare) before(n int, l string) error {
	switch {
	case isReplyLine(l):
		b.begun = true
		if b.openssl && !strings.HasPrefix(l, "220") { // -starttls has consumed the replies before
			b.eaten(l)
			return nil
		}
		return b.serverLine(n, "", l)
	case b.openssl, l == "", telnetSays().MatchString(l):
		return nil
	}
	return misread(n, l, "neither a reply nor a command")
}

// eaten adds what s_client -starttls smtp does before it shows anything. It shows the last
// line of the reply to its EHLO.
func (b *bare) eaten(string) {
	b.note("openssl s_client -starttls does not show the greeting, its EHLO and STARTTLS; they are added")
	s := b.session("")
	b.received(s, "220")
	b.sent(s, "EHLO mail.example.com")
	b.received(s, "250")
	b.sent(s, "STARTTLS")
	b.received(s, "220")
}

// notSent removes a line that s_client interpreted as its own command: one that begins with
// R, K or Q.
func (b *bare) notSent(says string) {
	first := map[string]byte{"RENEGOTIATING": 'R', "KEYUPDATE": 'K', "DONE": 'Q'}[says]
	if n := len(b.Items); first != 0 && n > 0 && b.Items[n-1].Kind == "send" && strings.HasPrefix(b.Items[n-1].Text, string(first)) {
		b.Items = b.Items[:n-1]
		b.looked = min(b.looked, n-1)
		b.due[b.session("")]--
	}
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func knownVerb(line string) bool {
	word, _, _ := strings.Cut(line, " ")
	_, ok := verb.Lookup(strings.ToUpper(word))
	return ok
}
