package luabind

import lua "github.com/yuin/gopher-lua"

// try is a call in which failed expectations do not count yet.
type try struct{ failed []*ErrorValue }

// Unmet notes a failed expectation.
func (t *try) Unmet(_ *Call, e *ErrorValue) { t.failed = append(t.failed, e) }

// try calls a function and returns the expectations that failed in it.
func (c *Call) try(fn *lua.LFunction, nret int) ([]*ErrorValue, error) {
	t := &try{}
	th, err := c.vm.apart(c.L, WithRecorder(c.ctx(), t), fn, nil, nret)
	for i := 1; err == nil && i <= nret; i++ {
		c.L.Push(th.Get(i))
	}
	return t.failed, err
}
