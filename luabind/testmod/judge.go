package testmod

import (
	"smtpsh/internal/testrun"
	"smtpsh/luabind"
)

// judge derives a result from the errors of an attempt.
func judge(vm *luabind.VM, run *running, errs []error, hooked bool) *testrun.Result {
	r := &testrun.Result{Test: run.test.Test, Status: testrun.Passed, Output: run.output}
	raised := map[*luabind.ErrorValue]bool{}
	var found []*luabind.ScriptError
	for _, err := range errs {
		e := vm.ScriptError(err)
		if e.Value != nil && e.Value.Skip && r.Status == testrun.Passed {
			r.Status, r.Reason = testrun.Skipped, e.Value.Message
			continue
		}
		if e.Value != nil && e.Value.Untried && r.Status == testrun.Passed {
			r.Status, r.Reason, r.Busy, r.Because = testrun.Untried, e.Value.Message, e.Value.Busy, e.Value.Because
			continue
		}
		if e.Value != nil {
			raised[e.Value] = true
		}
		r.Failures = append(r.Failures, failure(e))
		found = append(found, e)
		switch {
		case e.Value != nil && (e.Value.Expect || e.Value.Kind == "reply") && !hooked:
			if r.Status != testrun.Broken {
				r.Status = testrun.Failed
			}
		case e.Cause != nil:
			if r.Status != testrun.Broken {
				r.Status = testrun.Failed
			}
		default:
			r.Status = testrun.Broken
		}
	}
	var caught []*testrun.Failure
	for _, v := range run.failed {
		if raised[v] {
			continue
		}
		e := vm.UnmetError(v)
		caught = append(caught, failure(e))
		found = append(found, e)
		if r.Status != testrun.Broken {
			r.Status = testrun.Failed
		}
	}
	r.Failures = append(caught, r.Failures...)
	if r.Status == testrun.Failed || r.Status == testrun.Broken {
		r.Reason = ""
	}
	r.Conversations = run.kept.List(found)
	return r
}

// skipError ends a test without failure.
func skipError(c *luabind.Call) error {
	if testOf(c.Scope()) == nil {
		return luabind.UsageError("skip can only be called in a test")
	}
	return &luabind.ErrorValue{Kind: "usage", Op: "skip", Message: c.Text(0), Skip: true}
}
