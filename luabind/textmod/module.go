package textmod

import "smtpsh/luabind"

// Module is the module of texts.
var Module = &luabind.Module{
	Name: "text", Doc: "Texts: lines, bytes, regular expressions.",
	Funcs: textFuncs,
}
