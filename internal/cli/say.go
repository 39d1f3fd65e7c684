package cli

// Errors of the program have this form:
//
//	smtpsh: what was wrong: detail
//	hint: what to try
//
// They are in lower case, without a full stop, one line each, on standard error. Every
// error that a user can cause has a hint. Text from a server is escaped.

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

// ExitStatus returns the status that the cause states, for example of a script that cannot
// be read, or else that of a mistake on the command line.
func (e *usageError) ExitStatus() int { return exit.Stated(e.err, exit.Usage) }

// Hint returns how to write it. If the cause states an exit status, its own hint is better.
func (e *usageError) Hint() string {
	if errors.As(e.err, new(exit.Stater)) {
		return advice.Hint(e.err, advice.CommandLine)
	}
	return e.hint
}

// complain prints an error and its hint.
func (a *app) complain(err error) { a.complainTo(a.Stderr, err) }

// complainTo is complain with another destination than standard error.
func (a *app) complainTo(w io.Writer, err error) {
	var failed *testFailure
	var found *findings
	switch {
	case errors.As(err, &failed), errors.As(err, new(*outputError)), errors.As(err, new(swaksStatus)):
		return // already reported
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

// quote returns a line of a file for display below an error.
func quote(line string) string {
	return transcript.Escape(transcript.Brief(strings.ReplaceAll(line, "\t", "  ")))
}

// words returns the message, hint and source line of an error.
func words(err error) (msg, hint, source string) {
	msg, source = describe(err)
	hint = advice.Hint(err, advice.CommandLine)
	if hint == "" && outOfTime(err) {
		hint = "--deadline sets it"
	}
	return msg, hint, source
}

// describe returns what was wrong, and the line of the script or "".
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

// outOfTime reports whether the time limit of a whole run has ended. A timeout of the
// engine has a kind.
func outOfTime(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) && engine.KindOf(err) == "" && !errors.As(err, new(exit.Stater))
}
