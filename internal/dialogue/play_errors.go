package dialogue

import (
	"fmt"

	"smtpsh/engine"
	"smtpsh/engine/reply"
)

// Mismatch is where the server said something else than the dialogue.
type Mismatch struct {
	File  string
	Line  int
	Want  string // the line as it was written
	Got   string // the server's line, or what happened instead
	Reply *reply.Reply
	// Session is the one in which it happened.
	Session *engine.Session
	Hint    string
	// Setup reports a refusal between :setup on and off, which is no verdict.
	Setup bool
}

// Error gives place, want and got on one line.
func (m *Mismatch) Error() string {
	return fmt.Sprintf("%s:%d: want %q, got %q", m.File, m.Line, m.Want, m.Got)
}

// PlayError is a step that could not be done.
type PlayError struct {
	File string
	Line int
	Err  error
	Hint string
	// Usage reports that the dialogue is at fault, not the connection.
	Usage   bool
	Missing string // the variable that has no value
	Session *engine.Session
	// Setup reports a connection that was lost between :setup on and off.
	Setup bool
}

// Error gives place and cause.
func (e *PlayError) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err) }

// Unwrap gives the cause.
func (e *PlayError) Unwrap() error { return e.Err }
