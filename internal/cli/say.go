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
	"smtpsh/engine/reply"
	"smtpsh/internal/advice"
	"smtpsh/internal/suggest"
	"smtpsh/internal/testrun"
	"smtpsh/luabind"
	"smtpsh/luabind/smtpmod"
	"smtpsh/repl"
	"smtpsh/transcript"
)

// Exit codes. They are part of the program's interface.
const (
	exitOK        = 0
	exitFailed    = 1 // an expectation was not met
	exitUsage     = 2 // flags, arguments, a missing variable
	exitScript    = 3 // a script is wrong
	exitDial      = 4 // cannot connect
	exitTLS       = 5
	exitLost      = 6   // connection lost, timeout or protocol violation
	exitAuth      = 7   // AUTH was refused
	exitTemporary = 8   // 4yz
	exitPermanent = 9   // 5yz
	exitInterrupt = 130 // ^C
)

// usageError is a mistake on the command line.
type usageError struct {
	err  error
	hint string
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

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
func brief(s string) string { return transcript.Escape(transcript.BriefText(s)) }

// quote is a line of a file below an error.
func quote(line string) string {
	return transcript.Escape(transcript.Brief(strings.ReplaceAll(line, "\t", "  ")))
}

// words finds message, hint and source line of an error.
func words(err error) (msg, hint, source string) {
	var (
		usage  *usageError
		script *luabind.ScriptError
		op     *engine.OpError
		refuse *repl.ReplyError
		want   *repl.ExpectError

		overload *loadFailure
		stuck    *luabind.StuckError
		ended    *endedError
	)
	switch {
	case errors.As(err, &ended):
		return ended.text, "", ""
	case errors.As(err, &stuck):
		msg, _, _ = words(stuck.Cause)
		return msg + "; " + stuck.Error(), "the program was ended: reports are missing, and nothing was cleaned up", ""
	case errors.As(err, new(*luabind.MemoryError)):
		return err.Error(), "--max-memory sets the limit; build large texts in pieces, or send them from a file", ""
	case errors.As(err, new(*luabind.LuaTimeError)):
		return err.Error(), "look for an endless loop, or raise the limit with --max-lua", ""
	case errors.As(err, &script):
		msg, source = script.Error(), script.Source
		if script.Value != nil {
			hint = script.Value.Hint
		}
		if script.Bug {
			msg = "this is a fault of smtpsh, please report it: " + msg
		}
		return msg, hint, source
	case errors.As(err, &usage):
		return usage.Error(), usage.hint, ""
	case errors.As(err, &overload):
		return overload.text, overload.hint, ""
	case errors.As(err, &refuse):
		return refuse.Error(), refuse.Advice, ""
	case errors.As(err, &want):
		return want.Error(), want.Advice, ""
	case errors.Is(err, context.Canceled):
		return "interrupted", "", ""
	case errors.Is(err, context.DeadlineExceeded):
		return "the time limit of the run is over", "--deadline sets it", ""
	case errors.As(err, &op):
		return err.Error(), advice.Hint(err, advice.CommandLine), ""
	}
	return err.Error(), advice.Hint(err, advice.CommandLine), ""
}

// exitCode maps an error to the exit status.
func exitCode(err error) int {
	var (
		failed *testFailure
		found  *findings
		usage  *usageError
		script *luabind.ScriptError
		refuse *repl.ReplyError
		want   *repl.ExpectError
		input  *repl.InputError
		lesson *repl.LessonError
		fault  *lessonFault
	)
	switch {
	case errors.As(err, new(*luabind.MemoryError)), errors.As(err, new(*luabind.LuaTimeError)):
		return exitScript
	case errors.As(err, &failed):
		return failed.code
	case errors.As(err, &lesson), errors.As(err, &fault), errors.As(err, new(*loadFailure)):
		return exitFailed
	case errors.As(err, &found):
		return exitScript
	case errors.As(err, &script):
		return scriptCode(script)
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &refuse):
		return replyCode(refuse.Reply)
	case errors.As(err, &want):
		return exitFailed
	case errors.As(err, new(*repl.MisplacedError)):
		return exitLost
	case errors.As(err, &input):
		return exitUsage
	case errors.Is(err, context.Canceled):
		return exitInterrupt
	case errors.Is(err, context.DeadlineExceeded):
		return exitLost
	}
	var op *engine.OpError
	if errors.As(err, &op) && op.Kind == engine.ErrRefused && op.Reply != nil {
		return replyCode(op.Reply)
	}
	if code, ok := kindCode(engine.KindOf(err)); ok {
		return code
	}
	if errors.As(err, new(*luabind.StuckError)) || errors.As(err, new(*testrun.TimeoutError)) {
		return exitScript
	}
	return exitUsage
}

func scriptCode(e *luabind.ScriptError) int {
	v := e.Value
	switch {
	case v == nil:
		return exitScript
	case v.Missing != "":
		return exitUsage
	case v.Expect:
		return exitFailed
	case v.Untried:
		return untriedCode(v)
	case v.Kind == "reply" && smtpmod.ReplyOf(v) != nil:
		return replyCode(smtpmod.ReplyOf(v))
	case v.Kind == "usage" && v.Err == nil:
		return exitScript
	}
	if code, ok := kindCode(v.Kind); ok {
		return code
	}
	return exitScript
}

// untriedCode is the status of a script that could not find anything out: that of
// the reason, or else that of a check which failed.
func untriedCode(v *luabind.ErrorValue) int {
	if code, ok := kindCode(v.Because); ok && v.Because != "usage" {
		return code
	}
	if smtpmod.ReplyOf(v) != nil && !smtpmod.ReplyOf(v).Positive() {
		return replyCode(smtpmod.ReplyOf(v))
	}
	return exitFailed
}

func kindCode(kind string) (int, bool) {
	code, ok := map[string]int{
		"dial": exitDial, "tls": exitTLS, "timeout": exitLost, "closed": exitLost, "protocol": exitLost, "canceled": exitInterrupt, "usage": exitUsage,
	}[kind]
	return code, ok
}

// replyCode tells a refused login from other refusals.
func replyCode(r *reply.Reply) int {
	switch {
	case r.Verb == "AUTH":
		return exitAuth
	case r.Temporary():
		return exitTemporary
	}
	return exitPermanent
}
