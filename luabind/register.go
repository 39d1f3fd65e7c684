package luabind

import (
	lua "github.com/yuin/gopher-lua"
)

// register makes modules and classes of the tables.
func (vm *VM) register() {
	L := vm.L
	methods := map[string]*lua.LTable{}
	modules := map[string]*lua.LTable{}
	funcs := Funcs()
	for i := range funcs {
		f := &funcs[i]
		fn := vm.bind(L, f)
		switch {
		case f.On == "":
			L.SetGlobal(f.Name, fn)
		case f.IsMethod():
			if methods[f.On] == nil {
				methods[f.On] = L.NewTable()
			}
			methods[f.On].RawSetString(f.Name, fn)
		default:
			if modules[f.On] == nil {
				if lib, ok := L.GetGlobal(f.On).(*lua.LTable); ok { // one of Lua's own
					modules[f.On] = lib
				} else {
					modules[f.On] = L.NewTable()
				}
			}
			modules[f.On].RawSetString(f.Name, fn)
		}
	}
	for _, name := range []string{"string", "math", "coroutine"} {
		modules[name] = L.GetGlobal(name).(*lua.LTable)
	}
	for name, m := range modules {
		if m.Metatable == nil || m.Metatable == lua.LNil {
			vm.strict(m, name)
		}
		L.SetGlobal(name, m)
		L.PreloadModule(name, func(L *lua.LState) int { L.Push(m); return 1 })
	}
	for _, c := range Classes() {
		if c.Keys == nil {
			vm.metatables[c.Name] = vm.metatable(c, methods[c.Name])
		}
	}
	vm.strictGlobals()
}

// metatable gives objects their fields and methods, and an answer to misspelt
// ones.
func (vm *VM) metatable(class Class, methods *lua.LTable) *lua.LTable {
	L := vm.L
	mt := L.NewTable()
	fields := map[string]Field{}
	var names []string
	for _, f := range class.Fields {
		fields[f.Name] = f
		names = append(names, f.Name)
	}
	if methods != nil {
		methods.ForEach(func(k, _ lua.LValue) { names = append(names, k.String()) })
	}
	mt.RawSetString("__index", L.NewFunction(func(L *lua.LState) int {
		ud := L.CheckUserData(1)
		key := L.CheckString(2)
		if methods != nil {
			if m := methods.RawGetString(key); m != lua.LNil {
				L.Push(m)
				return 1
			}
		}
		if f, ok := fields[key]; ok {
			L.Push(f.get(&Call{L: L, vm: vm}, ud.Value))
			return 1
		}
		vm.raise(L, usageError("%s has no field or method %s%s", class.Name, key, didYouMean(key, names)))
		return 0
	}))
	mt.RawSetString("__newindex", L.NewFunction(func(L *lua.LState) int {
		vm.raise(L, usageError("the fields of %s cannot be set", class.Name))
		return 0
	}))
	mt.RawSetString("__tostring", L.NewFunction(func(L *lua.LState) int {
		L.Push(lua.LString(toString(L.CheckUserData(1).Value)))
		return 1
	}))
	mt.RawSetString("__metatable", lua.LString(class.Name))
	return mt
}

// strict makes a module answer misspelt names.
func (vm *VM) strict(m *lua.LTable, name string) {
	L := vm.L
	mt := L.NewTable()
	mt.RawSetString("__index", L.NewFunction(func(L *lua.LState) int {
		key := L.Get(2).String()
		var names []string
		m.ForEach(func(k, _ lua.LValue) { names = append(names, k.String()) })
		vm.raise(L, usageError("%s has no function %s%s", name, key, didYouMean(key, names)))
		return 0
	}))
	m.Metatable = mt
}

// strictGlobals makes reading a global that was never set an error.
func (vm *VM) strictGlobals() {
	L := vm.L
	g := L.G.Global
	mt := L.NewTable()
	mt.RawSetString("__index", L.NewFunction(func(L *lua.LState) int {
		key := L.Get(2).String()
		var names []string
		g.ForEach(func(k, _ lua.LValue) { names = append(names, k.String()) })
		if key == "io" || key == "debug" {
			e := usageError("there is no variable %s: scripts reach no files", key).(*ErrorValue)
			e.Hint = "run with --unsafe"
			vm.raise(L, e)
		}
		vm.raise(L, usageError("there is no variable %s%s", key, didYouMean(key, names)))
		return 0
	}))
	g.Metatable = mt
}
