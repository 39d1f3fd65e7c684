package dialogue

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"smtpsh/internal/lazyregexp"
)

// Kind is what a step does.
type Kind uint8

// The kinds of step.
const (
	Send      Kind = iota + 1 // Text is sent, with CRLF
	Expect                    // a reply must match Wants
	Directive                 // Text is the word after the colon, Args its arguments
)

// Step is one thing to do.
type Step struct {
	Kind  Kind
	Line  int
	File  string
	Conn  string // name of the connection; "" for the first
	Text  string
	Args  []string
	Wants []WantLine
	loose bool // only the code is compared: the line came from swaks
}

// WantLine is one line of an expected reply.
type WantLine struct {
	Text string // as it was written
	Line int
	want lineWant
}

// Script is a dialogue that can be played.
type Script struct {
	Name  string // of the file
	Title string // the first comment
	Steps []Step
	lines []string
}

// ParseError reports a line that is not valid.
type ParseError struct {
	File    string
	Line    int
	Message string
	Hint    string
	Source  string
}

// Error returns place and message.
func (e *ParseError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message) }

var (
	timing = lazyregexp.New(`^\s*\d+\.\d{3}\s+`)
	ours   = lazyregexp.New(`^(?:\[([^\]]+)\]\s+|([A-Za-z][A-Za-z0-9_-]*)\s+)?([CS]):(?: (.*))?$`)
	remark = lazyregexp.New(`^(?:\[[^\]]+\]\s+)?\*( .*)?$`)
	swaks  = lazyregexp.New(`^ ?(\*\*>|\*~>|~\*>|->|~>|<\*\*|<~\*|<\*~|<-|<~|===|\*\*\*) ?(.*)$`)
	// a line that swaks sent or received; === and *** are its remarks
	arrow = lazyregexp.New(`^ ?(\*\*>|\*~>|~\*>|->|~>|<\*\*|<~\*|<\*~|<-|<~) `)
	// remarks in the examples of RFCs: <TLS negotiation>, (waits for connection on port
	// 25)
	stage = lazyregexp.New(`(?i)^[<(][^<>()]*(wait|open|clos|negotiat|connect|handshake)[^<>()]* [^<>()]*[>)]$|(?i)^[<(][^<>()]* ` +
		`[^<>()]*(wait|open|clos|negotiat|connect|handshake)[^<>()]*[>)]$`)
	together = lazyregexp.New(`^C ?& ?S:`)
)

// words are the directives with their arguments.
var words = []struct{ name, args, doc string }{
	{"open", "[TARGET] [as NAME]", "opens another connection, or the first one to another server"},
	{"use", "NAME", "switches to another connection"},
	{"close", "[NAME]", "ends a connection without QUIT"},
	{"eof", "", "checks that the server has closed the connection"},
	{"login", "[mech=M] user=U pass=P|token=T", "logs in with AUTH; the next S: line is the final reply"},
	{"match", "text|codes", "codes: ignore the texts of replies"},
	{"timeout", "DURATION", "time limit for each reply"},
	{"wait", "DURATION", "waits"},
	{
		"setup", "on|off",
		"on: the next steps prepare the test. If the server rejects one or closes the connection, the result is \"could not be tried\"",
	},
	{"write", "BYTES", "sends exactly these bytes; \\r \\n \\0 \\xHH"},
	{"garbage", "BYTES", "expects a line that is not a reply; \\r \\n \\0 \\xHH. It must be the last step of that connection"},
	{"include", "FILE", "runs another dialogue here"},
}

// Words lists the directives: name, arguments and text.
func Words() [][3]string {
	out := make([][3]string, len(words))
	for i, w := range words {
		out[i] = [3]string{w.name, w.args, w.doc}
	}
	return out
}

// Parse parses a dialogue. The error is a [*ParseError] for the first mistake.
func Parse(name, text string) (*Script, error) {
	script, mistakes := parse(name, text)
	if len(mistakes) > 0 {
		return nil, mistakes[0]
	}
	return script, nil
}

// Mistakes returns all mistakes of a dialogue, in the order of its lines.
func Mistakes(name, text string) []*ParseError {
	script, mistakes := parse(name, text)
	if script != nil {
		mistakes = append(mistakes, script.uncaught()...)
	}
	slices.SortStableFunc(mistakes, func(a, b *ParseError) int { return a.Line - b.Line })
	return mistakes
}

// parse parses a dialogue and returns all mistakes.
func parse(name, text string) (*Script, []*ParseError) {
	text = strings.TrimPrefix(strings.ReplaceAll(text, "\r\n", "\n"), "\ufeff")
	p := &parser{script: &Script{Name: name, lines: strings.Split(text, "\n")}}
	var mistakes []*ParseError
	note := func(err error) {
		if pe := (*ParseError)(nil); errors.As(err, &pe) {
			mistakes = append(mistakes, pe)
		}
	}
	for i, l := range p.script.lines {
		err := p.line(i+1, l)
		if note(err); err != nil && p.broken { // only the reply before it was reported: parse the line too
			p.broken = false
			note(p.line(i+1, l))
		}
	}
	note(p.endReply())
	steps := 0
	for _, s := range p.script.Steps {
		if s.Kind != Directive || s.Text == "include" {
			steps++
		}
	}
	if steps == 0 && len(mistakes) == 0 {
		mistakes = append(mistakes,
			&ParseError{
				File: name, Line: 1, Message: "it has no C: or S: line",
				Hint: "a dialogue has lines such as \"C: NOOP\" and \"S: 250\"",
			})
	}
	return p.script, mistakes
}

// parser collects the steps of a dialogue.
type parser struct {
	script *Script
	conn   string
	reply  *Step
	broken bool // a reply without its last line was reported
}

func (p *parser) fail(line int, hint, format string, args ...any) error {
	return &ParseError{
		File: p.script.Name, Line: line, Message: fmt.Sprintf(format, args...),
		Hint: hint, Source: strings.TrimSpace(p.script.lines[line-1]),
	}
}

func (p *parser) line(n int, raw string) error {
	l := strings.TrimRight(raw, " \t")
	trimmed := strings.TrimSpace(l)
	switch {
	case trimmed == "" || remark().MatchString(trimmed) || together().MatchString(trimmed):
		return nil
	case strings.HasPrefix(trimmed, "#"):
		if p.script.Title == "" && len(p.script.Steps) == 0 && p.reply == nil {
			p.script.Title = strings.TrimSpace(strings.TrimLeft(trimmed, "#"))
		}
		return nil
	case strings.HasPrefix(trimmed, ":"):
		return p.directive(n, trimmed)
	}
	if m := swaks().FindStringSubmatch(raw); m != nil {
		switch {
		case m[1] == "===" || m[1] == "***":
			return nil
		case strings.HasSuffix(m[1], ">"):
			return p.send(n, p.conn, m[2])
		}
		return p.want(n, p.conn, strings.TrimSpace(m[2]), looseForm)
	}
	m := ours().FindStringSubmatch(timing().ReplaceAllString(l, ""))
	if m == nil {
		m = ours().FindStringSubmatch(trimmed)
	}
	if m == nil {
		return p.fail(n, "lines must begin with C: S: * # or a word such as :open; -> and <- of swaks also work", "not a line of a dialogue")
	}
	conn := p.conn
	if m[1]+m[2] != "" {
		conn = m[1] + m[2]
	}
	if stage().MatchString(m[4]) && !p.inMessage() {
		return nil
	}
	if m[3] == "C" {
		return p.send(n, conn, m[4])
	}
	return p.want(n, conn, m[4], exactForm)
}

// inMessage reports whether C: lines belong to a message: after 354 and before the dot.
func (p *parser) inMessage() bool {
	for i := len(p.script.Steps) - 1; i >= 0; i-- {
		switch s := p.script.Steps[i]; {
		case s.Kind == Send && s.Text == ".":
			return false
		case s.Kind == Expect:
			return strings.HasPrefix(s.Wants[0].Text, "354")
		}
	}
	return false
}

func (p *parser) send(n int, conn, text string) error {
	if err := p.endReply(); err != nil {
		return err
	}
	if strings.Contains(text, "********") {
		return p.fail(n, "write {secret:NAME} instead, or the word :login", "a masked secret cannot be sent")
	}
	p.script.Steps = append(p.script.Steps, Step{Kind: Send, Line: n, File: p.script.Name, Conn: conn, Text: text})
	return nil
}

// strictness says whether the whole reply is compared or only the code.
type strictness bool

const (
	looseForm strictness = true
	exactForm strictness = false
)

// want adds a line to the expected reply, or begins a new one.
func (p *parser) want(n int, conn, text string, loose strictness) error {
	if p.reply != nil && (p.reply.Conn != conn || p.reply.loose != (loose == looseForm)) {
		if err := p.endReply(); err != nil {
			return err
		}
	}
	w, err := parseWantLine(text)
	if err != nil {
		return p.fail(n, "write a code, a code and a text, a pattern such as 5xx or 5.7.*, or ... for anything", "%v", err)
	}
	if p.reply == nil {
		p.reply = &Step{Kind: Expect, Line: n, File: p.script.Name, Conn: conn, loose: loose == looseForm}
	}
	p.reply.Wants = append(p.reply.Wants, WantLine{Text: text, Line: n, want: w})
	if !w.more {
		p.script.Steps = append(p.script.Steps, *p.reply)
		p.reply = nil
	}
	return nil
}

// endReply returns an error if the last line of a reply is missing.
func (p *parser) endReply() error {
	if p.reply == nil {
		return nil
	}
	last := p.reply.Wants[len(p.reply.Wants)-1]
	p.reply, p.broken = nil, true
	return p.fail(last.Line, "a line with - after the code needs a next line; end with \"S: ...\" if the rest does not matter",
		"the last line of this reply is missing")
}

// openArgs splits the arguments of :open. The command of a pipe target can have spaces; it
// ends at the end of the line, or before the last " as NAME".
func openArgs(rest string) []string {
	rest = strings.TrimSpace(rest)
	target := rest
	if strings.HasPrefix(rest, "{server:") { // of a recorded session
		_, target, _ = strings.Cut(rest, "=")
	}
	scheme, _, _ := strings.Cut(strings.ToLower(target), ":")
	if scheme != "pipe" && scheme != "lmtp+pipe" {
		return strings.Fields(rest)
	}
	if i := strings.LastIndex(rest, " as "); i >= 0 {
		if name := strings.TrimSpace(rest[i+len(" as "):]); name != "" && !strings.Contains(name, " ") {
			return []string{strings.TrimSpace(rest[:i]), "as", name}
		}
	}
	return []string{rest}
}

func (p *parser) directive(n int, text string) error {
	if err := p.endReply(); err != nil {
		return err
	}
	word, rest, _ := strings.Cut(text[1:], " ")
	known := make([]string, 0, len(words))
	for _, w := range words {
		known = append(known, ":"+w.name)
		if w.name != word {
			continue
		}
		s := Step{Kind: Directive, Line: n, File: p.script.Name, Conn: p.conn, Text: word, Args: strings.Fields(rest)}
		if word == "write" || word == "include" || word == "garbage" {
			s.Args = []string{strings.TrimLeft(rest, " ")}
		}
		if word == "open" {
			s.Args = openArgs(rest)
		}
		if problem := s.checkArgs(); problem != "" {
			return p.fail(n, "write "+strings.TrimSpace(":"+w.name+" "+w.args), "%s", problem)
		}
		switch {
		case word == "use":
			p.conn = s.Args[0]
		case word == "open" && len(s.Args) >= 2 && s.Args[len(s.Args)-2] == "as":
			p.conn = s.Args[len(s.Args)-1]
		}
		p.script.Steps = append(p.script.Steps, s)
		return nil
	}
	return p.fail(n, "known words: "+strings.Join(known, " "), "unknown word :%s", word)
}

func (s *Step) checkArgs() string {
	n := len(s.Args)
	switch s.Text {
	case "use":
		if n != 1 {
			return "expected the name of a connection"
		}
	case "close":
		if n > 1 {
			return "expected at most one name"
		}
	case "eof":
		if n != 0 {
			return ":eof has no arguments"
		}
	case "match":
		if n != 1 || s.Args[0] != "text" && s.Args[0] != "codes" {
			return "expected text or codes"
		}
	case "setup":
		if n != 1 || s.Args[0] != "on" && s.Args[0] != "off" {
			return "expected on or off"
		}
	case "timeout", "wait":
		if n != 1 || !isDuration(s.Args[0]) {
			return "expected a duration such as 5s"
		}
	case "write", "include":
		if s.Args[0] == "" {
			return "an argument is missing"
		}
	case "login":
		for _, a := range s.Args {
			key, _, ok := strings.Cut(a, "=")
			if !ok || !strings.Contains(" mech user pass token authzid ", " "+key+" ") {
				return fmt.Sprintf("unexpected %q", a)
			}
		}
	case "open":
		if n > 3 || n == 3 && s.Args[1] != "as" || n == 2 && s.Args[0] != "as" {
			return "expected at most a target and a name"
		}
	}
	return ""
}
