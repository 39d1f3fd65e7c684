package sandbox

import (
	"fmt"
	"net"
	"net/netip"
)

// listenTCP listens on host:port. An IPv4 address means IPv4 only: without that,
// 0.0.0.0 would listen on [::] too.
func listenTCP(addr string) (net.Listener, error) {
	network := "tcp"
	if host, _, err := net.SplitHostPort(addr); err == nil {
		if ip, err := netip.ParseAddr(host); err == nil && ip.Is4() {
			network = "tcp4"
		}
	}
	return net.Listen(network, addr)
}

// dialable makes an address to connect to of one that is listened on: all addresses
// of the machine become its loopback address.
func dialable(a net.Addr) net.Addr {
	t, ok := a.(*net.TCPAddr)
	if !ok || !t.IP.IsUnspecified() {
		return a
	}
	loopback := net.IPv6loopback
	if t.IP.To4() != nil {
		loopback = net.IPv4(127, 0, 0, 1)
	}
	return &net.TCPAddr{IP: loopback, Port: t.Port}
}

// checkName refuses what cannot stand in a certificate.
func checkName(name string) error {
	if _, err := netip.ParseAddr(name); err == nil || isDomain(name) && asciiOnly(name) && name[0] != '[' {
		return nil
	}
	return fmt.Errorf("%q is neither a host name nor an IP address", name)
}

// helloName is how a server calls itself that other machines reach by a name or an
// address (RFC 5321 section 4.1.3).
func helloName(name string) string {
	ip, err := netip.ParseAddr(name)
	switch {
	case err != nil:
		return name
	case ip.Is4():
		return "[" + name + "]"
	}
	return "[IPv6:" + name + "]"
}
