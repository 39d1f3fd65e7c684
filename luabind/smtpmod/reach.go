package smtpmod

import (
	"strings"

	"smtpsh/engine"
	"smtpsh/luabind"
)

// mayConnect returns an error if a target is a unix socket that the script must not use, or
// a program that it must not start. The server of such a socket is often not a mail server,
// and trusts every program that can connect.
func mayConnect(vm *luabind.VM, scope *luabind.Scope, target string) error {
	t, err := engine.ParseTarget(target)
	if err != nil || t.Network == "tcp" || target == "" || target == HostOf(vm).Server() || serverAt(vm, target) != nil {
		return nil // the dialer reports an invalid target
	}
	if t.Network == "pipe" {
		return vm.MayProgram(scope, "connect", t.Path)
	}
	return vm.MaySocket("connect", t.Path)
}

// serverAt returns the server of the script at a target, or nil.
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
