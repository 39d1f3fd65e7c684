package repl

import (
	"fmt"

	"smtpsh/engine/reply"
	"smtpsh/internal/exit"
	"smtpsh/internal/exitstatus"
	"smtpsh/luabind/smtpmod"
	"smtpsh/transcript"
)

// ReplyError is a refused command that ended a run from a pipe.
type ReplyError struct {
	Reply  *reply.Reply
	Advice string // what to try, for this session
}

// Error quotes the reply.
func (e *ReplyError) Error() string {
	return fmt.Sprintf("%s: rejected by the server: %s", What(e.Reply), transcript.Escape(e.Reply.String()))
}

// ExitStatus is that of the refusal.
func (e *ReplyError) ExitStatus() int { return exitstatus.OfReply(e.Reply) }

// Hint is the advice for the refusal.
func (e *ReplyError) Hint() string { return e.Advice }

// MisplacedError is a reply that consents to something else than was asked: in a run
// from a pipe the lines that follow would be taken for what they are not.
type MisplacedError struct{ Reply *reply.Reply }

// Error quotes the reply.
func (e *MisplacedError) Error() string {
	return fmt.Sprintf("%s: %s is not a valid reply to it (RFC 5321 section 4.3.2)", What(e.Reply), transcript.Escape(e.Reply.String()))
}

// ExitStatus is that of a server that broke the protocol.
func (e *MisplacedError) ExitStatus() int { return exit.Lost }

// ExpectError is a reply that was not what :expect had announced.
type ExpectError struct {
	Want   reply.Want
	Reply  *reply.Reply // nil when none came
	Advice string       // what to try after a refusal, for this session
}

// Error says what was wanted and what came.
func (e *ExpectError) Error() string {
	if e.Reply == nil {
		return fmt.Sprintf("want %s, got no reply to a command after :expect", e.Want)
	}
	return fmt.Sprintf("%s: want %s, got %s", What(e.Reply), e.Want, transcript.Escape(e.Reply.String()))
}

// ExitStatus is that of an expectation that was not met.
func (e *ExpectError) ExitStatus() int { return exit.Failed }

// Hint is the advice for the refusal.
func (e *ExpectError) Hint() string { return e.Advice }

// LessonError is a lesson that the input did not reach the end of.
type LessonError struct{ Title, Goal string }

// Error says how far it got.
func (e *LessonError) Error() string {
	return fmt.Sprintf("the lesson %q is not finished: %s", e.Title, e.Goal)
}

// ExitStatus is that of an expectation that was not met.
func (e *LessonError) ExitStatus() int { return exit.Failed }

// What names what a reply answers.
func What(r *reply.Reply) string { return smtpmod.What(r) }

// InputError is a line that could not be understood, in a run from a pipe.
type InputError struct{ Err error }

// Error is the cause's.
func (e *InputError) Error() string { return e.Err.Error() }

// ExitStatus is what the cause states, or else that of an input line that is wrong.
func (e *InputError) ExitStatus() int { return exit.Stated(e.Err, exit.Usage) }

// Unwrap gives the cause.
func (e *InputError) Unwrap() error { return e.Err }

// hinted is an error of smtpsh with what to try next.
type hinted struct{ msg, hint string }

// Error is what was wrong.
func (h *hinted) Error() string { return h.msg }

// Hint is what to try.
func (h *hinted) Hint() string { return h.hint }

// wrong is an InputError with advice.
func wrong(hint, format string, args ...any) error {
	return &InputError{&hinted{fmt.Sprintf(format, args...), hint}}
}
