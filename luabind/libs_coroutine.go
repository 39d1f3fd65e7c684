package luabind

import (
	lua "github.com/yuin/gopher-lua"
)

// guarded runs Go code that may call Lua back: a coroutine cannot yield across it,
// and is told so instead of going wrong in silence.
func (vm *VM) guarded(L *lua.LState, f func()) {
	vm.guards[L]++
	defer func() {
		if vm.guards[L]--; vm.guards[L] <= 0 {
			delete(vm.guards, L)
		}
	}()
	f()
}

// maxNested bounds coroutines that resume each other: each has a stack of its own.
const maxNested = 150

// mendCoroutines keeps yields from crossing pcall and our own functions, where the
// library would return wrong values or crash, and bounds their nesting.
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
			vm.raise(L, usageError("coroutine.yield: not across pcall, nor out of a function that one of smtpsh's calls"))
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
				vm.raise(L, usageError("coroutine.%s: more than %d coroutines inside each other", name, maxNested))
			}
			return inner(L)
		})
	}
}
