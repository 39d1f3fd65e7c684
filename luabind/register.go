package luabind

import (
	"maps"
	"slices"

	"smtpsh/internal/suggest"

	lua "github.com/yuin/gopher-lua"
)

// register registers the functions of the tables. Classes are made when the first object
// needs them, because most scripts use a few.
func (vm *VM) register() {
	L := vm.L
	modules := map[string]*lua.LTable{}
	for i := range vm.lib.funcs {
		f := &vm.lib.funcs[i]
		switch {
		case f.IsMethod():
		case f.On == "":
			L.SetGlobal(f.Name, vm.bind(L, f))
		default:
			if modules[f.On] == nil {
				if lib, ok := L.GetGlobal(f.On).(*lua.LTable); ok { // a function of Lua itself
					modules[f.On] = lib
				} else {
					modules[f.On] = L.NewTable()
				}
			}
			modules[f.On].RawSetString(f.Name, vm.bind(L, f))
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
	vm.strictGlobals()
}

// metatable gives objects of a class their fields and methods, and an error for misspelled
// ones. Methods are bound when they are first called.
func (vm *VM) metatable(class *Class) *lua.LTable {
	L := vm.L
	mt := L.NewTable()
	row := L.NewUserData()
	row.Value = class
	mt.RawSetString(classKey, row)
	fields, methods := vm.lib.fields[class.Name], vm.lib.methods[class.Name]
	bound := map[string]*lua.LFunction{}
	mt.RawSetString("__index", L.NewFunction(func(L *lua.LState) int {
		ud := L.CheckUserData(1)
		key := L.CheckString(2)
		if m := bound[key]; m != nil {
			L.Push(m)
			return 1
		}
		if f := methods[key]; f != nil {
			bound[key] = vm.bind(vm.L, f)
			L.Push(bound[key])
			return 1
		}
		if f, ok := fields[key]; ok {
			L.Push(f.Get(&Call{L: L, VM: vm}, ud.Value))
			return 1
		}
		names := slices.Concat(slices.Collect(maps.Keys(fields)), slices.Collect(maps.Keys(methods)))
		vm.raise(L, UsageError("%s has no field or method %s%s", class.Name, key, suggest.DidYouMean(key, names)))
		return 0
	}))
	mt.RawSetString("__newindex", L.NewFunction(func(L *lua.LState) int {
		vm.raise(L, UsageError("the fields of %s cannot be set", class.Name))
		return 0
	}))
	mt.RawSetString("__tostring", L.NewFunction(func(L *lua.LState) int {
		L.Push(lua.LString(toString(L.CheckUserData(1))))
		return 1
	}))
	mt.RawSetString("__metatable", lua.LString(class.Name))
	vm.metatables[class.Type] = mt
	return mt
}

// strict makes a module return an error for misspelled names.
func (vm *VM) strict(m *lua.LTable, name string) {
	L := vm.L
	mt := L.NewTable()
	mt.RawSetString("__index", L.NewFunction(func(L *lua.LState) int {
		key := L.Get(2).String()
		var names []string
		m.ForEach(func(k, _ lua.LValue) { names = append(names, k.String()) })
		vm.raise(L, UsageError("%s has no function %s%s", name, key, suggest.DidYouMean(key, names)))
		return 0
	}))
	m.Metatable = mt
}

// strictGlobals makes reading an undefined global an error.
func (vm *VM) strictGlobals() {
	L := vm.L
	g := L.G.Global
	mt := L.NewTable()
	mt.RawSetString("__index", L.NewFunction(func(L *lua.LState) int {
		key := L.Get(2).String()
		var names []string
		g.ForEach(func(k, _ lua.LValue) { names = append(names, k.String()) })
		if key == "io" || key == "debug" {
			e := UsageError("undefined variable: %s (scripts cannot use files)", key).(*ErrorValue)
			e.Hint, e.Elsewhere = "--unsafe allows it", true
			vm.raise(L, e)
		}
		vm.raise(L, UsageError("undefined variable: %s%s", key, suggest.DidYouMean(key, names)))
		return 0
	}))
	g.Metatable = mt
}
