package luabind

import lua "github.com/yuin/gopher-lua"

// Deferred is defer(fn).
func Deferred(c *Call) error {
	s := c.Scope()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.defers = append(s.defers, c.Arg(0).(*lua.LFunction))
	return nil
}
