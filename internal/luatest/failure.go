package luatest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/internal/explain"
	"smtpsh/internal/lazyregexp"
	"smtpsh/luabind"
	"smtpsh/luabind/smtpmod"
	"smtpsh/luabind/testmod"
	"smtpsh/transcript"
)

// shownLines is how much of a conversation a failure shows; the whole is in the
// folder of transcripts.
const shownLines = 8

// describe writes a failure out: where, what was wanted, the source, the
// conversation. Nothing in it can move a cursor.
func describe(f *luabind.ScriptError, source []byte) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	place := transcript.Escape(f.Name)
	if f.Line == 0 && len(f.Frames) > 0 {
		f.Line = f.Frames[0].Line
	}
	if f.Line > 0 {
		place += fmt.Sprintf(":%d", f.Line)
	}
	v := f.Value
	what := f.Message
	if v != nil && v.Want != "" {
		what = v.What
	}
	if v != nil && v.Kind != "reply" && v.Kind != "expect" && v.Kind != "usage" && f.Cause == nil {
		what += " [" + v.Kind + "]"
	}
	var limit *testmod.TimeoutError
	switch {
	case errors.As(f.Cause, &limit):
		add("%s: %s", place, limit.Error())
		if f.Message != "" && !strings.Contains(f.Message, "context") && f.Message != limit.Error() {
			add("  it was at: %s", transcript.Escape(f.Message))
		}
	case what == "" && v.Kind == "reply":
		add("%s: the server says something else", place)
	case what == "":
		add("%s: the value is another one", place)
	default:
		for i, l := range strings.Split(transcript.BriefLines(what, maxLines), "\n") {
			if i == 0 {
				add("%s: %s", place, transcript.Escape(l))
			} else {
				add("  %s", transcript.Escape(l))
			}
		}
	}
	if v != nil && v.Want != "" {
		add("  want %s", transcript.Escape(transcript.BriefText(v.Want)))
		add("  got  %s%s", transcript.Escape(short(v.Got)), meaning(smtpmod.ReplyOf(v)))
	}
	out = append(out, sourceLines(f, source)...)
	for _, fr := range callers(f) {
		add("  called from %s:%d", transcript.Escape(fr.File), fr.Line)
	}
	if v != nil && limit == nil {
		if hint := luabind.FreshHint(v.Hint, what+" "+v.Message); hint != "" {
			add("  hint: %s", transcript.Escape(transcript.BriefText(hint)))
		}
	}
	if f.Bug {
		add("  this is a fault of smtpsh, please report it")
	}
	return out
}

// maxLines bounds the lines of one failure's message.
const maxLines = 50

// maxGot bounds what is shown of a value; the conversation has the whole.
const maxGot = 160

func short(s string) string {
	if r := []rune(s); len(r) > maxGot {
		return string(r[:maxGot]) + " ..."
	}
	return s
}

// meaning is what a code means, in brackets.
func meaning(r *reply.Reply) string {
	if r == nil {
		return ""
	}
	if name := explain.Name(r); name != "" {
		return "   (" + name + ")"
	}
	return ""
}

// sourceLines is the failing line with the one before it.
func sourceLines(f *luabind.ScriptError, source []byte) []string {
	if f.Line <= 0 || source == nil {
		return nil
	}
	lines := strings.Split(string(source), "\n")
	var out []string
	for n := max(1, f.Line-1); n <= f.Line && n <= len(lines); n++ {
		mark := " "
		if n == f.Line {
			mark = ">"
		}
		text := authSource().ReplaceAllString(strings.TrimRight(strings.ReplaceAll(lines[n-1], "\t", "  "), "\r "), "$1"+event.Mask)
		out = append(out, fmt.Sprintf(" %s %3d | %s", mark, n, transcript.Escape(transcript.Brief(text))))
	}
	return out
}

// authSource is a login written into a dialogue, by hand or pasted.
var authSource = lazyregexp.New(`(?i)((?:C:|[-~*]>)\s*AUTH\s+\S+\s+)\S.*$`)

// callers are the further places in scripts that led to the failure.
func callers(f *luabind.ScriptError) []luabind.Frame {
	var out []luabind.Frame
	for i, fr := range f.Frames {
		if i > 0 && len(out) < 3 && fr != f.Frames[i-1] && (fr.File != f.Name || fr.Line != f.Line) {
			out = append(out, fr)
		}
	}
	return out
}

// conversation writes the end of a conversation, with a mark at the reply that was
// not wanted. Replies of several lines are folded.
func conversation(c smtpmod.Conversation, failed *reply.Reply, most int) []string {
	entries := c.Log.Entries()
	if most > 0 { // the failure was before the session was left
		entries = fold(slices.DeleteFunc(entries, func(e transcript.Entry) bool { return e.Leaving }))
	}
	head := "conversation"
	if c.Name != "" {
		head += " with " + transcript.Escape(c.Name)
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

// fold makes one line of a reply of several: its first, and how many follow.
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

// ofFailure finds the conversation that a failure is about: that of its session,
// else the last one.
func ofFailure(r *testmod.Result, f *luabind.ScriptError) (smtpmod.Conversation, *reply.Reply, bool) {
	var failed *reply.Reply
	if f.Value != nil {
		failed = smtpmod.ReplyOf(f.Value)
	}
	if failed != nil {
		for _, c := range r.Conversations {
			for _, e := range c.Log.Entries() {
				if e.Reply == failed {
					return c, failed, true
				}
			}
		}
	}
	if c := smtpmod.ConversationOf(f); c != nil {
		return *c, failed, true
	}
	if n := len(r.Conversations); n > 0 {
		return r.Conversations[n-1], failed, true
	}
	return smtpmod.Conversation{}, nil, false
}
