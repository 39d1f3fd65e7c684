package advice

import (
	"errors"

	"smtpsh/engine"
	"smtpsh/internal/explain"
)

// Hinter is an error with a hint that is right in every context.
type Hinter interface {
	error
	// Hint returns what to try, in one line without a full stop; "" for nothing.
	Hint() string
}

// Hint returns what to try after an error, in the form of a surface; "" for nothing. The
// outermost error of a chain with a hint counts: its method Hint, or the
// [engine.OpError.Advice] of the engine. A rejected step has the advice for its reply.
func Hint(err error, where Surface) string {
	for err != nil {
		if said := own(err, where); said != "" {
			return said
		}
		switch wrapper := err.(type) {
		case interface{ Unwrap() error }:
			err = wrapper.Unwrap()
		case interface{ Unwrap() []error }:
			for _, cause := range wrapper.Unwrap() {
				if said := Hint(cause, where); said != "" {
					return said
				}
			}
			return ""
		default:
			return ""
		}
	}
	return ""
}

// own returns the hint of one error of a chain.
func own(err error, where Surface) string {
	switch e := err.(type) {
	case Hinter:
		return e.Hint()
	case *engine.OpError:
		if said := Words(where, e.Advice...); said != "" || e.Kind != engine.ErrRefused || e.Reply == nil {
			return said
		}
		return explain.Advice(e.Reply, explain.Context{})
	}
	return ""
}

// hinted is an error with a hint.
type hinted struct {
	error
	hint string
}

// Hint returns the hint.
func (h *hinted) Hint() string { return h.hint }

// Unwrap returns the error.
func (h *hinted) Unwrap() error { return h.error }

// With returns an error with the text and the causes of err, and with a hint.
func With(err error, hint string) error { return &hinted{err, hint} }

// At returns err with the hint of a surface, for another reader: errors of piped input to
// the prompt are shown on the command line.
func At(where Surface, err error) error {
	hint := Hint(err, where)
	if hint == "" {
		return err
	}
	return &hinted{err, hint}
}

// Of returns the advice in an error of the engine; nil if there is none.
func Of(err error) []engine.Advice {
	var op *engine.OpError
	if errors.As(err, &op) {
		return op.Advice
	}
	return nil
}
