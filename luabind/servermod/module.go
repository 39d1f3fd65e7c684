package servermod

import (
	"slices"

	"smtpsh/luabind"
)

// Module is the module for servers that scripts start, and their clients.
var Module = &luabind.Module{
	Name: "server", Doc: "Servers in a script: sandboxes with rules, and servers whose replies the script sends.",
	Funcs:   slices.Concat(serverListen, serverFuncs, connFuncs),
	Classes: []luabind.Class{serverClass, connClass, commandClass, receivedClass},
	Options: []luabind.Class{listenOpts, RuleOpts, ActionOpts, certOpts},
	Touches: serverTouches,
}
