package jsonmod

import "smtpsh/luabind"

// Module is the module for JSON.
var Module = &luabind.Module{
	Name: "json", Doc: "Reading and writing JSON.",
	Funcs: jsonFuncs,
}
