package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// Standard output is checked: if it cannot be written, that is reported at once on standard
// error, once, and the exit status is that of a failure. The command continues to its end,
// because other programs may be using a sandbox, tests have reports to write, and sessions
// must send QUIT. So SIGPIPE does not end the program; the write fails instead.
//
// If standard output was closed when the program started, the Go runtime opens /dev/null in
// its place, so that no other file or connection gets its number. closedOutput detects this
// case.

// outputError is output that could not be written. It has already been reported.
type outputError struct{ err error }

func (e *outputError) Error() string { return "the output is incomplete: " + e.err.Error() }
func (e *outputError) Unwrap() error { return e.err }

// watchOutput adds the check to standard output unless it is a terminal. It returns the
// function that decides which error the program ends with.
func (a *app) watchOutput() (ended func(error) error) {
	if len(a.Interrupts) > 0 { // only in a real process, not in tests
		//mutant:output-that-nobody-reads-is-no-success is "syscall.SIGPIPE" "syscall.SIGURG"
		signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // not signal.Ignore, because child processes would inherit it
	}
	if a.Terminal != nil && a.Terminal(a.Stdout) {
		return func(err error) error { return err }
	}
	out := &checked{w: a.Stdout, tell: a.outputLost}
	a.Stdout = out
	return func(err error) error {
		lost := out.failed()
		//mutant:output-that-is-cut-is-no-success is "lost != nil" "false"
		if lost != nil && a.outcome != "" { // a message must not be sent again because its report was lost
			fmt.Fprintln(a.Stderr, "smtpsh: "+a.outcome)
		}
		if lost != nil && (err == nil || errors.Is(err, lost)) {
			return &outputError{lost}
		}
		return err
	}
}

// outputLost reports the first write that failed on standard error.
func (a *app) outputLost(err error) {
	hint := "write it to a disk with room"
	switch {
	case errors.Is(err, syscall.EPIPE):
		hint = "the program that reads the output has ended"
	case errors.Is(err, os.ErrClosed), errors.Is(err, syscall.EBADF):
		hint = "standard output is closed; use > /dev/null to discard the output"
	}
	if a.serving {
		hint += "; the server continues without output until it is interrupted"
	}
	fmt.Fprintf(a.Stderr, "smtpsh: %v\nhint: %s\n", &outputError{err}, hint)
}

// refuseClosedOutput returns an error if the program was started with standard output
// closed, because no result could be seen.
func (a *app) refuseClosedOutput() error {
	if f, ok := a.Stdout.(*os.File); !ok || !closedOutput(f) {
		return nil
	}
	return &usageError{err: errors.New("standard output is closed"), hint: "use > /dev/null to discard the output; nothing was done"}
}

// checked is a standard output that stores whether everything was written.
type checked struct {
	mu   sync.Mutex
	w    io.Writer
	err  error
	tell func(error) // called with the first error
}

// Write writes bytes. After an error it writes nothing more, so that the output has no
// gaps.
func (c *checked) Write(b []byte) (int, error) {
	if err := c.failed(); err != nil {
		return 0, err
	}
	n, err := c.w.Write(b)
	if err == nil {
		return n, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
		c.tell(err)
	}
	return n, c.err
}

func (c *checked) failed() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}
