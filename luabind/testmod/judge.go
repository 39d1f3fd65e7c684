package testmod

import "smtpsh/luabind"

// judge makes a result of the errors of an attempt.
func judge(vm *luabind.VM, run *running, errs []error, hooked bool) *Result {
	r := &Result{Test: run.test, Status: Passed, Output: run.output}
	raised := map[*luabind.ErrorValue]bool{}
	for _, err := range errs {
		e := vm.ScriptError(err)
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
	var caught []*luabind.ScriptError
	for _, v := range run.failed {
		if raised[v] {
			continue
		}
		caught = append(caught, vm.UnmetError(v))
		if r.Status != Broken {
			r.Status = Failed
		}
	}
	r.Failures = append(caught, r.Failures...)
	if r.Status == Failed || r.Status == Broken {
		r.Reason = ""
	}
	r.Conversations = run.kept.List(r.Failures)
	return r
}

// skipError ends a test without failure.
func skipError(c *luabind.Call) error {
	if testOf(c.Scope()) == nil {
		return luabind.UsageError("skip belongs in a test")
	}
	return &luabind.ErrorValue{Kind: "usage", Op: "skip", Message: c.Text(0), Skip: true}
}
