package textmod

import "smtpsh/luabind"

// Module is the module for texts.
var Module = &luabind.Module{
	Name: "text", Doc: "Texts: lines, bytes, regular expressions.",
	Funcs: textFuncs,
}
