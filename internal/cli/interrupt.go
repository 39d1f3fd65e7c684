package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"time"

	"golang.org/x/term"

	"smtpsh/internal/exit"
	"smtpsh/internal/exitstatus"
	"smtpsh/luabind"
)

// endPatience limits the time for the end of the program after ^C or SIGTERM: deferred
// functions run, sessions send QUIT, reports are written.
const endPatience = 20 * time.Second

// endedError is the reason why the program ended although it did not react to an interrupt.
type endedError struct{ text string }

func (e *endedError) Error() string { return e.text }
func (e *endedError) Unwrap() error { return context.Canceled }

// ExitStatus returns the status of an interrupt.
func (e *endedError) ExitStatus() int { return exit.Interrupted }

// errAgain is a second ^C or SIGTERM.
var errAgain = &endedError{"interrupted again: the program ends at once and finishes nothing"}

// interruptible returns a context that the first signal ends. The second signal ends the
// process in any case. The first signal also ends the process if it has not ended after
// [endPatience]. The function that interruptible returns stops watching the signals.
func (a *app) interruptible(ctx context.Context) (context.Context, func()) {
	if len(a.Interrupts) == 0 {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	signals, over := make(chan os.Signal, 8), make(chan struct{})
	signal.Notify(signals, a.Interrupts...)
	go func() {
		var late <-chan time.Time
		for {
			select {
			case s := <-signals:
				switch {
				case s == os.Interrupt && a.atPrompt.Load(): // the prompt handles it
				case late == nil:
					late = time.After(endPatience)
					cancel()
				default:
					a.die(errAgain) //mutant:a-second-signal-ends-the-program is "a.die(errAgain)" "_ = errAgain"
				}
			case <-late:
				a.die(&endedError{fmt.Sprintf("interrupted; the program did not end within %v", endPatience)})
			case <-over:
				return
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(over)
		cancel()
	}
}

// die ends the process at once, without deferred functions and reports. It is for runs that
// cannot be ended in another way.
func (a *app) die(err error) {
	printed := make(chan struct{})
	//mutant:the-end-of-the-program-waits-for-no-reader is "go " ""
	go func() { // writing to standard error can block if its reader has stopped reading
		defer close(printed)
		if a.restore != nil {
			a.restore()
		}
		a.complain(err)
	}()
	select {
	case <-printed:
	case <-time.After(200 * time.Millisecond):
	}
	os.Exit(exitstatus.Of(err))
}

// keepTerminal stores the mode of the terminal for [app.die].
func (a *app) keepTerminal() {
	f, ok := a.Stdin.(*os.File)
	if !ok || a.Terminal == nil || !a.Terminal(f) {
		return
	}
	state, err := term.GetState(int(f.Fd()))
	if err != nil {
		return
	}
	a.restore = func() {
		term.Restore(int(f.Fd()), state) //nolint:errcheck // nothing else can be done
		if a.atPrompt.Load() {
			fmt.Fprint(a.Stdout, "\x1b[?2004l\r") // end bracketed paste
		}
	}
}

// limits returns the limits of the flags, for scripts.
func (a *app) limits() luabind.Limits {
	return luabind.Limits{Memory: a.vars.memory << 20, Time: a.conn.deadline, Beyond: a.die}
}
