package dialogue

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"smtpsh/internal/lazyregexp"
	"smtpsh/transcript"
)

// notation is a log format of a program.
type notation struct {
	name string
	// knows reports whether a line can only be of this notation.
	knows func(line string) bool
	read  func(r *reader, lines []string) error
}

// notations are in the order in which they are tried: the most specific first.
var notations = sync.OnceValue(func() []notation {
	return []notation{
		{"Python's smtplib (set_debuglevel)", matcher(`^(?:\d\d:\d\d:\d\d\.\d+ )?(?:send|reply): b?['"]`), readPython},
		{
			"PHPMailer (SMTPDebug)",
			matcher(`(?:CLIENT -(?:>|&gt;) (?:SERVER|SMTP)|SERVER -(?:>|&gt;) CLIENT|SMTP -(?:>|&gt;) FROM SERVER): ?`),
			readPHPMailer,
		},
		{"curl -v", matcher(`^< \d{3}(?:[ -]|\r?$)`), readCurl},
		{"R: and S:, >>> and <<<, --> and <--", isMarked, readMarked},
		{"C: and S:, as smtpsh writes them, and swaks'", isOurs, readOurs},
		{"telnet and openssl s_client", matcher(`^\d{3}(?:[ -]|\r?$)`), readBare},
	}
})

// Notations lists the notations of text that [Read] knows, besides JSON lines.
func Notations() []string {
	var out []string
	for _, n := range notations() {
		out = append(out, n.name)
	}
	return out
}

func matcher(re string) func(string) bool { return regexp.MustCompile(re).MatchString }

// misread returns the error for a line that cannot be read.
func misread(n int, line, format string, args ...any) error {
	return fmt.Errorf("line %d: %s: %.80q", n, fmt.Sprintf(format, args...), line)
}

// readText reads a text in the notation that recognizes the earliest line. A message can
// contain lines that look like another notation, so readText tries the others if the first
// fails. It returns the error of the first.
func readText(ctx context.Context, text string) (*Recording, error) {
	lines := strings.Split(strings.TrimSuffix(strings.TrimPrefix(strings.ReplaceAll(text, "\r\n", "\n"), "\ufeff"), "\n"), "\n")
	type candidate struct {
		notation
		line int
	}
	var known []candidate
	for _, n := range notations() {
		if i := slices.IndexFunc(lines, n.knows); i >= 0 {
			known = append(known, candidate{n, i})
		}
	}
	slices.SortStableFunc(known, func(a, b candidate) int { return a.line - b.line })
	var first error
	for _, c := range known {
		r := newReader(ctx)
		r.Items = make([]Item, 0, len(lines)) // almost every line is at most one item
		err := c.read(r, lines)
		if err == nil {
			err = r.end()
		}
		if err == nil {
			return r.recording(), nil
		}
		if first == nil {
			first = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	if first != nil {
		return nil, first
	}
	for i, l := range lines {
		if strings.TrimSpace(l) != "" {
			return nil, misread(i+1, l, "it has no session that smtpsh can read")
		}
	}
	return nil, errors.New("it has no session")
}

// end checks that the text ends after a complete reply.
func (r *reader) end() error {
	for _, due := range r.chunk {
		if due != 0 {
			return errors.New("a text transcript does not show the data of BDAT; record with --log FILE.jsonl")
		}
	}
	for _, lines := range r.partial {
		return fmt.Errorf("the last line of a reply is missing after %.80q", lines[len(lines)-1])
	}
	for s, auth := range r.inAuth {
		if len(auth) > 0 {
			r.endAuth(s, auth)
		}
	}
	for _, it := range r.Items {
		if it.Kind == "reply" {
			return nil
		}
	}
	return errors.New("it has no reply of a server: nothing could be tested")
}

// isReplyLine reports whether a line begins as the lines of replies do (RFC 5321 section
// 4.2).
func isReplyLine(line string) bool {
	if len(line) < 3 {
		return false
	}
	for _, c := range []byte(line[:3]) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(line) == 3 || line[3] == ' ' || line[3] == '-'
}

// shortened matches the mark of a reply of which a console shows only the first line.
var shortened = lazyregexp.New(` \(\+\d+ lines?\)$`)

// serverLine adds a line from the server.
func (r *reader) serverLine(n int, label, words string) error {
	if err := r.take(); err != nil {
		return err
	}
	if !isReplyLine(words) {
		return misread(n, words, "a line of the server must begin with a reply code")
	}
	if strings.IndexByte(words, '\n') >= 0 {
		return misread(n, words, "a line of the server is incomplete")
	}
	s := r.session(label)
	if m := shortened().FindString(words); m != "" && len(words) > 4 && words[3] == '-' {
		r.shortReply(s, strings.TrimSuffix(words, m))
		r.due[s] = max(0, r.due[s]-1)
		return nil
	}
	if len(r.partial[s]) > 0 && words[:3] != r.partial[s][0][:3] {
		return misread(n, words, "the reply before it is incomplete")
	}
	r.received(s, words)
	if len(r.partial[s]) == 0 {
		r.due[s] = max(0, r.due[s]-1) // the greeting answers no command
	}
	return nil
}

// shortReply adds a reply of which only the first line is known.
func (r *reader) shortReply(session int, line string) {
	r.received(session, line[:3]+" "+line[4:])
	last := &r.Items[len(r.Items)-1]
	last.Lines[0], last.Short = line, true
}

// clientLine adds a line from the client, in a message or outside.
func (r *reader) clientLine(n int, label, words string) error {
	if err := r.take(); err != nil {
		return err
	}
	s := r.session(label)
	switch {
	case len(r.partial[s]) > 0:
		return misread(n, words, "the reply before it is incomplete")
	case r.chunk[s] > 0:
		r.content(s, words+"\r\n", byBDAT)
		r.chunk[s] -= len(words) + 2
	case r.inData[s]:
		r.content(s, words+"\r\n", byDATA)
		if words == "." {
			r.inData[s] = false
			r.due[s]++
		}
	default:
		if f := strings.Fields(words); len(f) > 1 && strings.EqualFold(f[0], "BDAT") {
			r.chunk[s], _ = strconv.Atoi(f[1])
		}
		r.due[s]++
		r.sent(s, words)
	}
	return nil
}

// begin starts another session if the last one has any lines.
func (r *reader) begin(label string) {
	for _, it := range r.Items[min(r.looked, len(r.Items)):] { // each item is checked once
		r.begun[it.Session] = true
	}
	r.looked = len(r.Items)
	if i, ok := r.labels[label]; ok && r.begun[i] {
		r.addSession(label, "")
	}
}

// starred matches a remark of a transcript.
var starred = lazyregexp.New(`^(?:\[[^\]]+\]\s+)?\*\s+(.*)`)

func isOurs(line string) bool {
	return ours().MatchString(timing().ReplaceAllString(line, "")) || ours().MatchString(strings.TrimSpace(line)) ||
		swaks().MatchString(line) && !longArrow(line) && !strings.HasPrefix(line, "->") && !strings.HasPrefix(line, "~>")
}

// longArrow reports whether a line begins with an arrow that swaks does not use.
func longArrow(line string) bool {
	return strings.HasPrefix(line, "-->") || strings.HasPrefix(line, "<--")
}

// readOurs reads C: and S: lines, and swaks' arrows. It skips output of a script after the
// end of a session; within a session such a line could be part of the transcript.
func readOurs(r *reader, lines []string) error {
	over := false
	for i, raw := range lines {
		n, line := i+1, timing().ReplaceAllString(raw, "")
		trimmed := strings.TrimSpace(line)
		if m := starred().FindStringSubmatch(line); m != nil && transcript.IsOmission(m[1]) {
			return fmt.Errorf("line %d: the transcript is incomplete; record with --log FILE.jsonl", n)
		}
		if m := swaks().FindStringSubmatch(raw); m != nil {
			if err := readSwaks(r, n, m); err != nil {
				return err
			}
			continue
		}
		m := ours().FindStringSubmatch(line)
		if m == nil {
			m = ours().FindStringSubmatch(trimmed)
		}
		switch {
		case m == nil && remark().MatchString(trimmed):
			if c := connected().FindStringSubmatch(trimmed); c != nil {
				r.begin(c[1])
			}
			over = closed().MatchString(trimmed)
		case m == nil && (trimmed == "" || strings.HasPrefix(trimmed, "#") || together().MatchString(trimmed)):
		case m == nil && over:
		case m == nil:
			return misread(n, raw, "lines must begin with C: S: * or #")
		default:
			over = false
			label, words := m[1]+m[2], unescape(m[4], hexEscape)
			s := r.session(label)
			if m[3] == "S" {
				words = strings.TrimSuffix(words, `\n`) // the reply had a bare LF
			}
			switch {
			case m[3] == "C" && (unwhole().MatchString(m[4]) || transcript.IsCut(m[4])):
				return misread(n, raw, "the transcript does not show this line exactly; record with --log FILE.jsonl")
			case stage().MatchString(m[4]) && !r.inData[s]:
			case m[3] == "S":
				if err := r.serverLine(n, label, words); err != nil {
					return err
				}
			default:
				if err := r.clientLine(n, label, words); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// unwhole matches the marks of a line without CRLF.
var unwhole = lazyregexp.New(`  \(no line end\)$|\\n$`)

var (
	connected = lazyregexp.New(`^(?:\[([^\]]+)\]\s+)?\*\s+connected to `)
	closed    = lazyregexp.New(`^(?:\[([^\]]+)\]\s+)?\*\s+connection closed`)
)

func readSwaks(r *reader, n int, m []string) error {
	switch {
	case strings.HasSuffix(m[1], ">"):
		return r.clientLine(n, "", m[2])
	case strings.HasPrefix(m[1], "<"):
		return r.serverLine(n, "", strings.TrimLeft(m[2], " "))
	case strings.HasPrefix(m[2], "Trying "):
		r.begin("")
	}
	return nil
}
