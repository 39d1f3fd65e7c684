package luabind

import (
	"context"

	lua "github.com/yuin/gopher-lua"
)

// maxProtected limits nested calls of pcall and xpcall, because each has its own stack.
const maxProtected = 180

// mendPCall runs each protected call on its own thread. In the library an error detaches
// the locals that closures share, also those of functions outside of the pcall:
//
//	local failed = 0
//	local function try(f) if not pcall(f) then failed = failed + 1 end end
//
// would leave failed at 0. On a thread an error ends only what belongs to that thread.
func (vm *VM) mendPCall() {
	vm.set("", "pcall", func(L *lua.LState) int {
		fn := L.CheckAny(1)
		if !callable(L, fn) {
			L.Push(lua.LFalse)
			L.Push(lua.LString("attempt to call a " + fn.Type().String() + " value"))
			return 2
		}
		return vm.protected(L, fn, 2, nil)
	})
	vm.set("", "xpcall", func(L *lua.LState) int {
		fn, handler := L.CheckFunction(1), L.CheckFunction(2)
		return vm.protected(L, fn, L.GetTop()+1, handler)
	})
}

func callable(L *lua.LState, v lua.LValue) bool {
	return v.Type() == lua.LTFunction || L.GetMetaField(v, "__call").Type() == lua.LTFunction
}

// protected calls fn with the arguments from index first on, and returns the results of
// pcall.
func (vm *VM) protected(L *lua.LState, fn lua.LValue, first int, handler *lua.LFunction) int {
	var args []lua.LValue
	for i := first; i <= L.GetTop(); i++ {
		args = append(args, L.Get(i))
	}
	th, err := vm.Apart(L, L.Context(), fn, args, lua.MultRet)
	if err != nil && handler != nil {
		// after the error and not within it: the stack of the failed call is gone, and
		// what its closures share was saved
		var handled error
		if th, handled = vm.Apart(L, L.Context(), handler, []lua.LValue{vm.caught(L, err)}, 1); handled == nil {
			L.Push(lua.LFalse)
			L.Push(th.Get(1))
			return 2
		}
		err = handled
	}
	if err != nil {
		L.Push(lua.LFalse)
		L.Push(vm.caught(L, err))
		return 2
	}
	L.Push(lua.LTrue)
	for i := 1; i <= th.GetTop(); i++ {
		L.Push(th.Get(i))
	}
	return th.GetTop() + 1
}

// caught returns the value of an error. An error of smtpsh without a line of a script, as
// in pcall(smtp.connect, "x"), gets the position where it was caught.
func (vm *VM) caught(L *lua.LState, err error) lua.LValue {
	api, ok := err.(*lua.ApiError)
	if !ok {
		return lua.LString(err.Error())
	}
	if ud, ok := api.Object.(*lua.LUserData); ok {
		if e, ok := ud.Value.(*ErrorValue); ok {
			vm.Place(L, e)
		}
	}
	return api.Object
}

// Apart calls fn on its own thread, which then has the results, and returns the error that
// fn raised. The lock must be held.
func (vm *VM) Apart(L *lua.LState, ctx context.Context, fn lua.LValue, args []lua.LValue, nret int) (*lua.LState, error) {
	if vm.depths[L] >= maxProtected {
		vm.raise(L, UsageError("stack overflow: more than %d nested protected calls", maxProtected))
	}
	th := vm.Thread(ctx)
	th.Env = L.Env
	th.Push(fn)
	for _, v := range args {
		th.Push(v)
	}
	current := vm.L.G.CurrentThread
	vm.L.G.CurrentThread = th
	vm.depths[th] = vm.depths[L] + 1
	defer func() {
		delete(vm.depths, th)
		vm.L.G.CurrentThread = current
	}()
	var err error
	vm.guarded(th, func() { err = th.PCall(len(args), nret, nil) })
	return th, err
}
