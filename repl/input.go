package repl

import (
	"sync"
	"sync/atomic"

	"smtpsh/repl/line"
)

// input is the source of lines, and the state of the text that is being read.
type input struct {
	line.Reader // with the history

	mu            *sync.Mutex    // the prompt's
	textPrompt    string         // the prompt of the text that is being typed; "" for none
	typingMessage bool           // the text is a message
	refused       refusedCommand // the next lines may belong to this command
	ended         bool           // the user typed :q

	giveUp     func()       // ends the process; nil if ^C must not end it
	waitBegan  atomic.Int64 // start of the current wait, in nanoseconds since 1970
	personBusy atomic.Int32 // more than 0 while the user, not the server, is waited for
}

// enter sets the prompt of a text that is being typed, until end is called.
func (in *input) enter(prompt string) (end func()) {
	set := func(p string) (before string) {
		in.mu.Lock() // other sessions are read from while the user types
		defer in.mu.Unlock()
		before, in.textPrompt = in.textPrompt, p
		return before
	}
	before := set(prompt)
	return func() { set(before) }
}

// enterMessage marks the text as a message, until end is called.
func (in *input) enterMessage() (end func()) {
	in.typingMessage = true
	return func() { in.typingMessage = false }
}

// serverGone is called when the server has closed the connection while a text is typed.
// It returns the new prompt, "" if no text is typed. messageLost is true once for a
// message that cannot be sent any more.
func (in *input) serverGone() (prompt string, messageLost bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.textPrompt == "" {
		return "", false
	}
	messageLost = in.typingMessage && in.textPrompt != lostPrompt
	if messageLost {
		in.textPrompt = lostPrompt
	}
	return in.textPrompt, messageLost
}

// lostPrompt is the prompt for a message whose connection is closed.
const lostPrompt = "not connected, text is kept> "
