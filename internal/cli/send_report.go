package cli

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/internal/deliver"
	"smtpsh/internal/exit"
	"smtpsh/internal/exitstatus"
	"smtpsh/transcript"
)

// delivery is one message on its way.
type delivery struct {
	number    int
	domain    string          // of its recipients, with --mx
	rcpts     []string        // with --mx
	attempts  []attempt       // with --mx: the hosts that were tried
	result    *deliver.Result // nil before MAIL
	err       error
	sent      bool   // Send was called
	stopped   string // the step after which the session ended as requested
	remark    string // a failure after the message was accepted
	session   *engine.Session
	collector *collector
	first     int // the index of its first reply in the collector
	replies   []SendReply
}

// of returns the recipients of the delivery.
func (d *delivery) of(all []string) []string {
	if d.domain != "" {
		return d.rcpts
	}
	return all
}

// keep copies the replies since the beginning of the message.
func (d *delivery) keep() {
	if d.collector != nil {
		d.replies = slices.Clone(d.collector.replies[d.first:])
	}
}

// The outcomes of a message and of a recipient.
const (
	accepted  = "accepted"
	partly    = "partly accepted"
	rejected  = "rejected"
	unknown   = "unknown"
	notSent   = "not sent"
	asStopped = "stopped"
)

// outcome says what happened to the message.
func (d *delivery) outcome() string {
	var op *engine.OpError
	taken, refused := 0, 0
	if d.result != nil {
		for _, r := range d.result.Recipients {
			switch {
			case r.Accepted():
				taken++
			default:
				refused++
			}
		}
	}
	switch {
	case errors.As(d.err, &op) && op.Unknown:
		return unknown
	case taken > 0 && refused > 0:
		return partly
	case taken > 0:
		return accepted
	case d.err != nil && errors.Is(d.err, engine.ErrRefused):
		return rejected
	case d.err != nil:
		return notSent
	}
	return asStopped
}

// recipientOutcome says what happened for a recipient, and the reply that decided it.
func (d *delivery) recipientOutcome(r engine.RecipientResult) (string, *reply.Reply) {
	var op *engine.OpError
	switch {
	case errors.As(d.err, &op) && op.Unknown && (r.RCPT == nil || r.RCPT.Completed()):
		return unknown, nil
	case r.Accepted():
		return accepted, r.Message
	case r.Message != nil && !r.Message.Completed():
		return rejected, r.Message
	case r.RCPT != nil && !r.RCPT.Completed():
		return rejected, r.RCPT
	case d.stopped == "rcpt" || d.stopped == "data":
		return "accepted by RCPT", r.RCPT
	}
	return notSent, nil
}

// partialError is a message that the server accepted for some recipients only.
type partialError struct {
	rejected, all int
	first         *reply.Reply
}

// Error counts the recipients.
func (e *partialError) Error() string {
	return fmt.Sprintf("the server rejected %d of %d recipients: %s", e.rejected, e.all, e.first)
}

// ExitStatus returns the status of the first rejection.
func (e *partialError) ExitStatus() int { return exitstatus.OfReply(e.first) }

// Hint returns what to do.
func (e *partialError) Hint() string {
	return "the others got the message; --all-or-nothing sends it only if the server accepts all recipients"
}

// unknownError is a message of which it is not known whether the server accepted it.
type unknownError struct{ error }

// ExitStatus returns the status of its own.
func (e *unknownError) ExitStatus() int { return exit.Unknown }

// Unwrap returns the cause.
func (e *unknownError) Unwrap() error { return e.error }

// failure returns the error of a delivery for the exit status, or nil.
func (d *delivery) failure() error {
	switch d.outcome() {
	case unknown:
		return &unknownError{d.err}
	case partly:
		e := &partialError{all: len(d.result.Recipients)}
		for _, r := range d.result.Recipients {
			if outcome, with := d.recipientOutcome(r); outcome != accepted {
				e.rejected++
				if e.first == nil {
					e.first = with
				}
			}
		}
		if e.first == nil {
			return d.err
		}
		return e
	case accepted:
		return nil
	case asStopped:
		if d.result == nil {
			return d.err
		}
		for _, r := range d.result.Recipients { // --stop-after rcpt or data
			if r.RCPT != nil && !r.RCPT.Completed() {
				return &partialError{rejected: countRejected(d), all: len(d.result.Recipients), first: r.RCPT}
			}
		}
	}
	return d.err
}

func countRejected(d *delivery) int {
	n := 0
	for _, r := range d.result.Recipients {
		if r.RCPT != nil && !r.RCPT.Completed() {
			n++
		}
	}
	return n
}

// report prints what happened and returns the error of the run.
func (s *sending) report(err error) error {
	counted := map[string]int{}
	for _, d := range s.done {
		counted[d.outcome()]++
	}
	var parts []string
	for _, o := range slices.Sorted(maps.Keys(counted)) {
		parts = append(parts, fmt.Sprintf("%d %s", counted[o], o))
	}
	s.app.outcome = "messages: " + strings.Join(parts, ", ")
	if s.flags.json {
		return s.reportJSON(err)
	}
	host := &scriptHost{app: s.app, out: s.out}
	if s.app.out.format == "jsonl" && !s.app.out.quiet {
		host.observer = s.app.out.observer(s.out)
	}
	counts := map[string]int{}
	for _, d := range s.done {
		counts[d.outcome()]++
		if !s.flags.mx && s.flags.count > 1 && d.outcome() == accepted {
			continue
		}
		for _, line := range d.lines(s.flags.count > 1) {
			host.Print(line)
		}
	}
	if s.flags.count > 1 {
		text := fmt.Sprintf("%d of %d messages accepted", counts[accepted], s.flags.count)
		for _, o := range []string{partly, rejected, unknown, notSent, asStopped} {
			if counts[o] > 0 {
				text += fmt.Sprintf(", %d %s", counts[o], o)
			}
		}
		host.Print(text)
	}
	return s.firstError(err)
}

// lines describes a delivery, a line for each recipient.
func (d *delivery) lines(numbered bool) []string {
	prefix := ""
	if numbered {
		prefix = fmt.Sprintf("message %d: ", d.number)
	}
	var out []string
	if d.result != nil && d.result.Mail != nil && d.stopped != "mail" {
		for _, r := range d.result.Recipients {
			outcome, with := d.recipientOutcome(r)
			text := prefix + outcome + ": " + transcript.Escape(r.Address)
			if with != nil {
				text += " (" + brief(with.String()) + ")"
			}
			out = append(out, text)
		}
	}
	if d.domain != "" && (d.result == nil || d.result.Mail == nil) && d.stopped == "" {
		for _, to := range d.rcpts {
			out = append(out, prefix+d.outcome()+": "+transcript.Escape(to))
		}
	}
	if d.err == nil && d.stopped != "" {
		out = append(out, prefix+"stopped after "+d.stopped+", no message was sent")
	}
	if d.remark != "" {
		out = append(out, prefix+"remark: "+brief(d.remark)+"; the message was accepted before")
	}
	return out
}

// firstError returns the error that decides the exit status: the first one in the order of
// the messages.
func (s *sending) firstError(err error) error {
	failed := 0
	var first error
	for _, d := range s.done {
		if e := d.failure(); e != nil {
			failed++
			if first == nil {
				first = e
			}
		}
	}
	switch {
	case first != nil && failed > 1:
		return &severalError{first, failed, max(s.flags.count, len(s.done))}
	case first != nil:
		return first
	case err == nil && len(s.done) < s.flags.count && s.flags.stopAfter == "":
		return &severalError{errors.New("no session could be opened"), s.flags.count - len(s.done), s.flags.count}
	}
	return err
}

// severalError is the first error of several messages.
type severalError struct {
	error
	failed, all int
}

// Error returns the first error and the number of messages.
func (e *severalError) Error() string {
	return fmt.Sprintf("%v (%d of %d messages failed)", e.error, e.failed, e.all)
}

// Unwrap returns the first error.
func (e *severalError) Unwrap() error { return e.error }
