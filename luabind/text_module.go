package luabind

// TextModule is the module of this package.
var TextModule = &Module{
	Name: "text", Doc: "Texts: lines, bytes, regular expressions.",
	Funcs: textFuncs,
}
