package testmod

import (
	"slices"

	"smtpsh/luabind"
)

// Module is the module of tests.
var Module = &luabind.Module{
	Name: "test", Doc: "Functions for tests: describe, it, expect.",
	Funcs:   slices.Concat(suiteFuncs, expectFuncs, valueFuncs),
	Classes: []luabind.Class{valueClass},
	Options: []luabind.Class{testOpts, eventuallyOpts},
	New:     newTestState,
}
