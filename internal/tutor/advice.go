package tutor

import (
	"fmt"
	"strings"

	"smtpsh/engine/verb"
)

// Situation is the state of a session before a line is sent.
type Situation struct {
	Phase   verb.Phase
	TLS     bool
	User    string
	Has     func(keyword string) bool
	Greeted bool // EHLO was accepted, so Has returns its keywords
}

// Advise returns a warning if a line cannot work in the given situation. It returns "" if
// it finds no problem, or if it has returned this warning before.
func (t *Tutor) Advise(at Situation, line string) string {
	kind, text := advice(at, line)
	if kind == "" {
		return ""
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.fact("advice "+kind, text)
}

// advice returns the first problem of a line, and its kind.
func advice(at Situation, line string) (kind, text string) {
	word, arg, _ := strings.Cut(strings.TrimSpace(line), " ")
	name := strings.ToUpper(word)
	arg = strings.TrimSpace(arg)
	v, ok := verb.Lookup(name)
	switch {
	case line != "" && line[0] == ' ':
		return "space", "Remove the space before the command; many servers reject it."
	case !ok:
		return "unknown " + name, fmt.Sprintf("%s is not a standard SMTP command; the server will answer 500 or 502.", quoted(word))
	case (name == "MAIL" || name == "RCPT") && pathFault(name, arg) != "":
		return "path " + name, pathFault(name, arg)
	case (name == "EHLO" || name == "HELO" || name == "LHLO") && arg == "":
		return "name", name + " requires the host name of the client: " + name + " client.example.org"
	case name == "STARTTLS" && at.TLS:
		return "tls", "TLS is active already; a session can start it only once."
	case name == "AUTH" && at.User != "":
		return "auth twice", "This session is logged in already, as " + quoted(at.User) + ". A session can log in only one user."
	case name == "AUTH" && !at.TLS && at.Has("STARTTLS"):
		return "auth tls", "The connection is not encrypted: anybody on the network path could read the password. Send STARTTLS first; " +
			"most servers offer AUTH only after it."
	case v.Extension != "" && at.Greeted && !at.Has(v.Extension):
		return "extension " + name, fmt.Sprintf("The server does not offer %s, so it will probably reject %s.", v.Extension, name)
	case !v.Phases.Has(at.Phase):
		return "phase " + name, fmt.Sprintf("%s is not possible now: %s.", name, when(v, at.Phase))
	case name == "MAIL" || name == "RCPT":
		return paramFault(at, name, arg)
	}
	return "", ""
}

func quoted(s string) string {
	if len(s) > 40 {
		s = s[:40] + "..."
	}
	return fmt.Sprintf("%q", s)
}

// when explains in which state a verb is possible.
func when(v verb.Verb, now verb.Phase) string {
	switch {
	case now == verb.Greeted:
		return "send EHLO first"
	case v.Name == "RCPT":
		return "recipients come after an accepted MAIL FROM"
	case v.Name == "DATA" || v.Name == "BDAT":
		return "the message comes after an accepted MAIL FROM and at least one accepted RCPT TO"
	case v.Name == "MAIL":
		return "a transaction is open already; RSET or the end of the message ends it"
	case now == verb.Chunks:
		return "a message has been begun; BDAT with LAST ends it, RSET discards it"
	}
	return v.Name + " is possible only in the state " + v.Phases.String()
}

// pathFault returns what is wrong with the address in the argument of MAIL or RCPT.
func pathFault(name, arg string) string {
	want := map[string]string{"MAIL": "FROM:", "RCPT": "TO:"}[name]
	example := map[string]string{"MAIL": "MAIL FROM:<ann@example.org>", "RCPT": "RCPT TO:<bob@example.org>"}[name]
	switch {
	case len(arg) < len(want) || !strings.EqualFold(arg[:len(want)], want):
		return "Write " + example + ", with the colon."
	case strings.HasPrefix(arg[len(want):], " "):
		return "Remove the space after the colon: " + example + ". Only some servers accept it."
	case !strings.HasPrefix(arg[len(want):], "<") || !strings.Contains(arg, ">"):
		return "Write the address in angle brackets: " + example + "."
	}
	return ""
}

// paramFault returns the first parameter whose extension the server does not offer.
func paramFault(at Situation, name, arg string) (kind, text string) {
	_, rest, _ := strings.Cut(arg, ">")
	if !at.Greeted {
		return "", ""
	}
	for word := range strings.FieldsSeq(rest) {
		key, _, _ := strings.Cut(word, "=")
		for _, p := range verb.LookupParam(key) {
			if p.Verb == name && p.Extension != "" && !at.Has(p.Extension) {
				return "param " + p.Name, fmt.Sprintf("%s requires the extension %s, which the server does not offer; it will answer 555 or 501.",
					p.Name, p.Extension)
			}
		}
	}
	return "", ""
}
