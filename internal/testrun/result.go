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

// The ways a test ends. Broken means that it could not be judged: an error of the file, a
// hook that failed, a server that was not there.
const (
	Passed  Status = "pass"
	Failed  Status = "fail"
	Broken  Status = "error"
	Skipped Status = "skip"
	Untried Status = "untried" // it could not be tried, so nothing is known
	Warned  Status = "warn"    // it failed, and its level is only should or advice
	Pending Status = "pending"
)

// Result is what came of one test.
type Result struct {
	Test          *Test
	Status        Status
	Reason        string            // of a skip, or why it could not be tried
	Busy          bool              // could not be tried for a reason that may pass
	Because       string            // the kind of the error that kept it from being tried
	Failures      []*Failure        // what went wrong, in order
	Output        []string          // what it printed
	Conversations []*transcript.Log // its sessions, and the clients of its servers
	Took          time.Duration
	Attempts      int
}

// TimeoutError is a test that took too long.
type TimeoutError struct{ Limit time.Duration }

// Error names the limit.
func (e *TimeoutError) Error() string { return fmt.Sprintf("the test took longer than %s", e.Limit) }

// ExitStatus is that of a script that is wrong.
func (e *TimeoutError) ExitStatus() int { return exit.Script }

// RunOptions is how the tests of a file are run, and who is told of it.
type RunOptions struct {
	Timeout time.Duration // of each test without one of its own
	Retry   int           // further attempts of each test without a number of its own
	// Level is the least binding level whose tests fail; the others warn.
	Level Level
	// Started is called before each test that runs, Done after each; Done returns false to
	// stop.
	Started func(t *Test)
	Done    func(r *Result) bool
	// enter is called before each attempt, counted from 1, and what it returns after it: to
	// let tests wait for one another.
	enter func(ctx context.Context, n int) (leave func())
	// again is told of each attempt, and decides whether a further one follows because the
	// test could not be tried.
	again func(r *Result, n int) bool
}

// Attempts runs a test as often as it may be tried, and judges by its level. once is one
// attempt within a time limit, 0 for none.
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

// tried is an attempt, and further ones when it could not be tried.
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
