package execmod

import (
	"slices"

	"smtpsh/luabind"
)

// Module is the module for programs that a script starts.
var Module = &luabind.Module{
	Name: "exec", Doc: "Programs that a test starts.",
	Funcs:   slices.Concat(execFuncs, procFuncs),
	Classes: []luabind.Class{procClass},
	Options: []luabind.Class{execOpts},
	Touches: execTouches,
}
