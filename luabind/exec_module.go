package luabind

import "slices"

// ExecModule is the module of this package.
var ExecModule = &Module{
	Name: "exec", Doc: "Programs that a test starts.",
	Funcs:   slices.Concat(execFuncs, procFuncs),
	Classes: []Class{procClass},
	Options: []Class{execOpts},
	Touches: execTouches,
}
