package testmod

import (
	lua "github.com/yuin/gopher-lua"

	"smtpsh/luabind"
)

// try collects the failed expectations of a call without failing the test.
type try struct{ failed []*luabind.ErrorValue }

// Unmet records a failed expectation.
func (t *try) Unmet(_ *luabind.Call, e *luabind.ErrorValue) { t.failed = append(t.failed, e) }

// tryCall calls a function and returns its failed expectations.
func tryCall(c *luabind.Call, fn *lua.LFunction, nret int) ([]*luabind.ErrorValue, error) {
	t := &try{}
	th, err := c.VM.Apart(c.L, luabind.WithRecorder(c.Context(), t), fn, nil, nret)
	for i := 1; err == nil && i <= nret; i++ {
		c.L.Push(th.Get(i))
	}
	return t.failed, err
}
