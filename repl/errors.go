package repl

import (
	"fmt"

	"smtpsh/engine/reply"
	"smtpsh/internal/exit"
	"smtpsh/internal/exitstatus"
	"smtpsh/luabind/smtpmod"
	"smtpsh/transcript"
)

// ReplyError is a 4yz or 5yz reply that ended a run from a pipe.
type ReplyError struct {
	Reply  *reply.Reply
	Advice string // what to try in this session
}

// Error names the command and quotes the reply.
func (e *ReplyError) Error() string {
	return fmt.Sprintf("%s: rejected by the server: %s", What(e.Reply), transcript.Escape(e.Reply.String()))
}

// ExitStatus returns the exit status for the reply.
func (e *ReplyError) ExitStatus() int { return exitstatus.OfReply(e.Reply) }

// Hint returns what to try.
func (e *ReplyError) Hint() string { return e.Advice }

// MisplacedError is a positive reply that is not valid for its command, such as 250 to
// DATA. It ends a run from a pipe, because the server could read a message as commands.
type MisplacedError struct{ Reply *reply.Reply }

// Error names the command and quotes the reply.
func (e *MisplacedError) Error() string {
	return fmt.Sprintf("%s: %s is not a valid reply here (RFC 5321 section 4.3.2)", What(e.Reply), transcript.Escape(e.Reply.String()))
}

// ExitStatus returns exit.Lost, the status for a server that violates the protocol.
func (e *MisplacedError) ExitStatus() int { return exit.Lost }

// ExpectError is a reply that does not match :expect, or a missing reply.
type ExpectError struct {
	Want   reply.Want
	Reply  *reply.Reply // nil when none came
	Advice string       // what to try in this session after a rejection
}

// Error names the expected and the received reply.
func (e *ExpectError) Error() string {
	if e.Reply == nil {
		return fmt.Sprintf("want %s, got no reply to a command after :expect", e.Want)
	}
	return fmt.Sprintf("%s: want %s, got %s", What(e.Reply), e.Want, transcript.Escape(e.Reply.String()))
}

// ExitStatus returns exit.Failed, the status for an expectation that failed.
func (e *ExpectError) ExitStatus() int { return exit.Failed }

// Hint returns what to try.
func (e *ExpectError) Hint() string { return e.Advice }

// LessonError is a lesson that the input did not finish.
type LessonError struct{ Title, Goal string }

// Error names the lesson and the goal that was not reached.
func (e *LessonError) Error() string {
	return fmt.Sprintf("the lesson %q is not finished: %s", e.Title, e.Goal)
}

// ExitStatus returns exit.Failed, the status for an expectation that failed.
func (e *LessonError) ExitStatus() int { return exit.Failed }

// What names what a reply answers: a command, the greeting or the message.
func What(r *reply.Reply) string { return smtpmod.What(r) }

// InputError is an error in the input, such as an unknown command or a file that cannot
// be read.
type InputError struct{ Err error }

// Error returns the text of the cause.
func (e *InputError) Error() string { return e.Err.Error() }

// ExitStatus returns the exit status of the cause, or else exit.Usage.
func (e *InputError) ExitStatus() int { return exit.Stated(e.Err, exit.Usage) }

// Unwrap returns the cause.
func (e *InputError) Unwrap() error { return e.Err }

// hinted is an error with a hint.
type hinted struct{ msg, hint string }

// Error returns what failed.
func (h *hinted) Error() string { return h.msg }

// Hint returns what to try.
func (h *hinted) Hint() string { return h.hint }

// wrong returns an InputError with a hint.
func wrong(hint, format string, args ...any) error {
	return &InputError{&hinted{fmt.Sprintf(format, args...), hint}}
}
