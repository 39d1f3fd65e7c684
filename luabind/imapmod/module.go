package imapmod

import (
	"slices"

	"smtpsh/luabind"
)

// Module is the module for reading mailboxes with IMAP.
var Module = &luabind.Module{
	Name: "imap", Doc: "Reading mailboxes with IMAP.",
	Funcs:   slices.Concat(imapFuncs, boxFuncs),
	Classes: []luabind.Class{boxClass},
	Options: []luabind.Class{fetchOpts},
	Touches: imapTouches,
}
