package repl

import (
	"sync"
	"sync/atomic"

	"smtpsh/repl/line"
)

// input is where lines come from, and what is being read.
type input struct {
	line.Reader // with its history

	mu            *sync.Mutex    // the prompt's
	textPrompt    string         // the prompt of a text that is being typed; "" otherwise
	typingMessage bool           // the text is one of a message
	refused       refusedCommand // the lines that come may belong to it
	ended         bool           // the person has asked to leave

	giveUp     func()       // ends the process; nil when ^C must not do that
	waitBegan  atomic.Int64 // when the wait under way began, in nanoseconds
	personBusy atomic.Int32 // a person is at work, so nothing is waited for
}

// enter marks that a text is being typed, at a prompt of its own. The function that it
// returns ends that.
func (in *input) enter(prompt string) (end func()) {
	set := func(p string) (before string) {
		in.mu.Lock() // other sessions are listened to while this one is typed on
		defer in.mu.Unlock()
		before, in.textPrompt = in.textPrompt, p
		return before
	}
	before := set(prompt)
	return func() { set(before) }
}

// enterMessage marks that the text is one of a message. The function that it returns
// ends that.
func (in *input) enterMessage() (end func()) {
	in.typingMessage = true
	return func() { in.typingMessage = false }
}

// serverGone is called when the server of the text that is being typed is gone. It
// returns the prompt that says so, "" where no text is typed, and whether the text is a
// message that nobody will get, which it reports once.
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

// lostPrompt is shown when nobody is there to get the text.
const lostPrompt = "not connected, text is kept> "
