package luabind

import (
	"context"
	"fmt"
	"time"
)

// How long a run can continue after its context has ended.
const (
	// stuckCall is for one call that holds the lock all the time. Lua itself stops at the
	// next instruction, and each function of the library checks the context.
	stuckCall = 2 * time.Second
	// stuckRun is for everything: deferred functions have CleanupTime, and sessions send
	// QUIT.
	stuckRun = CleanupTime + 5*time.Second
)

// StuckError is a run that did not end when it was stopped: a call does not return, such as
// a write to a standard output that nobody reads.
type StuckError struct {
	Cause error         // why it had to end
	After time.Duration // how long it was waited for
}

// Error names what was waited for. The cause has its own text.
func (e *StuckError) Error() string {
	return fmt.Sprintf("the script did not stop within %v: one of its calls does not return", e.After)
}

// Unwrap returns why the run had to end.
func (e *StuckError) Unwrap() error { return e.Cause }

// Heed watches a run. If the run does not end soon after the end of its context,
// Options.Stuck is called with a [*StuckError]. The function that Heed returns ends the
// watch; call it before the context is canceled because the run has ended. For a [Program]
// it watches all virtual users.
//
// This is the last resort: nothing inside of the interpreter can end a call of Go.
func (vm *VM) Heed(ctx context.Context) (over func()) {
	if vm.opts.Stuck == nil {
		return func() {}
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		held := vm.lock.count.Load()
		first, last := time.NewTimer(stuckCall), time.NewTimer(stuckRun)
		defer first.Stop()
		defer last.Stop()
		for {
			after := stuckRun
			select {
			case <-ended:
				return
			case <-first.C:
				if n := vm.lock.count.Load(); n != held || n%2 == 0 || vm.cleaning.Load() > 0 {
					continue
				}
				after = stuckCall
			case <-last.C:
			}
			//mutant:a-run-that-does-not-stop-is-ended is "vm.opts.Stuck" "_ = "
			vm.opts.Stuck(&StuckError{context.Cause(ctx), after})
			return
		}
	})
	return func() {
		stop()
		close(ended)
	}
}

// WatchEnd watches a run without a VM: if the function that it returns is not called soon
// after the end of ctx, stuck is called with a [*StuckError]. It should end the process.
func WatchEnd(ctx context.Context, stuck func(error)) (over func()) {
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		last := time.NewTimer(stuckRun)
		defer last.Stop()
		select {
		case <-ended:
		case <-last.C:
			stuck(&StuckError{context.Cause(ctx), stuckRun})
		}
	})
	return func() {
		stop()
		close(ended)
	}
}
