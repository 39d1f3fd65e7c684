package repl

import (
	"context"
	"strconv"

	"smtpsh/engine/reply"
	"smtpsh/internal/transcript"
)

func batchCommands() []Command {
	return []Command{{
		Names: []string{"expect"}, Group: "scripts", Args: []Arg{{Name: "WANT", Kind: Want}},
		Summary: "say what the next reply must be",
		Detail:  "WANT is a code, a pattern or an enhanced code: 250, 5xx, 250|251, 5.7.*, 550 5.7.1. In a run from a pipe anything else ends it with status 1.",
		Example: ":expect 5xx\nXYZZY",
		run: func(_ context.Context, r *REPL, args []string) error {
			w, err := reply.ParseWant(args[0])
			if err != nil {
				return &InputError{err}
			}
			r.want = &w
			return nil
		},
	}}
}

// atLeastOne reads a number of lines.
func atLeastOne(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 0, wrong("as in :show 20", "%s is no number of lines", transcript.Escape(s))
	}
	return n, nil
}
