package varsmod

import (
	"slices"

	"smtpsh/luabind"
)

// Module is the module for variables and secrets.
var Module = &luabind.Module{
	Name: "vars", Doc: "Variables and secrets of the user.",
	Funcs:   slices.Concat(varsFuncs, secretFuncs),
	Classes: []luabind.Class{secretClass},
	Touches: varsTouches,
}
