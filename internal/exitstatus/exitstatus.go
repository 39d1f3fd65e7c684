package exitstatus

import (
	"context"
	"errors"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/internal/exit"
)

// Of returns the exit status for an error, [exit.OK] for nil. Any other error is a
// mistake in the input of the program: [exit.Usage].
func Of(err error) int {
	if err == nil {
		return exit.OK
	}
	if status, ok := Known(err); ok {
		return status
	}
	return exit.Usage
}

// Known returns the exit status of an error that states one, is an error of the engine, or
// is the end of a context; false for other errors and nil.
func Known(err error) (status int, ok bool) {
	var stated exit.Stater
	var op *engine.OpError
	switch {
	case errors.As(err, &stated):
		return stated.ExitStatus(), true
	case errors.Is(err, context.Canceled):
		return exit.Interrupted, true
	case errors.As(err, &op) && op.Kind == engine.ErrRefused && op.Reply != nil:
		return OfReply(op.Reply), true
	}
	if status, ok := exit.OfKind(engine.KindOf(err)); ok {
		return status, true
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return exit.Lost, true
	}
	return 0, false
}

// OfReply returns the exit status of a 4yz or 5yz reply: that of a login, or else by its
// class.
func OfReply(r *reply.Reply) int {
	switch {
	case r.Verb == "AUTH":
		return exit.Auth
	case r.Temporary():
		return exit.Temporary
	}
	return exit.Permanent
}
