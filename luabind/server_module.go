package luabind

import "slices"

// ServerModule is the module of servers that scripts start, and of their clients.
var ServerModule = &Module{
	Name: "server", Doc: "Servers in a script: sandboxes with rules, and servers whose every word the script says.",
	Funcs:   slices.Concat(serverListen, serverFuncs, connFuncs),
	Classes: []Class{serverClass, connClass, commandClass, receivedClass},
	Options: []Class{listenOpts, ruleOpts, actionOpts, certOpts},
	Touches: serverTouches,
}
