package repl

import (
	"context"
	"strconv"

	"smtpsh/engine/reply"
	"smtpsh/internal/explain"
	"smtpsh/luabind/smtpmod"
	"smtpsh/transcript"
)

func batchCommands() []Command {
	return []Command{{
		Names: []string{"expect"}, Group: "scripts", Args: []Arg{{Name: "WANT", Kind: Want}},
		Summary: "set the expected reply to the next command",
		Detail: "WANT is a code, a pattern or an enhanced code: 250, 5xx, 250|251, 5.7.*, 550 5.7.1. If input comes from a pipe, " +
			"another reply or no reply ends the run with exit status 1.",
		Example: ":expect 5xx\nXYZZY",
		run: func(_ context.Context, r *REPL, args []string) error {
			if err := r.missedExpectation(); err != nil {
				return err
			}
			w, err := reply.ParseWant(args[0])
			if err != nil {
				return &InputError{err}
			}
			r.expected = &w
			return nil
		},
	}}
}

// missedExpectation reports an :expect that can no longer get its reply. It is called
// after the last line, before another :expect, and before commands with several replies.
func (r *REPL) missedExpectation() error {
	if r.expected == nil { //mutant:what-was-announced-must-come always
		return nil
	}
	w := *r.expected
	r.expected = nil
	switch {
	case r.in.Terminal():
		return nil
	case r.opts.KeepGoing:
		r.screen.say("*  want %s, got no reply to a command", w)
		return nil
	}
	return &ExpectError{
		Want:   w,
		Advice: "write :expect on the line before its command, also in :pipe; replies to Lua, scripts and :up do not count",
	}
}

// judge compares a reply with :expect. In a run from a pipe it returns an error if the
// reply ends the run.
func (r *REPL) judge(rep *reply.Reply) error {
	if r.expected != nil {
		w := *r.expected
		r.expected = nil
		if !w.Match(rep) {
			if r.in.Terminal() || r.opts.KeepGoing {
				r.screen.say("*  want %s, got %d", w, rep.Code)
				return nil
			}
			return &ExpectError{Want: w, Reply: rep, Advice: r.advice(rep)}
		}
		return nil
	}
	if r.in.Terminal() || r.opts.KeepGoing || r.lesson.course != nil {
		return nil
	}
	switch {
	case rep.Misplaced(), r.sessions.current.usable() && rep == r.sessions.current.smtp.Greeting() && rep.Positive() && rep.Code != 220:
		return &MisplacedError{rep}
	case !rep.Positive():
		return &ReplyError{Reply: rep, Advice: r.advice(rep)}
	}
	return nil
}

// advice returns what to try in this session after a reply that rejects a command.
func (r *REPL) advice(rep *reply.Reply) string {
	return explain.Advice(rep, smtpmod.ExplainContext(r.sessions.current.smtp))
}

// atLeastOne parses a number of lines.
func atLeastOne(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 0, wrong("for example :show 20", "%s is not a number of lines", transcript.Escape(s))
	}
	return n, nil
}
