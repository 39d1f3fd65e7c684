package luabind

import (
	"reflect"

	lua "github.com/yuin/gopher-lua"
)

// classKey is the key of a class's row in its metatable. Scripts cannot see the metatable
// of an object.
const classKey = "__class"

// Object wraps a Go value as an object of the class for its type.
func (vm *VM) Object(L *lua.LState, v any) *lua.LUserData {
	ud := L.NewUserData()
	ud.Value = v
	t := reflect.TypeOf(v)
	mt := vm.metatables[t]
	if mt == nil {
		class := vm.lib.typed[t]
		if class == nil {
			panic("luabind: no module has a class for " + t.String())
		}
		mt = vm.metatable(class)
	}
	ud.Metatable = mt
	return ud
}

// classOf returns the class of an object; nil for other values.
func classOf(v lua.LValue) *Class {
	ud, ok := v.(*lua.LUserData)
	if !ok {
		return nil
	}
	mt, ok := ud.Metatable.(*lua.LTable)
	if !ok {
		return nil
	}
	row, ok := mt.RawGetString(classKey).(*lua.LUserData)
	if !ok {
		return nil
	}
	class, _ := row.Value.(*Class)
	return class
}

// toString implements tostring(v) for objects.
func toString(ud *lua.LUserData) string {
	class := classOf(ud)
	switch {
	case class == nil:
		return "an object"
	case class.String != nil:
		return class.String(ud.Value)
	}
	return class.Name
}

// ValueOf returns the Go value of an object of that type.
func ValueOf[T any](v lua.LValue) (T, bool) {
	if ud, ok := v.(*lua.LUserData); ok {
		x, ok := ud.Value.(T)
		return x, ok
	}
	var none T
	return none, false
}
