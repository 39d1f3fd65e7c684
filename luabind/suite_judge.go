package luabind

// judge makes a result of the errors of an attempt.
func judge(vm *VM, run *running, errs []error, hooked bool) *Result {
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
	r.Conversations = run.kept.List(r.Failures)
	return r
}

// skipError ends a test without failure.
func skipError(c *Call) error {
	if testOf(c.scope()) == nil {
		return usageError("skip belongs in a test")
	}
	return &ErrorValue{Kind: "usage", Op: "skip", Message: c.str(0), Skip: true}
}
