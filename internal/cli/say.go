package cli

// The voice of the program's errors:
//
//	smtpsh: what was wrong: detail
//	hint: what to try
//
// lower case, no full stop, one line each, on standard error. Every error of a
// user's making has a hint. Text from a server is escaped.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"smtpsh/engine"
	"smtpsh/internal/advice"
	"smtpsh/internal/dialogue"
	"smtpsh/internal/exit"
	"smtpsh/internal/suggest"
	"smtpsh/luabind"
	"smtpsh/transcript"
)

// usageError is a mistake on the command line.
type usageError struct {
	err  error
	hint string
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// ExitStatus is what the cause states, such as a script that cannot be read, or else that
// of a mistake on the command line.
func (e *usageError) ExitStatus() int { return exit.Stated(e.err, exit.Usage) }

// Hint says how to write it. A cause that states an exit status is no mistake on the
// command line, and knows better.
func (e *usageError) Hint() string {
	if errors.As(e.err, new(exit.Stater)) {
		return advice.Hint(e.err, advice.CommandLine)
	}
	return e.hint
}

// complain writes an error and its hint.
func (a *app) complain(err error) { a.complainTo(a.Stderr, err) }

// complainTo is complain for another place than standard error.
func (a *app) complainTo(w io.Writer, err error) {
	var failed *testFailure
	var found *findings
	switch {
	case errors.As(err, &failed), errors.As(err, new(*outputError)):
		return // all has been said
	case errors.As(err, &found):
		fmt.Fprintln(w, found.Error())
		return
	}
	msg, hint, source := words(err)
	fmt.Fprintf(w, "smtpsh: %s\n", brief(strings.ReplaceAll(msg, "\n", "; ")))
	if source != "" {
		fmt.Fprintf(w, "  %s\n", quote(source))
	}
	if hint = suggest.Fresh(hint, msg); hint != "" {
		fmt.Fprintf(w, "hint: %s\n", brief(hint))
	}
}

// brief is a text of an error for a terminal: escaped, and of long values in it a part.
//
//mutant:errors-repeat-no-long-value is "transcript.BriefText(s)" "s"
func brief(s string) string { return transcript.Escape(transcript.BriefText(s)) }

// quote is a line of a file below an error.
func quote(line string) string {
	return transcript.Escape(transcript.Brief(strings.ReplaceAll(line, "\t", "  ")))
}

// words finds message, hint and source line of an error.
func words(err error) (msg, hint, source string) {
	msg, source = describe(err)
	hint = advice.Hint(err, advice.CommandLine)
	if hint == "" && outOfTime(err) {
		hint = "--deadline sets it"
	}
	return msg, hint, source
}

// describe says what was wrong; source is a line of a script, or "".
func describe(err error) (msg, source string) {
	var (
		ended  *endedError
		stuck  *luabind.StuckError
		script *luabind.ScriptError
		played *dialogue.FileError
		usage  *usageError
	)
	switch {
	case errors.As(err, &ended):
		return ended.text, ""
	case errors.As(err, &stuck):
		msg, _ = describe(stuck.Cause)
		return msg + "; " + stuck.Error(), ""
	case errors.As(err, &script) && script.Bug:
		return "bug in smtpsh, please report it: " + script.Error(), script.Source
	case errors.As(err, &script):
		return script.Error(), script.Source
	case errors.As(err, &played):
		return played.Error(), played.SourceLine()
	case errors.As(err, &usage):
		return usage.Error(), ""
	case errors.Is(err, context.Canceled):
		return "interrupted", ""
	case outOfTime(err):
		return "the time limit of the run has passed", ""
	}
	return err.Error(), ""
}

// outOfTime reports the end of the time of a whole run. A wait of the engine's that took
// too long has a kind.
func outOfTime(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) && engine.KindOf(err) == "" && !errors.As(err, new(exit.Stater))
}
