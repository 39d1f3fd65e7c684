package jsonmod

import "smtpsh/luabind"

// Module is the module for JSON.
var Module = &luabind.Module{
	Name: "json", Doc: "JSON, written and read.",
	Funcs: jsonFuncs,
}
