package explain

import (
	"fmt"
	"slices"
	"strings"

	"smtpsh/engine/reply"
	"smtpsh/engine/verb"
)

// Why explains a reply: its three digits, its enhanced code, the meaning of a provider's
// text, and whether such a reply to the command is usual. command is the command with
// secrets masked; "" for the greeting. ctx is what is known about the session.
func Why(r *reply.Reply, command string, ctx Context) string {
	name, where := firstWord(command), place(r, command)
	title := fmt.Sprintf("%03d", r.Code)
	if e := r.Enhanced.String(); r.Enhanced.Class != 0 {
		title += " " + e
	}
	switch {
	case command == "":
		title += "  the greeting"
	case command == ".":
		title += "  to the end of the message"
	default:
		title += "  to " + name
	}
	s := section{title: title}
	st, known := reply.LookupStatusFor(r.Code, where)
	enhanced, hasEnhanced := reply.LookupEnhancedFor(r.Enhanced, where)
	hasEnhanced = hasEnhanced && r.Enhanced.Class != 0
	var f finding
	hasRow := false // of the enhanced code
	// what helps is first
	if !r.Positive() {
		f = behind(r, command, ctx)
		if decides := f.who == "cause" && hasEnhanced && r.Enhanced.Detail != 0 && r.Code != 503; decides {
			s.rows = append(s.rows, enhancedRow(r, enhanced, f))
			hasRow = true
		}
		s.rows = append(s.rows, row{f.who, f.means}, row{"try", f.try})
		if v, ok := verb.Lookup(name); ok && (r.Code == 501 || r.Code == 555) {
			s.rows = append(s.rows, row{"syntax", v.Syntax})
		}
	} else if g, ok := ofGoogle(flat(r.Text()), ctx.From == Google || ProviderOf(r) == Google); ok {
		s.rows = append(s.rows, row{"Google", g.Means})
	}
	switch {
	case known && misplaced(r.Code, where):
		s.rows = append(s.rows,
			row{
				fmt.Sprintf("%03d", r.Code),
				fmt.Sprintf("The tables know it as an answer to %s only (%s); here its first digit counts.", strings.Join(only[r.Code], " and "),
					st.Name),
			})
	case known:
		meaning := st.Meaning
		if r.Positive() {
			meaning = firstSentence(meaning)
		}
		s.rows = append(s.rows, row{fmt.Sprintf("%03d", r.Code), st.Name + ". " + meaning})
	}
	s.rows = append(s.rows, digits(r.Code)...)
	switch {
	case hasRow:
	case hasEnhanced:
		s.rows = append(s.rows, enhancedRow(r, enhanced, f))
	case r.Enhanced.Class != 0:
		s.rows = append(s.rows, row{r.Enhanced.String(), "This code is not in the registry; its class and its subject are."})
	}
	s.rows = append(s.rows, row{"usual", usual(r.Code, name, command)})
	var rfcs []string
	if v, ok := verb.Lookup(name); ok {
		rfcs = append(rfcs, v.RFC)
	}
	if known && !r.Positive() {
		rfcs = append(rfcs, st.RFC)
	}
	if hasEnhanced {
		rfcs = append(rfcs, enhanced.RFC)
	}
	if len(rfcs) == 0 {
		rfcs = append(rfcs, "RFC 5321 section 4.2")
	}
	s.rows = append(s.rows, row{"defined", once(rfcs)}, row{"source", Provider(f.who).Source()})
	for _, d := range r.Defects {
		s.rows = append(s.rows, row{"finding", d.Kind.String() + " (" + d.Kind.RFC() + ")"})
	}
	return s.String()
}

// enhancedRow returns the registry's meaning of the enhanced code. If a provider uses it
// differently, both are shown.
func enhancedRow(r *reply.Reply, st reply.EnhancedStatus, f finding) row {
	text := st.Name + ". " + st.Meaning
	if f.differs {
		text = "Standard: " + st.Name + ". " + f.who + " uses the number differently."
	}
	return row{r.Enhanced.String(), text}
}

// once joins lists of RFCs without duplicates.
func once(lists []string) string {
	var out []string
	for _, l := range lists {
		for one := range strings.SplitSeq(l, "; ") {
			if !slices.Contains(out, one) {
				out = append(out, one)
			}
		}
	}
	return strings.Join(out, "; ")
}

// order returns the command that must come before the rejected one.
func order(command, otherwise string) string {
	switch firstWord(command) {
	case "RCPT":
		return "MAIL FROM comes first, and must be accepted."
	case "DATA", "BDAT":
		return "MAIL FROM and at least one RCPT TO come first, and must be accepted."
	case "MAIL":
		return "EHLO comes first; a second MAIL needs RSET, or the end of the message before it."
	}
	return otherwise
}

// digits explains a code from left to right.
func digits(code int) []row {
	name, meaning := reply.ClassOf(code)
	if name == "" {
		return []row{{"digits", "A code of SMTP begins with 2, 3, 4 or 5."}}
	}
	category, what := reply.CategoryOf(code)
	rows := []row{{fmt.Sprintf("%dxx", code/100), name + ". " + meaning}}
	if category != "" {
		rows = append(rows, row{fmt.Sprintf("x%dx", code/10%10), category + ". " + what})
	}
	return rows
}

// endOfMessage are the usual replies to the dot (RFC 5321 section 4.3.2).
var endOfMessage = verb.Verb{Name: "the end of the message", OK: []int{250}, Fail: []int{450, 451, 452, 550, 552, 554}}

// greetings are the usual greetings.
var greetings = verb.Verb{Name: "a connection", OK: []int{220}, Fail: []int{421, 554}}

// anywhere are the rejections that any command can get (RFC 5321 section 4.3.2, RFC 4954
// section 6).
var anywhere = []int{421, 500, 501, 502, 503, 530}

// usual reports whether a reply to a command is common.
func usual(code int, name, command string) string {
	v, ok := verb.Lookup(name)
	switch {
	case command == "":
		v, ok = greetings, true
	case command == ".":
		v, ok = endOfMessage, true
	}
	if !ok {
		return "The command is unknown to smtpsh. RFC 5321 has 500 for an unknown command."
	}
	list := "To " + v.Name + ": " + numbers(v.OK)
	if len(v.Fail) > 0 {
		list += "; as rejections " + numbers(v.Fail)
	}
	switch {
	case slices.Contains(v.OK, code), slices.Contains(v.Fail, code):
		return list + "."
	case slices.Contains(anywhere, code):
		return fmt.Sprintf("%s; %03d may come to any command.", list, code)
	}
	return fmt.Sprintf("%s. %03d is not among them.", list, code)
}
