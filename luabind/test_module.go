package luabind

import "slices"

// TestModule is the module of this package.
var TestModule = &Module{
	Name: "test", Doc: "The words of tests: describe, it, expect.",
	Funcs:   slices.Concat(suiteFuncs, expectFuncs, valueFuncs),
	Classes: []Class{valueClass},
	Options: []Class{testOpts, eventuallyOpts},
	New:     newTestState,
}
