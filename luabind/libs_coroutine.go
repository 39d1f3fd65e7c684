package luabind

import (
	lua "github.com/yuin/gopher-lua"
)

// guarded runs Go code that can call Lua. A coroutine cannot yield across it and gets an
// error instead of wrong results.
func (vm *VM) guarded(L *lua.LState, f func()) {
	vm.guards[L]++
	defer func() {
		if vm.guards[L]--; vm.guards[L] <= 0 {
			delete(vm.guards, L)
		}
	}()
	f()
}

// maxNested limits coroutines that resume each other, because each has its own stack.
const maxNested = 150

// mendCoroutines prevents yields across pcall and Go functions, where the library would
// return wrong values or crash, and limits their nesting.
func (vm *VM) mendCoroutines() {
	guard := func(lib, name string) {
		var fn lua.LValue
		if lib == "" {
			fn = vm.L.GetGlobal(name)
		} else {
			fn = vm.L.GetGlobal(lib).(*lua.LTable).RawGetString(name)
		}
		inner := fn.(*lua.LFunction).GFunction
		vm.set(lib, name, func(L *lua.LState) (n int) {
			vm.guarded(L, func() { n = inner(L) })
			return n
		})
	}
	guard("string", "gsub")
	co := vm.L.GetGlobal("coroutine").(*lua.LTable)
	yield := co.RawGetString("yield").(*lua.LFunction).GFunction
	vm.set("coroutine", "yield", func(L *lua.LState) int {
		if vm.guards[L] > 0 {
			vm.raise(L, UsageError("coroutine.yield: not possible across pcall or from a function that smtpsh calls"))
		}
		return yield(L)
	})
	for _, name := range []string{"create", "wrap"} {
		inner := co.RawGetString(name).(*lua.LFunction).GFunction
		vm.set("coroutine", name, func(L *lua.LState) int {
			n := 0
			for th := L; th != nil; th = th.Parent {
				n++
			}
			if n > maxNested {
				vm.raise(L, UsageError("coroutine.%s: more than %d nested coroutines", name, maxNested))
			}
			return inner(L)
		})
	}
	// A coroutine has the time and the scope of the caller that resumes it, not of the one
	// that created it. While it waits, other tasks run, but none of them may resume it.
	resume := co.RawGetString("resume").(*lua.LFunction).GFunction
	enter := func(L, th *lua.LState) bool {
		if vm.resumed[th] { //mutant:a-coroutine-is-of-one-task never
			return false
		}
		vm.resumed[th] = true
		if ctx := L.Context(); ctx != nil {
			th.SetContext(ctx) //mutant:a-coroutine-has-the-time-of-who-resumes-it is "th.SetContext(ctx)" "_ = ctx"
		}
		return true
	}
	const busy = "cannot resume a coroutine that is running, in this task or in another one"
	vm.set("coroutine", "resume", func(L *lua.LState) int {
		th := L.CheckThread(1)
		if !enter(L, th) {
			L.Push(lua.LFalse)
			L.Push(lua.LString(busy))
			return 2
		}
		defer delete(vm.resumed, th)
		return resume(L)
	})
	next := func(L *lua.LState) int {
		th := L.ToThread(lua.UpvalueIndex(1))
		if !enter(L, th) {
			L.RaiseError(busy)
		}
		defer delete(vm.resumed, th)
		L.Insert(th, 1)
		return resume(L)
	}
	wrap := co.RawGetString("wrap").(*lua.LFunction).GFunction
	vm.set("coroutine", "wrap", func(L *lua.LState) int {
		wrap(L)
		th := L.Get(-1).(*lua.LFunction).Upvalues[0].Value()
		L.Pop(1)
		L.Push(L.NewClosure(next, th))
		return 1
	})
}
