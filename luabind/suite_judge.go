package luabind

import (
	"context"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/transcript"
)

// judge makes a result of the errors of an attempt.
func (vm *VM) judge(run *running, errs []error, hooked bool) *Result {
	r := &Result{Test: run.test, Status: Passed, Output: run.output}
	raised := map[*ErrorValue]bool{}
	for _, err := range errs {
		e := vm.scriptError(err)
		if e.Value != nil && e.Value.Skip && r.Status == Passed {
			r.Status, r.Reason = Skipped, e.Value.Message
			continue
		}
		if e.Value != nil && e.Value.Untried && r.Status == Passed {
			r.Status, r.Reason, r.Busy, r.Because = Untried, e.Value.Message, e.Value.Busy, e.Value.Because
			continue
		}
		if e.Value != nil {
			raised[e.Value] = true
		}
		r.add(e)
		switch {
		case e.Value != nil && (e.Value.Expect || e.Value.Kind == "reply") && !hooked:
			if r.Status != Broken {
				r.Status = Failed
			}
		case e.Cause != nil:
			if r.Status != Broken {
				r.Status = Failed
			}
		default:
			r.Status = Broken
		}
	}
	var caught []*ScriptError
	for _, v := range run.failed {
		if raised[v] {
			continue
		}
		caught = append(caught, vm.unmetError(v))
		if r.Status != Broken {
			r.Status = Failed
		}
	}
	r.Failures = append(caught, r.Failures...)
	if r.Status == Failed || r.Status == Broken {
		r.Reason = ""
	}
	r.Conversations = run.conversations(r.Failures)
	return r
}

func (run *running) conversations(failures []*ScriptError) []Conversation {
	var out []Conversation
	seen := map[*transcript.Log]bool{}
	add := func(name string, l *transcript.Log) {
		if l != nil && !seen[l] && len(l.Entries()) > 0 {
			seen[l] = true
			out = append(out, Conversation{name, l})
		}
	}
	for _, f := range failures {
		if f.Value == nil {
			continue
		}
		if f.Value.Session != nil {
			add(f.Value.Session.log.Name, f.Value.Session.log)
		}
		add("", f.Value.log)
	}
	for _, s := range run.sessions {
		add(s.log.Name, s.log)
	}
	for _, s := range run.servers {
		for _, l := range s.logs() {
			add(l.Name, l)
		}
	}
	return out
}

// record notes a failed expectation, so that no pcall can hide it. Inside
// eventually and raises it is a try only.
func (c *Call) record(e *ErrorValue) {
	e.Expect = true
	c.vm.place(c.L, e)
	if t := c.trying(); t != nil {
		t.failed = append(t.failed, e)
		return
	}
	scope := c.scope()
	switch {
	case scope.test != nil:
		scope.test.failed = append(scope.test.failed, e)
	case c.vm.suite != nil && !e.soft: // in before_all, or outside of tests
		scope.fail(c.vm.unmetError(e))
	}
}

// unmetError gives a failed expectation the form of a script's error.
func (vm *VM) unmetError(v *ErrorValue) *ScriptError {
	e := &ScriptError{Value: v, Message: v.Message, Frames: v.Frames}
	if len(v.Frames) > 0 {
		e.Name, e.Line = v.Frames[0].File, v.Frames[0].Line
		e.Source = vm.Source(e.Name, e.Line)
	}
	return vm.hush(e)
}

// try is a call in which failed expectations do not count yet.
type try struct{ failed []*ErrorValue }

type tryKey struct{}

// trying is the try that this call is part of; nil for none.
func (c *Call) trying() *try {
	t, _ := c.ctx().Value(tryKey{}).(*try)
	return t
}

// try calls a function and returns the expectations that failed in it.
func (c *Call) try(fn *lua.LFunction, nret int) ([]*ErrorValue, error) {
	t := &try{}
	th, err := c.vm.apart(c.L, context.WithValue(c.ctx(), tryKey{}, t), fn, nil, nret)
	for i := 1; err == nil && i <= nret; i++ {
		c.L.Push(th.Get(i))
	}
	return t.failed, err
}

// skipError ends a test without failure.
func skipError(c *Call) error {
	if c.scope().test == nil {
		return usageError("skip belongs in a test")
	}
	return &ErrorValue{Kind: "usage", Op: "skip", Message: c.str(0), Skip: true}
}

// deferred is defer(fn).
func deferred(c *Call) error {
	s := c.scope()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.defers = append(s.defers, c.arg(0).(*lua.LFunction))
	return nil
}
