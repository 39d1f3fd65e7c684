package testmod

import (
	"context"
	"errors"
	"slices"
	"time"

	"smtpsh/internal/testrun"
	"smtpsh/luabind"
	"smtpsh/luabind/smtpmod"
)

// running is a running test.
type running struct {
	test   *test
	failed []*luabind.ErrorValue
	output []string
	kept   *smtpmod.Conversations
}

// Unmet notes a failed expectation.
func (r *running) Unmet(_ *luabind.Call, e *luabind.ErrorValue) { r.failed = append(r.failed, e) }

// maxOutput limits the lines of a test's output that are kept.
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

// Run runs tests in the given order and then closes the suite. It returns early if ctx ends.
func (s *Suite) Run(ctx context.Context, chosen []*testrun.Test, o testrun.RunOptions) {
	known := map[*testrun.Test]*test{}
	s.each(func(t *test) { known[t.Test] = t })
	for _, t := range chosen {
		for b := known[t].block; b != nil; b = b.parent {
			b.left++
		}
	}
	for _, t := range chosen {
		r := o.Attempts(ctx, t, func(ctx context.Context, limit time.Duration) *testrun.Result { return s.attempt(ctx, known[t], limit) })
		blame(r, s.vm, s.leave(known[t]))
		if !o.Done(r) || ctx.Err() != nil {
			break
		}
	}
	if errs := s.Close(); len(errs) > 0 && ctx.Err() == nil {
		r := &testrun.Result{Test: &testrun.Test{Name: "(outside of the tests)", File: s.File}, Status: testrun.Passed, Attempts: 1}
		blame(r, s.vm, errs)
		o.Done(r)
	}
}

// blame adds failures that were found after a test.
func blame(r *testrun.Result, vm *luabind.VM, errs []error) {
	vm.Lock()
	defer vm.Unlock()
	for _, err := range errs {
		e := vm.ScriptError(err)
		r.Failures = append(r.Failures, failure(e))
		if e.Value != nil && e.Value.Expect && r.Status != testrun.Broken {
			r.Status = testrun.Failed
		} else {
			r.Status = testrun.Broken
		}
	}
}

// Close closes everything that the file opened, and returns the failures outside of tests.
// Run calls it too.
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

// attempt runs the hooks, the test and the clean-up once.
func (s *Suite) attempt(ctx context.Context, t *test, limit time.Duration) *testrun.Result {
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
			return &testrun.Result{Test: t.Test, Status: testrun.Untried, Reason: v.Message, Busy: v.Busy, Because: v.Because}
		}
		return &testrun.Result{Test: t.Test, Status: testrun.Broken, Failures: []*testrun.Failure{failure(e)}}
	}
	cancel := context.CancelFunc(func() {})
	if limit > 0 {
		ctx, cancel = context.WithTimeoutCause(ctx, limit, &testrun.TimeoutError{Limit: limit})
	}
	defer cancel()
	defer vm.Heed(ctx)()
	scope := luabind.NewScope(luabind.WithRecorder(ctx, run), t.block.scope)
	scope.Attach(testKey{}, run)
	scope.Attach(luabind.PrinterKey{}, run)
	scope.AllowPrograms(t.exec)
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
	if hooked { // errors of after_each do not count if before_each failed, because the setup is incomplete
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

// watch stops the tasks of a describe or the file if they hold the lock longer than limit,
// so that the next test can begin.
func (s *Suite) watch(limit time.Duration) (stop func() bool) {
	if limit <= 0 {
		return func() bool { return true }
	}
	return time.AfterFunc(limit, func() {
		why := &testrun.TimeoutError{Limit: limit}
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, x := range s.live {
			x.Stop(why)
		}
		s.scope.Stop(why)
	}).Stop
}

// enter runs the before_all hooks of the enclosing blocks, once. The lock must be held.
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
		hctx, cancel := context.WithTimeoutCause(b.scope.Context(), max(limit, luabind.CleanupTime), &testrun.TimeoutError{Limit: limit})
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

// leave runs the after_all hooks of blocks whose tests have all run.
func (s *Suite) leave(t *test) []error {
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
		// errors do not count if before_all failed, because the setup is incomplete
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

// unreported returns the failures of a describe's hooks, tasks and servers, except the one
// that prevented its tests from running.
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
