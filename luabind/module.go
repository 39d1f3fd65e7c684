package luabind

import "reflect"

// Module is a part of what scripts can use: functions, classes of objects, and options
// tables, with the state that they share. A package has one module. Other packages know
// only its value in the list of a [Library].
type Module struct {
	Name string // for people: "smtp", "mail"
	Doc  string // one sentence
	// Funcs are its functions. Several modules can have functions on the same table.
	Funcs []Func
	// Classes are the classes of its objects, and Options its options tables.
	Classes []Class
	Options []Class
	// Fields are added to classes of other modules, by the name of the class.
	Fields map[string][]Field
	// Touches are the ways in which its functions use the machine or the network.
	Touches []Touch
	// New makes its state for a VM, which [State] finds by type; nil for no state.
	New func(vm *VM) any
	// Leftover, if not nil, is called at the end of each scope without a failure, before
	// anything is closed. It returns what the script should have checked. The lock is
	// held.
	Leftover func(s *Scope) error
	// Leave, if not nil, is called before what a scope owns is closed. The lock is free.
	Leave func(s *Scope) error
	// Error makes an error object of an error that this module knows; it returns nil for
	// others.
	Error func(err error) *ErrorValue
}

// State returns the state that a module has made for a VM, by its type. It panics if no
// module of the VM has such a state, which is a bug of the program.
func State[T any](vm *VM) T {
	return vm.states[reflect.TypeFor[T]()].(T)
}

// HasState is [State] for a module that can be missing.
func HasState[T any](vm *VM) (T, bool) {
	s, ok := vm.states[reflect.TypeFor[T]()].(T)
	return s, ok
}
