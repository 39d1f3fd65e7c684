package luabind

import "slices"

// VarsModule is the module of this package.
var VarsModule = &Module{
	Name: "vars", Doc: "Variables and secrets that the user gives.",
	Funcs:   slices.Concat(varsFuncs, secretFuncs),
	Classes: []Class{secretClass},
	Touches: varsTouches,
}
