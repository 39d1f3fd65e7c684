package luabind

import "reflect"

// Module is a part of what scripts can use: functions, the classes of objects, and options
// tables, with the state that they share. A package has one module, and nothing of it is
// known elsewhere but the value in the list that a [Library] is made of.
type Module struct {
	Name string // for people: "smtp", "mail"
	Doc  string // a sentence
	// Funcs are its functions. They may be on a table that another module has too.
	Funcs []Func
	// Classes are those of its objects, and Options the forms of its options tables.
	Classes []Class
	Options []Class
	// Fields are added to classes of other modules, by the name of the class.
	Fields map[string][]Field
	// Touches are the ways in which its functions reach the machine or the network.
	Touches []Touch
	// New makes its state for a VM, which [State] finds by its type; nil for none.
	New func(vm *VM) any
	// Leftover, if not nil, is asked at the end of each scope in which nothing has failed,
	// before anything is closed, for what should have been looked at. The lock is held.
	Leftover func(s *Scope) error
	// Leave, if not nil, is called before what a scope owns is closed. The lock is free.
	Leave func(s *Scope) error
	// Error makes an error object of an error that this module knows, nil of others.
	Error func(err error) *ErrorValue
}

// State is the state that a module has made for a VM, by its type. It panics when no
// module of the VM has such a state, which is a fault of the program.
func State[T any](vm *VM) T {
	return vm.states[reflect.TypeFor[T]()].(T)
}

// HasState is [State] for where the module may be missing.
func HasState[T any](vm *VM) (T, bool) {
	s, ok := vm.states[reflect.TypeFor[T]()].(T)
	return s, ok
}
