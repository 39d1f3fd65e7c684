package explain

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"smtpsh/engine/reply"
	"smtpsh/engine/saslmech"
	"smtpsh/engine/verb"
	"smtpsh/internal/concepts"
)

// Word writes what the tables contain about a word and reports whether they contain it.
// A word may be several things: AUTH is a verb, an extension and a parameter. The word may
// consist of several: "null MX", "550 5.7.26".
func Word(w io.Writer, word string) (bool, error) {
	var sections []section
	word = strings.TrimSpace(word)
	if parts := Phrases(strings.Fields(word)); len(parts) > 1 && known(parts) { // "AUTH LOGIN"
		for i, p := range parts {
			if i > 0 {
				fmt.Fprintln(w)
			}
			if _, err := Word(w, p); err != nil {
				return true, err
			}
		}
		return true, nil
	}
	if c, ok := concepts.Lookup(word); ok { // a port and a limit are not reply codes
		sections = append(sections, ofConcept(c))
	} else {
		sections = append(sections, codes(word)...)
	}
	name := strings.ToUpper(word)
	v, ok := verb.Lookup(name)
	if first := firstWord(word); !ok && (name == "MAIL FROM" || name == "RCPT TO") {
		v, ok = verb.Lookup(first)
	}
	if ok {
		sections = append(sections, ofVerb(v))
	}
	if e, ok := verb.LookupExtension(name); ok {
		sections = append(sections, ofExtension(e))
	}
	for _, p := range verb.LookupParam(name) {
		sections = append(sections, ofParam(p))
	}
	if m, ok := saslmech.LookupInfo(name); ok {
		sections = append(sections, ofMechanism(m))
	}
	for i, s := range sections {
		text := s.String()
		if i > 0 {
			text = "\n" + text
		}
		if _, err := io.WriteString(w, text); err != nil {
			return true, err
		}
	}
	return len(sections) > 0, nil
}

// known reports whether each word can be explained.
func known(words []string) bool {
	for _, w := range words {
		if ok, _ := Word(io.Discard, w); !ok {
			return false
		}
	}
	return true
}

// codes explains "550", "5.7.26" and "550 5.7.26".
func codes(word string) []section {
	var out []section
	for f := range strings.FieldsSeq(word) {
		if n, err := strconv.Atoi(f); err == nil && len(f) == 3 {
			if st, ok := reply.LookupStatus(n); ok {
				out = append(out, ofStatus(st))
			} else if name, meaning := reply.ClassOf(n); name != "" {
				category, what := reply.CategoryOf(n)
				out = append(out, section{title: f + "  a code that no standard names", rows: []row{
					{"first digit", name + ": " + meaning},
					{"second digit", category + ": " + what},
					{"try", "Act on the first digit, as every client must."},
				}})
			}
			continue
		}
		if st, ok := reply.LookupEnhanced(f); ok {
			out = append(out, ofEnhanced(f, st))
			continue
		}
		if e, err := reply.ParseEnhanced(f); err == nil {
			out = append(out, ofUnknownEnhanced(f, e))
			continue
		}
		if len(f) == 3 && (strings.EqualFold(f[1:], "xx") || strings.EqualFold(f[1:], "yz")) {
			out = append(out, ofFirstDigit(f)...)
			continue
		}
		out = append(out, ofPart(f)...)
	}
	return out
}

// ofFirstDigit explains "5xx" and "5yz", the reply codes with the same first digit.
func ofFirstDigit(word string) []section {
	first := int(word[0] - '0')
	name, meaning := reply.ClassOf(100 * first)
	if name == "" {
		return nil
	}
	var codes []int
	for _, s := range reply.Statuses() {
		if s.Code/100 == first {
			codes = append(codes, s.Code)
		}
	}
	return []section{{title: word + "  the reply codes that begin with " + word[:1] + ": " + name, rows: []row{
		{"", meaning}, {"codes", numbers(codes)}, {"written", word[:1] + "yz in RFC 5321, often " + word[:1] + "xx"},
		{"defined", "RFC 5321 section 4.2.1"},
	}}}
}

func ofConcept(c concepts.Concept) section {
	definition := strings.ToUpper(c.Definition[:1]) + c.Definition[1:] + "."
	prompt, shell := c.Lines()
	name := c.Name
	if c.Long != "" {
		name += " (" + c.Long + ")"
	}
	return section{title: name + "  " + c.Group.Kind(), rows: []row{
		{"", strings.TrimSpace(definition + " " + c.Text)}, {"example", c.Example}, {"goes wrong", c.Wrong},
		{"at prompt", strings.Join(prompt, "\n")}, {"in a shell", strings.Join(shell, "\n")}, {"defined", c.Source},
	}}
}

func ofStatus(s reply.Status) section {
	_, class := reply.ClassOf(s.Code)
	return section{title: fmt.Sprintf("%d  %s", s.Code, s.Name), rows: []row{
		{"", s.Meaning}, {"reply to", s.Heard}, {"cause", s.Cause}, {"try", s.Try}, {"class", class}, {"defined", standing(s.RFC, s.Standing)},
	}}
}

func ofEnhanced(word string, s reply.EnhancedStatus) section {
	rows := []row{{"", s.Meaning}, {"cause", s.Cause}, {"try", s.Try}}
	if c, ok := reply.LookupEnhancedClass(classOf(word)); ok {
		rows = append(rows, row{"class", c.Code + " " + c.Name + ": " + c.Meaning})
	}
	if sub, ok := reply.LookupEnhancedSubject(s.Code); ok {
		rows = append(rows, row{"subject", sub.Code + " " + sub.Name})
	}
	return section{title: word + "  " + s.Name, rows: append(rows, row{"registered for", withClass(s.Basic, word[:1])}, row{"defined", s.RFC})}
}

// withClass keeps the reply codes of one class in a list; all for the class X.
func withClass(codes, class string) string {
	if strings.EqualFold(class, "X") {
		return codes
	}
	var kept []string
	for c := range strings.SplitSeq(codes, ", ") {
		if c != "" && (c[0] < '0' || c[0] > '9' || c[:1] == class) {
			kept = append(kept, c)
		}
	}
	return strings.Join(kept, ", ")
}

// ofPart explains a code with only a class or a subject: "2.X.X", "4.7.X" or "X.7.X".
func ofPart(word string) []section {
	parts := strings.Split(strings.ToUpper(word), ".")
	if len(parts) != 3 || parts[2] != "X" {
		return nil
	}
	var rows []row
	name := ""
	if sub, ok := reply.LookupEnhancedSubject(word); ok {
		name = sub.Name
		rows = append(rows, row{"", sub.Meaning})
		if parts[0] != "2" { // advice after a rejection does not apply to a success
			rows = append(rows, row{"cause", sub.Cause}, row{"try", sub.Try})
		}
	}
	c, ok := reply.LookupEnhancedClass(word)
	switch {
	case ok && parts[1] == "X":
		return []section{
			{
				title: strings.ToUpper(word) + "  " + c.Name,
				rows:  []row{{"", c.Meaning}, {"cause", c.Cause}, {"try", c.Try}, {"reply codes", c.Basic}, {"defined", c.RFC}},
			},
		}
	case name == "" || !ok && parts[0] != "X":
		return nil
	case ok:
		rows = append(rows, row{"class", c.Code + " " + c.Name + ": " + c.Meaning})
	}
	return []section{{title: strings.ToUpper(word) + "  " + name, rows: append(rows, row{"defined", "RFC 3463 section 2; RFC 5248"})}}
}

func classOf(word string) string {
	c, _, _ := strings.Cut(word, ".")
	return c + ".X.X"
}

func ofUnknownEnhanced(word string, e reply.Enhanced) section {
	var rows []row
	if c, ok := reply.LookupEnhancedClass(classOf(word)); ok {
		rows = append(rows, row{"class", c.Name + ": " + c.Meaning}, row{"try", c.Try})
	}
	if sub, ok := reply.LookupEnhancedSubject(fmt.Sprintf("X.%d.X", e.Subject)); ok {
		rows = append(rows, row{"subject", sub.Name + ": " + sub.Meaning})
	}
	return section{title: word + "  a code that is not in the registry", rows: rows}
}

func ofVerb(v verb.Verb) section {
	return section{title: v.Name + "  a command: " + v.Summary, rows: []row{
		{"", v.Explain}, {"syntax", v.Syntax}, {"example", v.Example}, {"allowed", allowed(v.Phases)}, {"needs", needs(v.Extension)},
		{"success", numbers(v.OK)}, {"failure", numbers(v.Fail)}, {"pipelined", pipelined(v.Group)}, {"try", v.Try}, {"defined", v.RFC},
	}}
}

func needs(keyword string) string {
	if keyword == "" {
		return ""
	}
	return keyword + " in the EHLO reply"
}

func pipelined(group string) string {
	if group == "last" {
		return "only as the last of a group"
	}
	return group
}

func numbers(codes []int) string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = strconv.Itoa(c)
	}
	return strings.Join(out, " ")
}

func ofExtension(e verb.Extension) section {
	var added []string
	for _, v := range e.Verbs {
		added = append(added, "the command "+v)
	}
	for _, p := range e.Params {
		added = append(added, "the parameter "+p)
	}
	adds := strings.Join(added, ", ")
	return section{title: e.Keyword + "  an extension", rows: []row{
		{"", e.Explain}, {"offered as", e.Syntax}, {"adds", adds},
		{"on port 587", submissionUse(e.Submission)}, {"try", e.Try},
		{"defined", standing(e.RFC, e.Standing)},
	}}
}

func ofParam(p verb.Param) section {
	return section{title: p.Name + "  a parameter of " + p.Verb + ": " + p.Summary, rows: []row{
		{"syntax", p.Form}, {"example", p.Example}, {"needs", needs(p.Extension)}, {"defined", p.RFC},
	}}
}

// allowed says when a command is allowed.
func allowed(p verb.Phase) string {
	if p == verb.Any {
		return "at any time"
	}
	var out []string
	for _, x := range []struct {
		phase verb.Phase
		words string
	}{
		{verb.Greeted, "before EHLO"}, {verb.Ready, "after EHLO, without an open transaction"}, {verb.Mail, "after MAIL"},
		{verb.Rcpt, "after RCPT"}, {verb.Chunks, "after BDAT without LAST"},
	} {
		if p.Has(x.phase) {
			out = append(out, x.words)
		}
	}
	return strings.Join(out, "; ")
}

func ofMechanism(m saslmech.Info) section {
	spoken := "supported"
	if !m.Spoken {
		spoken = "explained, not supported"
	}
	return section{title: m.Name + "  a way to log in (SASL mechanism)", rows: []row{
		{"", m.Explain}, {"exchange", m.Exchange}, {"who begins", m.First},
		{"initial response", m.Initial},
		{"example", strings.ReplaceAll(m.Example, " / ", "\n")},
		{"Gmail", m.Gmail}, {"in smtpsh", spoken}, {"try", m.Try},
		{"defined", standing(m.RFC, m.Standing)},
	}}
}

func standing(rfc, s string) string {
	if s == "" || s == "standard" {
		return rfc
	}
	return rfc + " (" + s + ")"
}

// Known returns the words that can be explained, for completion and hints.
func Known() []string {
	out := concepts.Names()
	for _, v := range verb.Verbs() {
		out = append(out, v.Name)
	}
	for _, e := range verb.Extensions() {
		out = append(out, e.Keyword)
	}
	for _, p := range verb.Params() {
		out = append(out, p.Name)
	}
	for _, m := range saslmech.Catalogue() {
		out = append(out, m.Name)
	}
	for _, s := range reply.Statuses() {
		out = append(out, strconv.Itoa(s.Code))
	}
	seen := map[string]bool{}
	kept := out[:0]
	for _, w := range out {
		if name := strings.ToUpper(w); !seen[name] {
			seen[name] = true
			kept = append(kept, w)
		}
	}
	return kept
}

// submissionUse returns what the registry says about an extension on submission servers.
func submissionUse(word string) string {
	switch word {
	case "MUST", "SHOULD", "MAY", "MUST NOT":
		return "a submission server " + word + " offer it"
	case "yes":
		return "a submission server can offer it"
	case "no":
		return "not for submission servers"
	case "only":
		return "for submission servers only"
	}
	return word
}
