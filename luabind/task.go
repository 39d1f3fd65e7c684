package luabind

import (
	"context"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// Suspend releases the interpreter lock, so that other tasks run Lua, until the waiting
// call takes it again with Resume and the result of Suspend. Between the two no Lua value
// that others can see may be used; the call's own arguments can be read.
//
// So scripts with many sessions need no locks of their own, and waits for the network
// overlap.
func (c *Call) Suspend() (thread *lua.LState) {
	thread = c.L.G.CurrentThread
	c.VM.Unlock()
	return thread
}

// Resume takes the interpreter lock again.
func (c *Call) Resume(thread *lua.LState) {
	c.VM.Lock()
	c.L.G.CurrentThread = thread
}

// Wait runs f while other tasks can run Lua, as between Suspend and Resume.
func (c *Call) Wait(f func()) {
	defer c.Resume(c.Suspend())
	f()
}

// Pause waits for a time, or until the script is stopped.
func (c *Call) Pause(op string, d time.Duration) error {
	ctx := c.Context()
	var err error
	c.Wait(func() {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			err = &ErrorValue{Kind: "canceled", Op: op, Message: op + ": canceled"}
		}
	})
	return err
}

// Object wraps a Go value.
func (c *Call) Object(v any) *lua.LUserData { return c.VM.Object(c.L, v) }

// Thread makes a Lua thread for a task, with its own context.
func (vm *VM) Thread(ctx context.Context) *lua.LState {
	th, cancel := vm.L.NewThread()
	if cancel != nil {
		cancel() // of a context that the thread does not keep, but its parent would
	}
	th.SetContext(ctx)
	return th
}

// Call calls a Lua function on a thread. The lock must be held.
func (vm *VM) Call(th *lua.LState, fn *lua.LFunction, nret int, args ...lua.LValue) error {
	current := vm.L.G.CurrentThread
	vm.L.G.CurrentThread = th
	defer func() { vm.L.G.CurrentThread = current }()
	return th.CallByParam(lua.P{Fn: fn, NRet: nret, Protect: true}, args...)
}
