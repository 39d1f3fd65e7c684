package testmod

import "smtpsh/luabind"

// testState is the suite that a VM loads or has loaded; nil for the VM of a script.
type testState struct{ suite *Suite }

func newTestState(*luabind.VM) any { return &testState{} }

// hookRecorder records expectations outside of tests: in the file itself and in the hooks of
// a describe. A failure fails the enclosing block.
type hookRecorder struct{}

// Unmet records the failure. It ignores soft failures, which check has already recorded.
func (hookRecorder) Unmet(c *luabind.Call, e *luabind.ErrorValue) {
	if !e.Soft {
		c.Scope().Fail(c.VM.UnmetError(e))
	}
}

type testKey struct{}

// testOf returns the test of a scope; nil outside of tests.
func testOf(s *luabind.Scope) *running {
	r, _ := s.Nearest(testKey{}).(*running)
	return r
}
