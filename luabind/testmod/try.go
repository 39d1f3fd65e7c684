package testmod

import (
	lua "github.com/yuin/gopher-lua"

	"smtpsh/luabind"
)

// try is a call in which failed expectations do not count yet.
type try struct{ failed []*luabind.ErrorValue }

// Unmet notes a failed expectation.
func (t *try) Unmet(_ *luabind.Call, e *luabind.ErrorValue) { t.failed = append(t.failed, e) }

// tryCall calls a function and returns the expectations that failed in it.
func tryCall(c *luabind.Call, fn *lua.LFunction, nret int) ([]*luabind.ErrorValue, error) {
	t := &try{}
	th, err := c.VM.Apart(c.L, luabind.WithRecorder(c.Context(), t), fn, nil, nret)
	for i := 1; err == nil && i <= nret; i++ {
		c.L.Push(th.Get(i))
	}
	return t.failed, err
}
