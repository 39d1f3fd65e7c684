package testmod

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"smtpsh/luabind"
	"smtpsh/luabind/execmod"
	"smtpsh/luabind/smtpmod"
)

// Status is how a test ended.
type Status string

// The ways a test ends. Broken means that it could not be judged: a script
// error, a hook that failed, a server that was not there.
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
	Reason        string                 // of a skip, or why it could not be tried
	Busy          bool                   // could not be tried for a reason that may pass
	Because       string                 // the kind of the error that kept it from being tried
	Failures      []*luabind.ScriptError // what went wrong, in order
	Output        []string               // what it printed
	Conversations []smtpmod.Conversation
	Took          time.Duration
	Attempts      int
}

// RunOptions is how tests are run.
type RunOptions struct {
	Timeout time.Duration // of each test without one of its own
	Retry   int           // further attempts of each test without a number of its own
	// Level is the least binding level whose tests fail; the others warn.
	Level Level
	// Enter, if not nil, is called before each attempt, counted from 1, and what it
	// returns after it: to let tests wait for one another.
	Enter func(ctx context.Context, n int) (leave func())
	// Again, if not nil, is told of each attempt, and decides whether a further one
	// follows because the test could not be tried.
	Again func(r *Result, n int) bool
	// Started is called before each test that runs, Done after each; Done may
	// return false to stop.
	Started func(t *Test)
	Done    func(r *Result) bool
}

// TimeoutError is a test that took too long.
type TimeoutError struct{ Limit time.Duration }

// Error names the limit.
func (e *TimeoutError) Error() string { return fmt.Sprintf("the test took longer than %s", e.Limit) }

// running is a test under way.
type running struct {
	test   *Test
	failed []*luabind.ErrorValue
	output []string
	kept   *smtpmod.Conversations
}

// Unmet notes a failed expectation.
func (r *running) Unmet(_ *luabind.Call, e *luabind.ErrorValue) { r.failed = append(r.failed, e) }

// maxOutput bounds the lines that a test may print; the rest is counted.
const maxOutput = 1000

// Print keeps a line that the test prints.
func (r *running) Print(line string) {
	switch {
	case len(r.output) < maxOutput:
		r.output = append(r.output, line)
	case len(r.output) == maxOutput:
		r.output = append(r.output, "... further lines are not kept")
	}
}

// Run runs tests in the given order and then closes the suite. It returns early
// when the context ends.
func (s *Suite) Run(ctx context.Context, tests []*Test, o RunOptions) {
	for _, t := range tests {
		for b := t.block; b != nil; b = b.parent {
			b.left++
		}
	}
	for _, t := range tests {
		r := s.one(ctx, t, o)
		r.blame(s.vm, s.leave(t))
		if o.Done != nil && !o.Done(r) || ctx.Err() != nil {
			break
		}
	}
	if errs := s.Close(); len(errs) > 0 && o.Done != nil && ctx.Err() == nil {
		r := &Result{Test: &Test{Name: "(outside of the tests)", File: s.File}, Status: Passed, Attempts: 1}
		r.blame(s.vm, errs)
		o.Done(r)
	}
}

// blame adds failures that came to light behind a test.
func (r *Result) blame(vm *luabind.VM, errs []error) {
	vm.Lock()
	defer vm.Unlock()
	for _, err := range errs {
		e := vm.ScriptError(err)
		r.add(e)
		if e.Value != nil && e.Value.Expect && r.Status != Broken {
			r.Status = Failed
		} else {
			r.Status = Broken
		}
	}
}

// Close ends what the file has opened, and returns what failed outside of the
// tests. Run does it too.
func (s *Suite) Close() []error {
	s.vm.Lock()
	var errs []error
	var open func(b *block)
	open = func(b *block) {
		for _, it := range b.items {
			if it.block != nil {
				open(it.block)
			}
		}
		errs = append(errs, s.leaveBlock(b)...)
	}
	open(s.root)
	errs = append(errs, s.vm.RunDefers(s.scope)...)
	s.vm.Unlock()
	s.scope.End()
	return append(errs, s.scope.Failures()...)
}

func (r *Result) add(e *luabind.ScriptError) { r.Failures = append(r.Failures, e) }

// one runs a test as often as it may be tried.
func (s *Suite) one(ctx context.Context, t *Test, o RunOptions) *Result {
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
		r := s.tried(ctx, t, limit, o)
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
func (s *Suite) tried(ctx context.Context, t *Test, limit time.Duration, o RunOptions) *Result {
	for n := 1; ; n++ {
		leave := func() {}
		if o.Enter != nil {
			leave = o.Enter(ctx, n)
		}
		r := s.attempt(ctx, t, limit)
		leave()
		if o.Again == nil || ctx.Err() != nil || !o.Again(r, n) {
			return r
		}
	}
}

// attempt runs hooks, test and clean-up once.
func (s *Suite) attempt(ctx context.Context, t *Test, limit time.Duration) *Result {
	vm := s.vm
	run := &running{test: t}
	stop := s.watch(limit)
	vm.Lock()
	stop()
	stop = s.watch(max(limit, luabind.CleanupTime))
	err := s.enter(ctx, t.block, limit)
	stop()
	if err != nil {
		vm.Unlock()
		e := vm.ScriptError(err)
		if v := e.Value; v != nil && v.Untried {
			return &Result{Test: t, Status: Untried, Reason: v.Message, Busy: v.Busy, Because: v.Because}
		}
		return &Result{Test: t, Status: Broken, Failures: []*luabind.ScriptError{e}}
	}
	cancel := context.CancelFunc(func() {})
	if limit > 0 {
		ctx, cancel = context.WithTimeoutCause(ctx, limit, &TimeoutError{limit})
	}
	defer cancel()
	defer vm.Heed(ctx)()
	scope := luabind.NewScope(luabind.WithRecorder(ctx, run), t.block.scope)
	scope.Attach(testKey{}, run)
	scope.Attach(luabind.PrinterKey{}, run)
	execmod.Allow(scope, t.exec)
	run.kept = smtpmod.KeepConversations(scope)
	var errs []error
	note := func(err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	var before func(b *block) error
	before = func(b *block) error {
		if b.parent != nil {
			if err := before(b.parent); err != nil {
				return err
			}
		}
		for _, fn := range b.beforeEach {
			if err := vm.Failure(scope.Context(), vm.Call(vm.Thread(scope.Context()), fn, 0)); err != nil {
				return err
			}
		}
		return nil
	}
	err = before(t.block)
	hooked := err != nil
	if err == nil {
		err = vm.Failure(scope.Context(), vm.Call(vm.Thread(scope.Context()), t.fn, 0))
	}
	note(err)
	for _, err := range vm.RunDefers(scope) {
		note(err)
	}
	unmet := len(run.failed)
	for b := t.block; b != nil; b = b.parent {
		for _, fn := range b.afterEach {
			if err := vm.Cleanup(scope, fn); !hooked {
				note(err)
			}
		}
	}
	if hooked { // what before_each has not set up cannot be taken down: that is no fault of its own
		run.failed = run.failed[:unmet]
	}
	if len(errs) == 0 && ctx.Err() == nil {
		note(vm.Leftover(scope))
	}
	scope.SetFailing(len(errs) > 0 || len(run.failed) > 0)
	vm.Unlock()
	scope.End()
	vm.Lock()
	defer vm.Unlock()
	for _, err := range scope.Failures() {
		note(err)
	}
	return judge(vm, run, errs, hooked)
}

// watch ends what a describe or the file has left running when it keeps the lock
// for so long that a test cannot begin.
func (s *Suite) watch(limit time.Duration) (stop func() bool) {
	if limit <= 0 {
		return func() bool { return true }
	}
	return time.AfterFunc(limit, func() {
		why := &TimeoutError{limit}
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, x := range s.live {
			x.Stop(why)
		}
		s.scope.Stop(why)
	}).Stop
}

// enter runs the before_all hooks of the blocks around a test, once. The lock
// must be held.
func (s *Suite) enter(ctx context.Context, b *block, limit time.Duration) error {
	if b == nil {
		return nil
	}
	if err := s.enter(ctx, b.parent, limit); err != nil {
		return err
	}
	if b.scope != nil {
		return b.failed
	}
	outer := s.scope
	if b.parent != nil {
		outer = b.parent.scope
	}
	b.scope = luabind.NewScope(luabind.WithRecorder(ctx, hookRecorder{}), outer)
	s.mu.Lock()
	s.live = append(s.live, b.scope)
	s.mu.Unlock()
	for _, fn := range b.beforeAll {
		hctx, cancel := context.WithTimeoutCause(b.scope.Context(), max(limit, luabind.CleanupTime), &TimeoutError{limit})
		err := s.vm.Failure(hctx, s.vm.Call(s.vm.Thread(hctx), fn, 0))
		cancel()
		if err != nil {
			e := s.vm.ScriptError(err)
			e.Message = "before_all: " + e.Message
			b.failed = e
			return e
		}
	}
	return nil
}

// leave runs the after_all hooks of blocks that have no test left.
func (s *Suite) leave(t *Test) []error {
	s.vm.Lock()
	defer s.vm.Unlock()
	var errs []error
	for b := t.block; b != nil; b = b.parent {
		if b.left--; b.left == 0 {
			errs = append(errs, s.leaveBlock(b)...)
		}
	}
	return errs
}

func (s *Suite) leaveBlock(b *block) []error {
	if b.scope == nil {
		return nil
	}
	scope := b.scope
	b.scope = nil
	s.mu.Lock()
	s.live = slices.DeleteFunc(s.live, func(x *luabind.Scope) bool { return x == scope })
	s.mu.Unlock()
	var errs []error
	known := scope.FailedSoFar()
	for _, fn := range b.afterAll {
		// what a failed before_all has not set up cannot be taken down
		if err := s.vm.Cleanup(scope, fn); err != nil && b.failed == nil {
			errs = append(errs, err)
		}
	}
	if b.failed != nil {
		scope.Forgive(known)
	}
	errs = append(errs, s.vm.RunDefers(scope)...)
	s.vm.Unlock()
	scope.End()
	s.vm.Lock()
	return append(errs, b.unreported(scope)...)
}

// unreported are the failures of a describe's hooks, tasks and servers, but for the
// one that kept its tests from running.
func (b *block) unreported(scope *luabind.Scope) []error {
	var out []error
	known, _ := b.failed.(*luabind.ScriptError)
	for _, err := range scope.Failures() {
		var se *luabind.ScriptError
		if known != nil && known.Value != nil && errors.As(err, &se) && se.Value == known.Value {
			continue
		}
		out = append(out, err)
	}
	return out
}
