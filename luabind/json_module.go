package luabind

// JSONModule is the module of this package.
var JSONModule = &Module{
	Name: "json", Doc: "JSON, written and read.",
	Funcs: jsonFuncs,
}
