package luabind

import lua "github.com/yuin/gopher-lua"

// deferred is defer(fn).
func deferred(c *Call) error {
	s := c.scope()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.defers = append(s.defers, c.arg(0).(*lua.LFunction))
	return nil
}
