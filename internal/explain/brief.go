package explain

import (
	"fmt"
	"strings"

	"smtpsh/engine/reply"
	"smtpsh/engine/saslmech"
	"smtpsh/engine/verb"
)

// Command returns the meaning of a line that a client sends, in a sentence; "" if it is not
// a command.
func Command(line string) string {
	word, arg, _ := strings.Cut(strings.TrimSpace(line), " ")
	name := strings.ToUpper(word)
	v, ok := verb.Lookup(name)
	if !ok {
		return ""
	}
	if m, found := saslmech.LookupInfo(firstWord(arg)); name == "AUTH" && found {
		return named("AUTH "+m.Name, firstSentence(m.Explain))
	}
	return named(name, firstSentence(v.Explain))
}

// named puts a name before a sentence, unless the sentence begins with it.
func named(name, sentence string) string {
	if strings.HasPrefix(sentence, name+" ") {
		return sentence
	}
	return name + ": " + sentence
}

func firstWord(s string) string {
	w, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	return strings.ToUpper(w)
}

// firstSentence returns a text up to its first full stop.
func firstSentence(s string) string {
	if i := strings.Index(s, ". "); i > 0 {
		return s[:i+1]
	}
	return s
}

// Code returns the meaning of a reply code in a few words.
func Code(code int) string {
	if st, ok := reply.LookupStatus(code); ok {
		return fmt.Sprintf("%d: %s", code, firstSentence(st.Meaning))
	}
	if name, meaning := reply.ClassOf(code); name != "" {
		return fmt.Sprintf("%d: %s. %s", code, name, firstSentence(meaning))
	}
	return ""
}

// EnhancedCode returns the meaning of an enhanced status code in the reply to a command, in
// a few words; "" if it is not in the registry.
func EnhancedCode(code, command string) string {
	e, err := reply.ParseEnhanced(code)
	if err != nil {
		return ""
	}
	st, ok := reply.LookupEnhancedFor(e, place(&reply.Reply{}, command))
	if !ok {
		return ""
	}
	return code + ": " + firstSentence(st.Meaning)
}

// Capability returns what a line of an EHLO reply offers, in a sentence.
func Capability(keyword string) string {
	e, ok := verb.LookupExtension(keyword)
	if name, _, found := strings.Cut(keyword, "="); !ok && found { // XVERP=Courier
		e, ok = verb.LookupExtension(name)
	}
	if !ok {
		return ""
	}
	if e.Keyword == "AUTH" {
		return "AUTH: ways to log in; the AUTH command names one of them."
	}
	return named(e.Keyword, firstSentence(e.Explain))
}

// Refusal returns the meaning of a negative reply to a command, its cause and what to try.
// ctx is what is known about the session.
func Refusal(r *reply.Reply, command string, ctx Context) string {
	f := behind(r, command, ctx)
	text := strings.TrimSpace(f.means + " " + f.try)
	switch f.who {
	case "means":
		return text
	case "cause", "":
	default:
		if e, ok := reply.LookupEnhanced(r.Enhanced.String()); ok && f.differs {
			text += fmt.Sprintf(" (In the registry %s is %q.)", r.Enhanced, e.Name)
		}
		return f.who + ": " + text
	}
	what := statusWords(r, command)
	if f.means != "" {
		text = "Usual cause: " + text
	}
	return strings.TrimSpace(what + "\n" + text)
}

// statusWords returns the meaning of the codes of a reply, in a sentence.
func statusWords(r *reply.Reply, command string) string {
	where := place(r, command)
	if e, ok := reply.LookupEnhancedFor(r.Enhanced, where); ok && r.Enhanced.Class != 0 && r.Enhanced.Detail != 0 && r.Code != 503 {
		return r.Enhanced.String() + ": " + firstSentence(e.Meaning)
	}
	st, ok := reply.LookupStatusFor(r.Code, where)
	if ok && !misplaced(r.Code, where) {
		return fmt.Sprintf("%d: %s", r.Code, firstSentence(st.Meaning))
	}
	if name, meaning := reply.ClassOf(r.Code); name != "" {
		return fmt.Sprintf("%d: %s. %s", r.Code, name, firstSentence(meaning))
	}
	return ""
}

// Reply returns the meaning of a reply to a command in one or two sentences, for a
// rejection with its cause. ctx is what is known about the session.
func Reply(r *reply.Reply, command string, ctx Context) string {
	if !r.Positive() {
		return Refusal(r, command, ctx)
	}
	out := Code(r.Code)
	e, ok := reply.LookupEnhancedFor(r.Enhanced, place(r, command))
	if ok && r.Enhanced.Class != 0 && r.Enhanced.Detail != 0 {
		out = strings.TrimSpace(out + " " + r.Enhanced.String() + ": " + firstSentence(e.Meaning))
	}
	return out
}

// Name returns a name for a reply: the registered name of its enhanced code or of its basic
// code, and the provider's meaning if that differs; "" for codes that no table has in reply
// to the command.
func Name(r *reply.Reply) string {
	if r == nil {
		return ""
	}
	if !r.Positive() {
		if f := behind(r, r.Command, Context{}); f.differs {
			return f.who + ": " + strings.TrimSuffix(firstSentence(f.means), ".")
		}
	}
	where := place(r, r.Command)
	if e, ok := reply.LookupEnhancedFor(r.Enhanced, where); ok && r.Enhanced.Class != 0 && r.Enhanced.Detail != 0 {
		return e.Name
	}
	if st, ok := reply.LookupStatus(r.Code); ok && (r.Command == "" || !misplaced(r.Code, where)) {
		return st.Name
	}
	return ""
}

// Advice returns what to try after a rejection, from its provider's rules or from the
// tables; "" for other replies.
func Advice(r *reply.Reply, ctx Context) string {
	if r == nil || r.Positive() {
		return ""
	}
	return behind(r, r.Command, ctx).try
}
