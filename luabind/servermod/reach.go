package servermod

import (
	"net"
	"net/netip"
	"strings"

	"smtpsh/luabind"
)

// mayListen returns an error if a script must not listen on an address.
func mayListen(vm *luabind.VM, addr string) error {
	if path, ok := strings.CutPrefix(addr, "unix:"); ok {
		return vm.MaySocket("smtp.listen", path)
	}
	//mutant:a-script-does-not-listen-for-the-network is "loopback(addr)" "true"
	if vm.Options().Unsafe || vm.Options().Reach.Anything || vm.Options().Reach.Listen || loopback(addr) {
		return nil
	}
	e := luabind.UsageError("smtp.listen: other machines can connect to %s, which scripts must not allow by themselves",
		addr).(*luabind.ErrorValue)
	e.Hint = "listen on 127.0.0.1, or allow it with --allow-listen"
	return e
}

// loopback reports whether only this machine can connect to an address: HOST:PORT, HOST or
// PORT.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		if host = strings.Trim(addr, "[]"); strings.Trim(host, "0123456789") == "" {
			return true // a port, or nothing: at 127.0.0.1
		}
	}
	if strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
