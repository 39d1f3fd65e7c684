package testmod

import "smtpsh/luabind"

// testState is the suite whose file a VM reads, or has read; nil for a VM of a script.
type testState struct{ suite *Suite }

func newTestState(*luabind.VM) any { return &testState{} }

// hookRecorder is for expectations outside of tests: in the file itself, and in hooks of
// describes. They fail what is around them.
type hookRecorder struct{}

// Unmet notes the failure, unless it is one that raises nothing: expect and check have
// noted that already.
func (hookRecorder) Unmet(c *luabind.Call, e *luabind.ErrorValue) {
	if !e.Soft {
		c.Scope().Fail(c.VM.UnmetError(e))
	}
}

type testKey struct{}

// testOf is the test that a scope is part of; nil outside of tests.
func testOf(s *luabind.Scope) *running {
	r, _ := s.Nearest(testKey{}).(*running)
	return r
}
