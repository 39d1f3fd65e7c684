package dialogue

import (
	"fmt"

	"smtpsh/engine"
	"smtpsh/engine/reply"
)

// Mismatch reports a reply that the dialogue does not expect.
type Mismatch struct {
	File  string
	Line  int
	Want  string // the S: line of the dialogue
	Got   string // the server's line, or what happened instead
	Reply *reply.Reply
	// Session is the one in which it happened.
	Session *engine.Session
	Hint    string
	// Setup reports a rejection between :setup on and off, after which the test could not be
	// tried.
	Setup bool
}

// Error returns place, want and got on one line.
func (m *Mismatch) Error() string {
	return fmt.Sprintf("%s:%d: want %q, got %q", m.File, m.Line, m.Want, m.Got)
}

// PlayError reports a step that could not be executed.
type PlayError struct {
	File string
	Line int
	Err  error
	Hint string
	// Usage reports an error of the dialogue, not of the connection.
	Usage   bool
	Missing string // the variable that has no value
	Session *engine.Session
	// Setup reports a connection that was lost between :setup on and off.
	Setup bool
}

// Error returns place and cause.
func (e *PlayError) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err) }

// Unwrap returns the cause.
func (e *PlayError) Unwrap() error { return e.Err }
