package luabind

import "slices"

// IMAPModule is the module of this package.
var IMAPModule = &Module{
	Name: "imap", Doc: "Mailboxes, read by IMAP.",
	Funcs:   slices.Concat(imapFuncs, boxFuncs),
	Classes: []Class{boxClass},
	Options: []Class{fetchOpts},
	Touches: imapTouches,
}
