package sandbox

import (
	"fmt"
	"net"
	"net/netip"
)

// listenTCP listens on host:port. An IPv4 address means IPv4 only, because net.Listen on
// 0.0.0.0 would accept IPv6 connections too.
func listenTCP(addr string) (net.Listener, error) {
	network := "tcp"
	if host, _, err := net.SplitHostPort(addr); err == nil {
		if ip, err := netip.ParseAddr(host); err == nil && ip.Is4() {
			network = "tcp4"
		}
	}
	return net.Listen(network, addr)
}

// dialable returns the address to connect to for the address of a listener. It replaces
// an unspecified address, such as 0.0.0.0, with the loopback address.
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

// checkName returns an error if a certificate cannot have this name.
func checkName(name string) error {
	if _, err := netip.ParseAddr(name); err == nil || isDomain(name) && asciiOnly(name) && name[0] != '[' {
		return nil
	}
	return fmt.Errorf("%q is neither a host name nor an IP address", name)
}

// helloName returns a host name as it is, and an IP address as an address literal (RFC
// 5321 section 4.1.3). The server uses it in its greeting and EHLO replies.
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
