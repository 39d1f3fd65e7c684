package repl

import (
	"context"
	"strconv"

	"smtpsh/engine/reply"
	"smtpsh/transcript"
)

func batchCommands() []Command {
	return []Command{{
		Names: []string{"expect"}, Group: "scripts", Args: []Arg{{Name: "WANT", Kind: Want}},
		Summary: "say what the next reply must be",
		Detail:  "WANT is a code, a pattern or an enhanced code: 250, 5xx, 250|251, 5.7.*, 550 5.7.1. In a run from a pipe anything else ends it with status 1, and so does no reply at all.",
		Example: ":expect 5xx\nXYZZY",
		run: func(_ context.Context, r *REPL, args []string) error {
			if err := r.unmet(); err != nil {
				return err
			}
			w, err := reply.ParseWant(args[0])
			if err != nil {
				return &InputError{err}
			}
			r.want = &w
			return nil
		},
	}}
}

// unmet is for a place where what was announced can have no reply any more: behind the
// last line, before another announcement, and before commands that have several replies.
func (r *REPL) unmet() error {
	if r.want == nil {
		return nil
	}
	w := *r.want
	r.want = nil
	switch {
	case r.in.Terminal():
		return nil
	case r.opts.KeepGoing:
		r.say("*  want %s, and no reply to a command came", w)
		return nil
	}
	return &ExpectError{Want: w, Advice: "put :expect directly before the command that it is about, in :pipe before its line; replies to Lua, scripts and :up do not count"}
}

// atLeastOne reads a number of lines.
func atLeastOne(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 0, wrong("as in :show 20", "%s is no number of lines", transcript.Escape(s))
	}
	return n, nil
}
