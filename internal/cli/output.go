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

// Standard output is watched: what cannot be written is told at once on standard error,
// once, and makes the exit status that of a failure. The command itself goes on to its
// end: other programs may be talking to a sandbox, tests have reports to write, and
// sessions say QUIT. So SIGPIPE does not end the program; the write fails instead.
//
// A descriptor that was closed when the program began is /dev/null by the time that it
// runs, for the Go runtime sees to that: no file or connection can take the number of
// standard output and receive what was printed. closedOutput tells the two apart.

// outputError is output that could not be written. It has been told when it happened.
type outputError struct{ err error }

func (e *outputError) Error() string { return "the output is incomplete: " + e.err.Error() }
func (e *outputError) Unwrap() error { return e.err }

// watchOutput wraps standard output, unless it is a terminal, and returns what gives the
// error that the program ends with.
func (a *app) watchOutput() (ended func(error) error) {
	if len(a.Interrupts) > 0 { // a process of its own
		//mutant:output-that-nobody-reads-is-no-success is "syscall.SIGPIPE" "syscall.SIGURG"
		signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // not Ignore: programs that are started would inherit it
	}
	if a.Terminal != nil && a.Terminal(a.Stdout) {
		return func(err error) error { return err }
	}
	out := &checked{w: a.Stdout, tell: a.outputLost}
	a.Stdout = out
	return func(err error) error {
		lost := out.failed()
		//mutant:output-that-is-cut-is-no-success is "lost != nil" "false"
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

// refuseClosedOutput returns an error when the program was started with standard output
// closed: nothing that it finds out could be seen.
func (a *app) refuseClosedOutput() error {
	if f, ok := a.Stdout.(*os.File); !ok || !closedOutput(f) {
		return nil
	}
	return &usageError{err: errors.New("standard output is closed"), hint: "use > /dev/null to discard the output; nothing was done"}
}

// checked is standard output that remembers whether all of it was written.
type checked struct {
	mu   sync.Mutex
	w    io.Writer
	err  error
	tell func(error) // is called with the first error
}

// Write passes on. After an error nothing more is written: what is there has no holes.
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
