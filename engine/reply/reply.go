package reply

import (
	"bytes"
	"strings"
	"time"
)

// Reply is one complete SMTP reply (RFC 5321 section 4.2): one line, or several of which
// all but the last have a hyphen after the code.
type Reply struct {
	// Code is the three-digit reply code, 200 to 599 in conforming replies. If the lines have
	// different codes, the reply has the defect [MixedCodes]. Code is then the one with the
	// highest first digit; if several lines have that digit, the last of them. So a rejection
	// never counts as success.
	Code int
	// Enhanced is the enhanced status code of RFC 3463; zero if the reply has none.
	Enhanced Enhanced
	// Raw holds the exact bytes, line endings included.
	Raw string
	// Defects lists what was wrong with the bytes; nil for a clean reply.
	Defects []Defect
	// Took is the time from the last byte of the command to the last byte of the reply;
	// zero if the reply answers no command. For the greeting it begins with the
	// connection.
	Took time.Duration
	// Command is the command that the reply answers, without its line ending and with
	// secrets masked; empty for a greeting.
	Command string
	// Verb is the verb of the command in capitals, AUTH for the lines of a SASL exchange,
	// "." for the end of a message, "" if the reply answers no command.
	Verb string
	// Recipient is the recipient of the reply if an LMTP server replies to the end of a
	// message once for each recipient (RFC 2033 section 4.2); else "".
	Recipient string

	shown string // Raw with secrets masked, if the server repeats any
}

// Conceal sets the form that [Reply.String] and [Reply.Shown] return, in which secrets that
// the server repeats are masked. Raw, Lines and Text stay unchanged.
func (r *Reply) Conceal(masked string) { r.shown = masked }

// Shown returns the raw lines with secrets masked.
func (r *Reply) Shown() string {
	if r.shown != "" {
		return r.shown
	}
	return r.Raw
}

// Parse makes a Reply from the raw lines of one reply. The caller has found its end. Parse
// never fails; it records defects instead. Without a leading three-digit code, Code is 0
// and the defect is [NoCode].
func Parse(raw []byte) *Reply { return ParseFor(raw, nil) }

// ParseFor is Parse with the command that the reply answers, which becomes
// [Reply.Command]; both are copied at once.
func ParseFor(raw, command []byte) *Reply {
	var text string
	if len(command) == 0 {
		text = string(raw)
	} else {
		var b strings.Builder
		b.Grow(len(raw) + len(command))
		b.Write(raw)
		b.Write(command)
		text = b.String()
	}
	r := &Reply{Raw: text[:len(raw)], Command: text[len(raw):]}
	first, lines := 0, 0
	for rest := raw; len(rest) > 0; lines++ {
		line, tail := cutLine(rest)
		rest = tail
		body, ending := splitEnding(line)
		r.checkLine(body, ending, lines, len(rest) == 0)
		code, ok := codeOf(body)
		if !ok {
			r.defect(NoCode, lines)
			continue
		}
		if lines == 0 {
			first = code
			r.Enhanced = enhancedIn(body, code)
		} else if code != first {
			r.defect(MixedCodes, lines)
		}
		if code/100 >= r.Code/100 { //mutant:a-refusal-is-not-hidden-by-mixed-codes always
			r.Code = code
		}
	}
	if r.Code != 0 && (r.Code < 200 || r.Code > 599) {
		r.defect(CodeRange, 0)
	}
	return r
}

// checkLine finds defects in line n, counted from 0.
func (r *Reply) checkLine(body, ending []byte, n int, last bool) {
	switch {
	case len(ending) == 0:
		r.defect(NoEnding, n)
	case len(ending) == 1:
		r.defect(BareLF, n)
	}
	if bytes.IndexByte(body, '\r') >= 0 {
		r.defect(BareCR, n)
	}
	high, control := false, false
	for _, c := range body {
		high = high || c >= 0x80
		control = control || (c < 0x20 && c != '\t' && c != '\r') || c == 0x7f
	}
	if high {
		r.defect(EightBit, n)
	}
	if control {
		r.defect(ControlBytes, n)
	}
	if len(body)+len(ending) > MaxLine {
		r.defect(LongLine, n)
	}
	if last && len(body) > 3 && body[3] == '-' {
		r.defect(NoLastLine, n)
	}
}

// defect adds a defect once for each kind, with its first line.
func (r *Reply) defect(k DefectKind, line int) {
	for _, d := range r.Defects {
		if d.Kind == k {
			return
		}
	}
	r.Defects = append(r.Defects, Defect{Kind: k, Line: line + 1})
}

// Lines returns the text of each line, without code, separator and line
// ending; the enhanced status code stays part of the text.
func (r *Reply) Lines() []string {
	out := make([]string, 0, strings.Count(r.Raw, "\n")+1)
	for rest := r.Raw; rest != ""; {
		line, tail, _ := strings.Cut(rest, "\n")
		rest = tail
		out = append(out, textOf(strings.TrimRight(line, "\r")))
	}
	return out
}

// Text returns the lines joined with "\n". It removes the enhanced status code from the
// beginning of each line that has it.
func (r *Reply) Text() string {
	lines := r.Lines()
	if r.Enhanced.Class != 0 {
		e := r.Enhanced.String()
		for i, l := range lines {
			if rest, ok := strings.CutPrefix(l, e); ok && (rest == "" || rest[0] == ' ') {
				lines[i] = strings.TrimPrefix(rest, " ")
			}
		}
	}
	return strings.Join(lines, "\n")
}

// Positive reports whether the reply is 2yz or 3yz (RFC 5321 section 4.2.1).
func (r *Reply) Positive() bool { return r.Code >= 200 && r.Code < 400 }

// Misplaced reports whether the reply is positive, but with a code that does not answer its
// verb: 250 to DATA, 354 to RCPT, 220 to EHLO (RFC 5321 section 4.3.2). For verbs that RFC
// 5321 does not define it returns false.
func (r *Reply) Misplaced() bool {
	if !r.Positive() {
		return false
	}
	switch r.Verb {
	case "DATA":
		return r.Code != 354
	case "STARTTLS":
		return r.Code != 220
	case "AUTH":
		return r.Code != 235 && r.Code != 334
	case "EHLO", "HELO", "LHLO":
		return r.Code != 250
	case "MAIL", "RCPT", "RSET", "NOOP", "QUIT", "VRFY", "EXPN", "HELP", "BDAT", ".":
		return !r.Completed()
	}
	return false
}

// Completed reports whether the reply is 2yz.
func (r *Reply) Completed() bool { return r.Code >= 200 && r.Code < 300 }

// Intermediate reports whether the reply is 3yz: the server waits for more.
func (r *Reply) Intermediate() bool { return r.Code >= 300 && r.Code < 400 }

// Temporary reports whether the reply is 4yz: the same command can succeed later.
func (r *Reply) Temporary() bool { return r.Code >= 400 && r.Code < 500 }

// Permanent reports whether the reply is 5yz: the same command will fail again.
func (r *Reply) Permanent() bool { return r.Code >= 500 && r.Code < 600 }

// String returns the reply on one line: code, enhanced code, then the text of all lines,
// with secrets masked. It does not escape control bytes; the programs that show it do.
func (r *Reply) String() string {
	var b strings.Builder
	b.WriteString(strings.TrimSpace(firstN(r.Raw, 3)))
	if r.Enhanced.Class != 0 {
		b.WriteString(" " + r.Enhanced.String())
	}
	text := r.Text()
	if r.shown != "" {
		text = Parse([]byte(r.shown)).Text()
	}
	for l := range strings.SplitSeq(text, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			b.WriteString(" " + l)
		}
	}
	return b.String()
}

func firstN(s string, n int) string {
	if len(s) < n {
		return s
	}
	return s[:n]
}

func textOf(line string) string {
	if len(line) < 4 {
		if _, ok := codeOf([]byte(line)); ok {
			return ""
		}
		return line
	}
	if _, ok := codeOf([]byte(line[:4])); ok {
		return line[4:]
	}
	return line
}

func cutLine(b []byte) (line, rest []byte) {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return b[:i+1], b[i+1:]
	}
	return b, nil
}

func splitEnding(line []byte) (body, ending []byte) {
	n := len(line)
	switch {
	case n >= 2 && line[n-2] == '\r' && line[n-1] == '\n':
		return line[:n-2], line[n-2:]
	case n >= 1 && line[n-1] == '\n':
		return line[:n-1], line[n-1:]
	}
	return line, nil
}

// codeOf parses the code at the start of a line: three digits followed by nothing, a space
// or a hyphen.
func codeOf(line []byte) (int, bool) {
	if len(line) < 3 {
		return 0, false
	}
	n := 0
	for _, c := range line[:3] {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	if len(line) > 3 && line[3] != ' ' && line[3] != '-' {
		return 0, false
	}
	return n, true
}
