package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"

	"smtpsh/engine/reply"
	"smtpsh/engine/tlsinfo"
	"smtpsh/engine/wire"
)

// The kinds of failure. Every error that a Session returns is an [*OpError] for
// which errors.Is holds with exactly one of these. A reply of any code is not an
// error, except from Open and Send, which return ErrRefused for a 4yz or 5yz reply.
var (
	ErrDial      = errors.New("cannot connect")              // no address answered
	ErrTimeout   = errors.New("timed out")                   // a wait reached its time limit
	ErrClosed    = errors.New("connection closed")           // by the server, the network or Close
	ErrTLS       = errors.New("TLS failed")                  // handshake or verification
	ErrProtocol  = errors.New("protocol violation")          // the server violated SMTP, and its replies cannot be read further
	ErrOutOfStep = errors.New("out of step with the server") // after one of the errors above: replies no longer match commands
	ErrCanceled  = errors.New("canceled")                    // the context was canceled
	ErrUsage     = errors.New("cannot do that")              // the arguments or the order of the calls are wrong
	ErrRefused   = errors.New("rejected by the server")      // a step of Open or Send got a 4yz or 5yz reply
)

var kinds = []struct {
	name string
	err  error
}{
	{"dial", ErrDial}, {"timeout", ErrTimeout}, {"closed", ErrClosed}, {"tls", ErrTLS},
	{"protocol", ErrProtocol}, {"closed", ErrOutOfStep}, {"canceled", ErrCanceled}, {"usage", ErrUsage},
	{"reply", ErrRefused},
}

// KindOf names the kind of an error: "dial", "timeout", "closed", "tls",
// "protocol", "canceled", "usage" or "reply"; "" for errors of other origin. A session
// that is out of step counts as "closed": it has to be opened again.
func KindOf(err error) string {
	var op *OpError
	if errors.As(err, &op) {
		err = op.Kind
	}
	for _, k := range kinds {
		if errors.Is(err, k.err) {
			return k.name
		}
	}
	return ""
}

// OpError says which step of a session failed and why.
type OpError struct {
	Op     string       // the step: "connect", "EHLO", "TLS handshake", "reply to MAIL"
	Kind   error        // one of the Err values of this package
	Line   string       // the command line concerned, secrets masked; may be empty
	Reply  *reply.Reply // a reply that belongs to the failure, for example a 421; may be nil
	Advice []Advice     // what to try next, in order; may be empty
	Err    error        // the cause; may be nil
	// Unknown reports that the end of a message was sent, or may have been, and that no
	// valid reply to it came: the server may have accepted the message or not (RFC 5321
	// section 4.5.4.1, RFC 1047).
	Unknown bool
}

// Error returns the step and the cause on one line.
func (e *OpError) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	var closed closeCause
	switch {
	case e.Kind == ErrClosed && errors.As(e.Err, &closed):
		if e.Op == "read" { // of no particular reply
			b.Reset()
		} else {
			b.WriteString(": ")
		}
		b.WriteString(string(closed))
	case e.Err == nil:
		b.WriteString(": " + e.Kind.Error())
	case e.Kind == ErrTLS:
		b.WriteString(": " + tlsinfo.Explain(e.Err))
	case e.Kind == ErrUsage, e.Kind == ErrDial:
		b.WriteString(": " + e.Err.Error())
	default:
		b.WriteString(": " + e.Kind.Error())
		if cause := e.Err.Error(); cause != e.Kind.Error() && cause != "EOF" {
			b.WriteString(": " + cause)
		}
	}
	if e.Kind == ErrRefused && e.Reply != nil {
		b.WriteString(": " + e.Reply.String())
	} else if e.Reply != nil {
		b.WriteString(" (the server said: " + e.Reply.String() + ")")
	}
	if e.Unknown {
		b.WriteString("; it is not known whether the message was accepted")
	}
	return b.String()
}

// closeCause is the reason why a connection is closed. It makes the text of the kind
// unnecessary.
type closeCause string

const (
	closedByServer closeCause = "the server closed the connection"
	closedInReply  closeCause = "the server closed the connection in the middle of a reply"
	closedByReset  closeCause = "the connection was reset"
)

func (c closeCause) Error() string { return string(c) }

// Unwrap returns the kind and the cause.
func (e *OpError) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// ProtocolError is the cause of an ErrProtocol: what the server sent and which
// rule it breaks.
type ProtocolError struct {
	Defect string // a description
	RFC    string // the rule, "RFC 5321 section 4.2"
	Raw    []byte // the bytes concerned, a few hundred at most
}

// Error returns the defect and the rule.
func (e *ProtocolError) Error() string {
	if e.RFC == "" {
		return e.Defect
	}
	return e.Defect + " (" + e.RFC + ")"
}

// Is makes a ProtocolError match [ErrProtocol].
func (e *ProtocolError) Is(target error) bool { return target == ErrProtocol }

// deliveryUnknown sets Unknown in an error that occurred after the end of a message was
// sent, or while it was sent.
func deliveryUnknown(err error) error {
	var op *OpError
	if !errors.As(err, &op) {
		return err
	}
	unknown := *op
	//mutant:an-unknown-delivery-is-told-as-unknown is "true" "false"
	unknown.Unknown, unknown.Advice = true, advise(AdviceMayDeliverTwice)
	return &unknown
}

// misplaced returns the error for a positive reply with a code that does not answer the
// command.
func misplaced(op string, r *reply.Reply, want, rfc string, advice AdviceKind) error {
	return &OpError{Op: op, Kind: ErrProtocol, Reply: r, Advice: advise(advice),
		Err: &ProtocolError{Defect: "the server answers with " + strconv.Itoa(r.Code) + " where only " + want + " consents",
			RFC: rfc, Raw: []byte(r.Shown())}}
}

// unfit returns a usage error with advice.
func unfit(op string, advice []Advice, format string, args ...any) error {
	return &OpError{Op: op, Kind: ErrUsage, Err: fmt.Errorf(format, args...), Advice: advice}
}

func usage(op, format string, args ...any) error {
	return &OpError{Op: op, Kind: ErrUsage, Err: fmt.Errorf(format, args...)}
}

// ioError returns the error for an error of the connection, with its kind.
func ioError(ctx context.Context, op string, err error) *OpError {
	e := &OpError{Op: op, Err: err}
	var notReply *wire.NotReplyError
	switch {
	case ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded):
		e.Kind, e.Err = ErrCanceled, nil
	case errors.As(err, &notReply):
		e.Kind = ErrProtocol
		e.Err = &ProtocolError{Defect: err.Error(), RFC: "RFC 5321 section 4.2", Raw: notReply.Line}
	case errors.Is(err, wire.ErrLimit):
		e.Kind = ErrProtocol
		e.Err = &ProtocolError{Defect: err.Error(), RFC: "RFC 5321 section 4.5.3.1.5"}
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), isNetTimeout(err):
		e.Kind, e.Err, e.Advice = ErrTimeout, nil, advise(AdviceTimeout)
	case errors.Is(err, io.ErrUnexpectedEOF):
		e.Kind, e.Err = ErrClosed, closedInReply
	case errors.Is(err, io.EOF):
		e.Kind, e.Err = ErrClosed, closedByServer
	case errors.Is(err, syscall.ECONNRESET):
		e.Kind, e.Err = ErrClosed, closedByReset
	case errors.Is(err, syscall.EPIPE):
		e.Kind, e.Err = ErrClosed, closedByServer
	default:
		e.Kind = ErrClosed
	}
	return e
}

func isNetTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}
