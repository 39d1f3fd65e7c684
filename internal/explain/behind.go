package explain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"smtpsh/engine/reply"
	"smtpsh/internal/lazyregexp"
)

// finding is the cause of a rejection and what to try.
type finding struct {
	who     string // a provider, "means" for the usage of many servers, "cause" for the tables
	means   string
	try     string
	differs bool // the registry has another meaning for the enhanced code
}

// behind finds the cause of a rejection in the most specific source: the rules of the
// provider, texts that many servers use where the enhanced code is not specific, the
// enhanced code, the basic code. The code, the class and the command have precedence over
// texts.
func behind(r *reply.Reply, command string, ctx Context) finding {
	f := reason(r, command, ctx)
	if place(r, command) == "EHLO" && strings.HasPrefix(argument(command), "[") {
		f.try = bracketsAdvice().ReplaceAllString(f.try, "") // they were rejected
	}
	return f
}

// bracketsAdvice matches the part of an advice about an address in brackets as argument of
// EHLO (RFC 5321 section 4.1.3).
var bracketsAdvice = lazyregexp.New(`,? or (?:by |with )?(?:your|an) (?:IP )?address in brackets`)

// argument returns the text after the verb of a command.
func argument(command string) string {
	_, arg, _ := strings.Cut(strings.TrimSpace(command), " ")
	return strings.TrimSpace(arg)
}

// reason is behind for any command line.
func reason(r *reply.Reply, command string, ctx Context) finding {
	where, text := place(r, command), flat(r.Text())
	from := ctx.From
	if from == "" {
		from = ProviderOf(r)
	}
	if f, ok := fromProvider(r, command, where, text, from); ok {
		return f
	}
	st, known := reply.LookupStatusFor(r.Code, where)
	if r.Code == 503 && known {
		// what the enhanced code adds is about another case
		return finding{who: "cause", means: st.Cause, try: order(command, st.Try)}
	}
	if u, ok := find(heardRules, r, where, text, from); ok {
		f := finding{who: "means", means: u.means, try: u.try}
		if u.means == needsTLS || u.means == needsLogin {
			f.try = ctx.steps()
		}
		return f
	}
	f := fromTables(r, where, st, known)
	if beforeMail(r, where) {
		f.try = ctx.steps()
	}
	return f
}

// needsBrackets is the cause of Google's rejection of an address without brackets.
const needsBrackets = "The server could not read the address: angle brackets were expected."

// beforeMail reports whether a rejection requires TLS or a login first.
func beforeMail(r *reply.Reply, where string) bool {
	e := r.Enhanced
	switch r.Code {
	case 530:
		return true
	case 523, 524, 538:
		return where == "AUTH"
	}
	return e.Class == 5 && e.Subject == 7 && (e.Detail == 10 || e.Detail == 11) && (r.Code == 523 || r.Code == 538 || where == "AUTH")
}

func fromProvider(r *reply.Reply, command, where, text string, from Provider) (finding, bool) {
	for _, t := range []struct {
		who   Provider
		rules []rule
	}{{Google, googleRules}, {Microsoft, microsoftRules}, {Yahoo, yahooRules}, {Apple, appleRules}} {
		if u, ok := find(t.rules, r, where, text, from); ok {
			differs := u.differs
			if _, registered := reply.LookupEnhanced(r.Enhanced.String()); !registered {
				differs = false
			}
			return finding{who: string(t.who), means: u.means, try: u.try, differs: differs}, true
		}
	}
	if g, ok := ofGoogle(text, from == Google); ok {
		if up := strings.ToUpper(command); g.Mark == "p=badcredentials" &&
			(strings.Contains(up, "XOAUTH2") || strings.Contains(up, "OAUTHBEARER")) {
			g = tokenRefused
		}
		f := finding{who: string(Google), means: g.Means, try: g.Try}
		switch { // these texts are the same for all commands
		case r.Code == 503 && g.Mark == "bad sequence of commands":
			f.try = order(command, g.Try)
		case g.Mark == "cannot decode response" && where == "MAIL":
			f.means, f.try = needsBrackets, "Write MAIL FROM:<address>."
		case g.Mark == "cannot decode response" && where == "RCPT":
			f.means, f.try = needsBrackets, "Write RCPT TO:<address>."
		case g.Mark == "cannot decode response" && where == "AUTH":
			f.means, f.try = "The server could not read a line of the AUTH exchange: Base64 was expected.", "Send Base64, or \"*\" to cancel."
		}
		return f, true
	}
	return finding{}, false
}

// fromTables returns the meaning of the codes in the standards, for the command that was
// rejected.
func fromTables(r *reply.Reply, where string, st reply.Status, known bool) finding {
	e, ok := reply.LookupEnhancedFor(r.Enhanced, where)
	ok = ok && r.Enhanced.Class != 0
	switch {
	case ok && r.Enhanced.Detail != 0:
		return finding{who: "cause", means: e.Cause, try: e.Try}
	case r.Enhanced.Class != 0 && !ok:
		if sub, found := reply.LookupEnhancedSubject(r.Enhanced.String()); found {
			return finding{who: "cause", means: fmt.Sprintf("%s is not in the registry. %s: %s", r.Enhanced, sub.Name, sub.Cause), try: sub.Try}
		}
	}
	if !known || misplaced(r.Code, where) {
		if c, found := reply.LookupEnhancedClass(strconv.Itoa(r.Code/100) + ".X.X"); found {
			return finding{who: "cause", means: c.Cause, try: c.Try}
		}
		return finding{}
	}
	return finding{who: "cause", means: st.Cause, try: st.Try}
}

// place returns what a reply answers, as a key of the tables: a verb, "." for the end of a
// message, "connect" for the greeting, "" for an unknown command.
func place(r *reply.Reply, command string) string {
	name := firstWord(command)
	if r.Verb != "" && r.Verb != name {
		name = r.Verb // a line of a SASL exchange has no verb
	}
	switch name {
	case "":
		return "connect"
	case "HELO", "LHLO":
		return "EHLO"
	case "BDAT":
		if r.Code == 501 { // about the command, not about the message
			return name
		}
		return "."
	}
	return name
}

// only has the codes that have a meaning in reply to some commands and none in reply to
// others (RFC 5321 section 4.3.2, RFC 4954 section 6, RFC 1985, RFC 2645, RFC 5248).
var only = map[int][]string{
	235: {"AUTH"}, 334: {"AUTH"}, 422: {"AUTH"}, 432: {"AUTH"}, 523: {"AUTH"},
	524: {"AUTH"}, 525: {"AUTH"}, 534: {"AUTH"}, 535: {"AUTH"}, 538: {"AUTH"},
	454: {"AUTH", "STARTTLS"}, 253: {"ETRN"}, 458: {"ETRN"}, 459: {"ETRN"},
	453: {"ATRN"}, 354: {"DATA"}, 355: {"MAIL"}, 455: {"MAIL", "RCPT"},
	555: {"MAIL", "RCPT"},
	551: {"RCPT", "VRFY"}, 556: {"RCPT", "MAIL"},
}

// misplaced reports whether the tables have a code only for other commands.
func misplaced(code int, where string) bool {
	list, ok := only[code]
	return ok && !slices.Contains(list, where)
}
