package luabind

import "slices"

// MailModule is the module of this package.
var MailModule = &Module{
	Name: "mail", Doc: "Messages: composed, and read.",
	Funcs:   slices.Concat(mailFuncs, messageFuncs, partFuncs),
	Classes: []Class{messageClass, partClass},
	Options: []Class{messageOpts, attachOpts},
}
