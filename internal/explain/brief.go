package explain

import (
	"fmt"
	"strings"

	"smtpsh/engine/reply"
	"smtpsh/engine/saslmech"
	"smtpsh/engine/verb"
)

// Command says in a sentence what a line that a client sends means; "" for what
// is no command.
func Command(line string) string {
	word, arg, _ := strings.Cut(strings.TrimSpace(line), " ")
	name := strings.ToUpper(word)
	v, ok := verb.Lookup(name)
	if !ok {
		return ""
	}
	if m, found := saslmech.LookupInfo(firstWord(arg)); name == "AUTH" && found {
		return "AUTH " + m.Name + ": " + firstSentence(m.Explain)
	}
	return name + ": " + v.Summary + ". " + firstSentence(v.Explain)
}

func firstWord(s string) string {
	w, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	return strings.ToUpper(w)
}

// firstSentence is the beginning of a text up to its first full stop.
func firstSentence(s string) string {
	if i := strings.Index(s, ". "); i > 0 {
		return s[:i+1]
	}
	return s
}

// Code says in a few words what a reply code means.
func Code(code int) string {
	if st, ok := reply.LookupStatus(code); ok {
		return fmt.Sprintf("%d: %s", code, firstSentence(st.Meaning))
	}
	if name, meaning := reply.ClassOf(code); name != "" {
		return fmt.Sprintf("%d: %s. %s", code, name, firstSentence(meaning))
	}
	return ""
}

// EnhancedCode says in a few words what an enhanced status code means; "" for one
// that is not in the registry.
func EnhancedCode(code string) string {
	if st, ok := reply.LookupEnhanced(code); ok {
		return code + ": " + firstSentence(st.Meaning)
	}
	return ""
}

// Capability says in a sentence what a line of an EHLO reply offers.
func Capability(keyword string) string {
	e, ok := verb.LookupExtension(keyword)
	if !ok {
		return ""
	}
	if e.Keyword == "AUTH" {
		return "AUTH: ways to log in, one of which the AUTH command names."
	}
	return e.Keyword + ": " + firstSentence(e.Explain)
}

// Refusal says what a negative reply to a command means, what is behind it and what
// to try. google says that the server is Google's.
func Refusal(r *reply.Reply, command string, google bool) string {
	who, means, try := behind(r, command, google)
	text := strings.TrimSpace(means + " " + try)
	switch who {
	case "Google":
		return "Google: " + text
	case "means":
		return text
	}
	what := Code(r.Code)
	if e := EnhancedCode(r.Enhanced.String()); e != "" && r.Enhanced.Detail != 0 && r.Code != 503 {
		what = e
	}
	if means != "" {
		text = "Usual cause: " + text
	}
	return strings.TrimSpace(what + "\n" + text)
}

// Reply says in a sentence or two what a reply to a command means, and for a
// refusal what is behind it. google says that the server is Google's.
func Reply(r *reply.Reply, command string, google bool) string {
	if !r.Positive() {
		return Refusal(r, command, google)
	}
	out := Code(r.Code)
	if e := EnhancedCode(r.Enhanced.String()); e != "" && r.Enhanced.Detail != 0 {
		out = strings.TrimSpace(out + " " + e)
	}
	return out
}

// IsGoogle tells Google's servers by their greeting.
func IsGoogle(greeting *reply.Reply) bool {
	return greeting != nil && (strings.Contains(greeting.Text(), "gsmtp") || strings.Contains(greeting.Text(), "google.com"))
}
