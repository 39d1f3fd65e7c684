package sandbox

import (
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
