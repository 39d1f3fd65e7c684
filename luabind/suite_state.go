package luabind

// testState is the suite whose file a VM reads, or has read; nil for a VM of a script.
type testState struct{ suite *Suite }

func newTestState(*VM) any { return &testState{} }

// hookRecorder is for expectations outside of tests: in the file itself, and in hooks of
// describes. They fail what is around them.
type hookRecorder struct{}

// Unmet notes the failure, unless it is one that raises nothing: expect and check have
// noted that already.
func (hookRecorder) Unmet(c *Call, e *ErrorValue) {
	if !e.Soft {
		c.scope().fail(c.vm.unmetError(e))
	}
}

type testKey struct{}

// testOf is the test that a scope is part of; nil outside of tests.
func testOf(s *scope) *running {
	r, _ := s.nearest(testKey{}).(*running)
	return r
}
