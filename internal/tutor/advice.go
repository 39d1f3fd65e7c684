package tutor

import (
	"fmt"
	"strings"

	"smtpsh/engine/verb"
)

// Situation is where a session stands when a line is about to be sent.
type Situation struct {
	Phase   verb.Phase
	TLS     bool
	User    string
	Has     func(keyword string) bool
	Greeted bool // EHLO was accepted, so Has knows
}

// Advise says what will keep a line from working, "" when nothing is seen that
// would, or when that was told before.
func (t *Tutor) Advise(at Situation, line string) string {
	kind, text := advice(at, line)
	if kind == "" {
		return ""
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.fact("advice "+kind, text)
}

// advice finds the first thing that is wrong with a line.
func advice(at Situation, line string) (kind, text string) {
	word, arg, _ := strings.Cut(strings.TrimSpace(line), " ")
	name := strings.ToUpper(word)
	arg = strings.TrimSpace(arg)
	v, ok := verb.Lookup(name)
	switch {
	case line != "" && line[0] == ' ':
		return "space", "A command begins at the beginning of the line; many servers refuse a space before it."
	case !ok:
		return "unknown " + name, fmt.Sprintf("%s is no command that a standard knows; the server will say 500 or 502.", quoted(word))
	case (name == "MAIL" || name == "RCPT") && pathFault(name, arg) != "":
		return "path " + name, pathFault(name, arg)
	case (name == "EHLO" || name == "HELO" || name == "LHLO") && arg == "":
		return "name", name + " wants the name of the machine that speaks: " + name + " client.example.org"
	case name == "STARTTLS" && at.TLS:
		return "tls", "TLS is on already; it is started once in a session."
	case name == "AUTH" && at.User != "":
		return "auth twice", "Somebody has logged in already: " + quoted(at.User) + ". A session belongs to one user."
	case name == "AUTH" && !at.TLS && at.Has("STARTTLS"):
		return "auth tls", "The connection is not encrypted: anybody on the way could read the password. STARTTLS first; most servers offer " +
			"AUTH only then."
	case v.Extension != "" && at.Greeted && !at.Has(v.Extension):
		return "extension " + name, fmt.Sprintf("The server has not offered %s, so it will hardly know %s.", v.Extension, name)
	case !v.Phases.Has(at.Phase):
		return "phase " + name, fmt.Sprintf("It is too early or too late for %s: %s.", name, when(v, at.Phase))
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

// when says what must come before a verb.
func when(v verb.Verb, now verb.Phase) string {
	switch {
	case now == verb.Greeted:
		return "introduce yourself with EHLO first"
	case v.Name == "RCPT":
		return "recipients come after an accepted MAIL FROM"
	case v.Name == "DATA" || v.Name == "BDAT":
		return "the message comes after an accepted MAIL FROM and at least one accepted RCPT TO"
	case v.Name == "MAIL":
		return "a transaction is open already; RSET or the end of the message closes it"
	case now == verb.Chunks:
		return "a message is under way; BDAT with LAST ends it, RSET forgets it"
	}
	return v.Name + " is for " + v.Phases.String()
}

// pathFault finds what is wrong with the argument of MAIL and RCPT as far as the
// address.
func pathFault(name, arg string) string {
	want := map[string]string{"MAIL": "FROM:", "RCPT": "TO:"}[name]
	example := map[string]string{"MAIL": "MAIL FROM:<ann@example.org>", "RCPT": "RCPT TO:<bob@example.org>"}[name]
	switch {
	case len(arg) < len(want) || !strings.EqualFold(arg[:len(want)], want):
		return "It is written " + example + ", with the colon."
	case strings.HasPrefix(arg[len(want):], " "):
		return "No space belongs behind the colon: " + example + ". Some servers overlook it."
	case !strings.HasPrefix(arg[len(want):], "<") || !strings.Contains(arg, ">"):
		return "The address stands in angle brackets: " + example + "."
	}
	return ""
}

// paramFault finds a parameter that the server has not offered.
func paramFault(at Situation, name, arg string) (kind, text string) {
	_, rest, _ := strings.Cut(arg, ">")
	if !at.Greeted {
		return "", ""
	}
	for word := range strings.FieldsSeq(rest) {
		key, _, _ := strings.Cut(word, "=")
		for _, p := range verb.LookupParam(key) {
			if p.Verb == name && p.Extension != "" && !at.Has(p.Extension) {
				return "param " + p.Name, fmt.Sprintf("%s needs %s, which the server has not offered; it will say 555 or 501.", p.Name, p.Extension)
			}
		}
	}
	return "", ""
}
