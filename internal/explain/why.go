package explain

import (
	"fmt"
	"slices"
	"strings"

	"smtpsh/engine/reply"
	"smtpsh/engine/verb"
)

// Why explains a reply: its three digits, its enhanced code, what its text says
// where that is Google's, and whether such a reply is usual for the command.
// command is what it answers, secrets masked; "" for the greeting.
func Why(r *reply.Reply, command string) string {
	name := firstWord(command)
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
	s := section{title: title, rows: digits(r.Code)}
	st, known := reply.LookupStatus(r.Code)
	if known {
		s.rows = append(s.rows, row{fmt.Sprintf("%03d", r.Code), st.Name + ". " + st.Meaning})
	}
	enhanced, hasEnhanced := reply.LookupEnhanced(r.Enhanced.String())
	if hasEnhanced && r.Enhanced.Class != 0 {
		s.rows = append(s.rows, row{r.Enhanced.String(), enhanced.Name + ". " + enhanced.Meaning})
	}
	google, isGoogle := ofGoogle(r.Text())
	try, cause := "", ""
	switch {
	case isGoogle:
		s.rows = append(s.rows, row{"Google", google.Means})
		try = google.Try
	case r.Positive():
	case hasEnhanced && r.Enhanced.Detail != 0 && enhanced.Cause != "":
		cause, try = enhanced.Cause, enhanced.Try
	case known:
		cause, try = st.Cause, st.Try
	}
	s.rows = append(s.rows, row{"cause", cause}, row{"try", try})
	s.rows = append(s.rows, row{"usual", usual(r.Code, name, command)})
	var rfcs []string
	if known {
		rfcs = append(rfcs, st.RFC)
	}
	if hasEnhanced && r.Enhanced.Class != 0 {
		rfcs = append(rfcs, enhanced.RFC)
	}
	s.rows = append(s.rows, row{"defined", strings.Join(slices.Compact(rfcs), "; ")})
	for _, d := range r.Defects {
		s.rows = append(s.rows, row{"finding", d.Kind.String() + " (" + d.Kind.RFC() + ")"})
	}
	return s.String()
}

// digits reads a code from left to right.
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

// greetings are those of a connection.
var greetings = verb.Verb{Name: "a connection", OK: []int{220}, Fail: []int{421, 554}}

// usual says whether a command is commonly answered so.
func usual(code int, name, command string) string {
	v, ok := verb.Lookup(name)
	switch {
	case command == "":
		v, ok = greetings, true
	case command == ".":
		v, ok = endOfMessage, true
	}
	if !ok {
		return "The command is in no catalogue; 500 is what RFC 5321 has for it."
	}
	list := v.Name + " is usually answered " + numbers(v.OK)
	if len(v.Fail) > 0 {
		list += ", refused with " + numbers(v.Fail)
	}
	switch {
	case slices.Contains(v.OK, code), slices.Contains(v.Fail, code):
		return list + "."
	case code == 421:
		return list + "; 421 may come at any time."
	}
	return fmt.Sprintf("%s. %03d is not among them.", list, code)
}
