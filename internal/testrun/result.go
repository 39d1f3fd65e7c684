package testrun

import (
	"context"
	"fmt"
	"time"

	"smtpsh/internal/exit"
	"smtpsh/transcript"
)

// Status is how a test ended.
type Status string

// The results of a test. Broken means that it could not be judged: an error of the file, a
// failed hook, a missing server.
const (
	Passed  Status = "pass"
	Failed  Status = "fail"
	Broken  Status = "error"
	Skipped Status = "skip"
	Untried Status = "untried" // could not be tried: no verdict
	Warned  Status = "warn"    // failed, but its level is should or advice
	Pending Status = "pending"
)

// Result is the result of one test.
type Result struct {
	Test          *Test
	Status        Status
	Reason        string            // why it was skipped or could not be tried
	Busy          bool              // could not be tried for a temporary reason
	Because       string            // the kind of error for which it could not be tried
	Failures      []*Failure        // what went wrong, in order
	Output        []string          // what it printed
	Conversations []*transcript.Log // transcripts of its sessions and of the clients of its servers
	Took          time.Duration
	Attempts      int
}

// TimeoutError reports a test that exceeded its time limit.
type TimeoutError struct{ Limit time.Duration }

// Error names the limit.
func (e *TimeoutError) Error() string {
	return fmt.Sprintf("the test exceeded its time limit of %s", e.Limit)
}

// ExitStatus returns the status of a script error.
func (e *TimeoutError) ExitStatus() int { return exit.Script }

// RunOptions sets how the tests of a file run, and has the functions to call.
type RunOptions struct {
	Timeout time.Duration // of each test without one of its own
	Retry   int           // further attempts of each test without its own number
	// Level is the least binding level at which a failed test fails the run; others warn.
	Level Level
	// Started is called before each test, Done after it. The run stops if Done returns false.
	Started func(t *Test)
	Done    func(r *Result) bool
	// enter is called before attempt n, counted from 1; the function that it returns is
	// called after it. With both, tests wait for each other.
	enter func(ctx context.Context, n int) (leave func())
	// again reports whether another attempt follows because the test could not be tried.
	again func(r *Result, n int) bool
}

// Attempts runs a test until it passes or its attempts are used up, and applies its level.
// once makes one attempt within a time limit; 0 is no limit.
func (o RunOptions) Attempts(ctx context.Context, t *Test, once func(ctx context.Context, limit time.Duration) *Result) *Result {
	switch {
	case t.Pending:
		return &Result{Test: t, Status: Pending}
	case t.Skip != "":
		return &Result{Test: t, Status: Skipped, Reason: t.Skip}
	}
	if o.Started != nil {
		o.Started(t)
	}
	limit, tries := o.Timeout, o.Retry
	if t.Timeout > 0 {
		limit = t.Timeout
	}
	if t.Retry >= 0 {
		tries = t.Retry
	}
	begun := time.Now()
	for n := 1; ; n++ {
		r := o.tried(ctx, limit, once)
		r.Attempts, r.Took = n, time.Since(begun)
		if r.Status != Failed && r.Status != Broken || n > tries || ctx.Err() != nil {
			if r.Status == Failed && !t.Level.Fails(o.Level) {
				r.Status = Warned
			}
			return r
		}
	}
}

// tried makes an attempt, and repeats it if the test could not be tried.
func (o RunOptions) tried(ctx context.Context, limit time.Duration, once func(ctx context.Context, limit time.Duration) *Result) *Result {
	for n := 1; ; n++ {
		leave := func() {}
		if o.enter != nil {
			leave = o.enter(ctx, n)
		}
		r := once(ctx, limit)
		leave()
		if o.again == nil || ctx.Err() != nil || !o.again(r, n) {
			return r
		}
	}
}
