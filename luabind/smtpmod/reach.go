package smtpmod

import (
	"strings"

	"smtpsh/engine"
	"smtpsh/luabind"
)

// mayConnect returns an error if a target is a unix socket that the script may not
// reach. A server at such a socket is often no mail server, and trusts who can reach it.
func mayConnect(vm *luabind.VM, target string) error {
	t, err := engine.ParseTarget(target)
	if err != nil || t.Network != "unix" || target == "" || target == HostOf(vm).Server() || serverAt(vm, target) != nil {
		return nil // what cannot be read is refused by the dialler
	}
	return vm.MaySocket("connect", t.Path)
}

// serverAt finds a server of the script's by a target; nil for none.
func serverAt(vm *luabind.VM, target string) Reachable {
	addr := target
	for _, scheme := range []string{"smtp://", "smtps://", "lmtp://"} {
		addr = strings.TrimPrefix(addr, scheme)
	}
	servers := smtpOf(vm).servers
	for i := len(servers) - 1; i >= 0; i-- {
		if servers[i].At(addr) {
			return servers[i]
		}
	}
	return nil
}
