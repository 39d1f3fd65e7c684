package mailmod

import (
	"slices"

	"smtpsh/luabind"
)

// Module is the module for messages.
var Module = &luabind.Module{
	Name: "mail", Doc: "Composing and parsing messages.",
	Funcs:   slices.Concat(mailFuncs, messageFuncs, partFuncs),
	Classes: []luabind.Class{messageClass, partClass},
	Options: []luabind.Class{messageOpts, rawOpts, attachOpts},
}
