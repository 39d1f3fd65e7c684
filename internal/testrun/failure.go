package testrun

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"smtpsh/engine/reply"
	"smtpsh/engine/secret"
	"smtpsh/internal/explain"
	"smtpsh/internal/lazyregexp"
	"smtpsh/internal/suggest"
	"smtpsh/transcript"
)

// shownLines is how many lines of a transcript a failure shows; the folder of
// transcripts has all of them.
const shownLines = 8

// Place is a line in a file.
type Place struct {
	File string
	Line int // 0 if unknown
}

// Failure is one thing that went wrong in a test, as reports need it.
type Failure struct {
	Place
	Kind    string // expect, reply, timeout, tls and the like; "" for an error of the file
	What    string // what is wrong, or what a condition checks; "" for none
	Message string // the whole failure on one line, without the place
	Want    string // the expected value of a failed condition
	Got     string
	Hint    string
	Calls   []Place         // the calls that led to it, innermost first
	Stopped error           // why the test was stopped; nil when it failed by itself
	Bug     bool            // a bug in smtpsh
	Missing bool            // a variable has no value
	Reply   *reply.Reply    // the unexpected reply; nil for none
	Log     *transcript.Log // the transcript of its session; nil if unknown
}

// limit returns the time limit that the test exceeded; nil for none.
func (f *Failure) limit() *TimeoutError {
	var limit *TimeoutError
	errors.As(f.Stopped, &limit)
	return limit
}

// describe writes a failure as lines: the place, want and got, the source, the calls and
// the hint. All of it is escaped for terminals.
func describe(f *Failure, source []byte) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	place := transcript.Escape(f.File)
	line := f.Line
	if line == 0 && len(f.Calls) > 0 {
		line = f.Calls[0].Line
	}
	if line > 0 {
		place += fmt.Sprintf(":%d", line)
	}
	what := f.What
	if f.Kind != "" && f.Kind != "reply" && f.Kind != "expect" && f.Kind != "usage" && f.Stopped == nil {
		what += " [" + f.Kind + "]"
	}
	limit := f.limit()
	switch {
	case limit != nil:
		add("%s: %s", place, limit.Error())
		if f.Message != "" && !strings.Contains(f.Message, "context") && f.Message != limit.Error() {
			add("  last step: %s", transcript.Escape(f.Message))
		}
	case what == "" && f.Kind == "reply":
		add("%s: unexpected reply", place)
	case what == "":
		add("%s: values differ", place)
	default:
		//mutant:failures-repeat-no-long-value is "transcript.BriefLines(what, maxLines)" "what"
		for i, l := range strings.Split(transcript.BriefLines(what, maxLines), "\n") {
			if i == 0 {
				add("%s: %s", place, transcript.Escape(l))
			} else {
				add("  %s", transcript.Escape(l))
			}
		}
	}
	if f.Want != "" {
		add("  want %s", transcript.Escape(transcript.BriefText(f.Want)))
		add("  got  %s%s", transcript.Escape(short(f.Got)), meaning(f.Reply))
	}
	out = append(out, sourceLines(line, source)...)
	for _, c := range callers(f, line) {
		add("  called from %s:%d", transcript.Escape(c.File), c.Line)
	}
	if limit == nil {
		if hint := suggest.Fresh(f.Hint, what+" "+f.Message); hint != "" {
			add("  hint: %s", transcript.Escape(transcript.BriefText(hint)))
		}
	}
	if f.Bug {
		add("  bug in smtpsh, please report it")
	}
	return out
}

// maxLines limits the lines of one failure's message.
const maxLines = 50

// maxGot limits the characters shown of a value; the transcript has all of it.
const maxGot = 160

func short(s string) string {
	if r := []rune(s); len(r) > maxGot {
		return string(r[:maxGot]) + " ..."
	}
	return s
}

// meaning returns the meaning of a reply code in brackets.
func meaning(r *reply.Reply) string {
	if r == nil {
		return ""
	}
	if name := explain.Name(r); name != "" {
		return "   (" + name + ")"
	}
	return ""
}

// sourceLines returns the failing line and the line before it.
func sourceLines(at int, source []byte) []string {
	if at <= 0 || source == nil {
		return nil
	}
	lines := strings.Split(string(source), "\n")
	var out []string
	for n := max(1, at-1); n <= at && n <= len(lines); n++ {
		mark := " "
		if n == at {
			mark = ">"
		}
		text := authSource().ReplaceAllString(strings.TrimRight(strings.ReplaceAll(lines[n-1], "\t", "  "), "\r "), "$1"+secret.Mask)
		out = append(out, fmt.Sprintf(" %s %3d | %s", mark, n, transcript.Escape(transcript.Brief(text))))
	}
	return out
}

// authSource matches a login in the source of a dialogue, whose credentials are masked.
var authSource = lazyregexp.New(`(?i)((?:C:|[-~*]>)\s*AUTH\s+\S+\s+)\S.*$`)

// callers returns up to three further places of the call chain of a failure.
func callers(f *Failure, line int) []Place {
	var out []Place
	for i, c := range f.Calls {
		if i > 0 && len(out) < 3 && c != f.Calls[i-1] && c != (Place{f.File, line}) {
			out = append(out, c)
		}
	}
	return out
}

// conversation writes the last lines of a transcript, with a mark at the unexpected
// reply. A reply of several lines is folded into one.
func conversation(log *transcript.Log, failed *reply.Reply, most int) []string {
	entries := log.Entries()
	if most > 0 { // the failure came before the QUIT that smtpsh sends at the end
		entries = fold(slices.DeleteFunc(entries, func(e transcript.Entry) bool { return e.Leaving }))
	}
	head := "transcript"
	if log.Name != "" {
		head += " with " + transcript.Escape(log.Name)
	}
	if most > 0 && len(entries) > most {
		head += fmt.Sprintf(", last %d of %d lines", most, len(entries))
		entries = entries[len(entries)-most:]
	}
	out := []string{head}
	for _, e := range entries {
		mark := " "
		if failed != nil && e.Reply == failed {
			mark = ">"
		}
		sep := ": "
		if e.Dir == "*" {
			sep = "  "
		}
		out = append(out, fmt.Sprintf("%s %.3f %s%s%s", mark, e.At.Seconds(), e.Dir, sep, e.Text))
	}
	return out
}

// fold replaces a reply of several lines by its first line and the number of the others.
func fold(entries []transcript.Entry) []transcript.Entry {
	var out []transcript.Entry
	more := 0
	for _, e := range entries {
		n := len(out)
		if e.Dir == "S" && n > 0 && out[n-1].Dir == "S" && len(out[n-1].Text) > 3 && out[n-1].Text[3] == '-' && out[n-1].Reply == nil {
			more++
			if e.Reply != nil || len(e.Text) < 4 || e.Text[3] != '-' {
				out[n-1].Text += fmt.Sprintf(" (+%d lines)", more)
				out[n-1].Reply = e.Reply
				if out[n-1].Reply == nil {
					out[n-1].Reply = &reply.Reply{}
				}
				more = 0
			}
			continue
		}
		more = 0
		out = append(out, e)
	}
	return out
}

// ofFailure returns the transcript of a failure's session, or else the last one; nil for
// none.
func ofFailure(r *Result, f *Failure) *transcript.Log {
	if f.Reply != nil {
		for _, log := range r.Conversations {
			for _, e := range log.Entries() {
				if e.Reply == f.Reply {
					return log
				}
			}
		}
	}
	if f.Log != nil {
		return f.Log
	}
	if n := len(r.Conversations); n > 0 {
		return r.Conversations[n-1]
	}
	return nil
}
