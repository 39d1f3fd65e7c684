package wire

import (
	"errors"
	"fmt"
)

// Limits limits the memory that a peer's data can use. A zero field means the value
// of [DefaultLimits].
type Limits struct {
	Line  int // bytes in one line, ending included
	Reply int // bytes in one reply, all lines
	Lines int // lines in one reply
}

// DefaultLimits allows eight times the 512 octets of RFC 5321 section 4.5.3.1.5 for
// a line, because real servers exceed that limit. It allows 64 KiB for a reply,
// which is more than any known HELP text or capability list.
var DefaultLimits = Limits{Line: 4096, Reply: 64 << 10, Lines: 2000}

func (l Limits) orDefault() Limits {
	if l.Line <= 0 {
		l.Line = DefaultLimits.Line
	}
	if l.Reply <= 0 {
		l.Reply = DefaultLimits.Reply
	}
	if l.Lines <= 0 {
		l.Lines = DefaultLimits.Lines
	}
	return l
}

// ErrLimit is the error that every [LimitError] wraps.
var ErrLimit = errors.New("limit exceeded")

// LimitError reports which limit a peer exceeded.
type LimitError struct {
	What  string // "line", "reply" or "reply lines"
	Limit int
}

// Error returns the name and the value of the limit.
func (e *LimitError) Error() string {
	unit := "bytes"
	if e.What == "reply lines" {
		return fmt.Sprintf("reply has more than %d lines", e.Limit)
	}
	return fmt.Sprintf("%s is longer than %d %s", e.What, e.Limit, unit)
}

// Unwrap returns [ErrLimit].
func (e *LimitError) Unwrap() error { return ErrLimit }

// NotReplyError reports a line that should be a reply but does not begin with three digits
// and a space, a hyphen or the end of the line (RFC 5321 section 4.2).
type NotReplyError struct {
	Line []byte // the line as received
}

// Error quotes at most 60 bytes of the line, escaped.
func (e *NotReplyError) Error() string {
	l := e.Line
	if len(l) > 60 {
		l = l[:60]
	}
	return fmt.Sprintf("not a reply line: %q", l)
}
