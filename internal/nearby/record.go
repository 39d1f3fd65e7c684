package nearby

import (
	"crypto/x509"
	"net"
	"net/netip"
	"strings"
)

// Record describes a running sandbox to other programs of the same user.
type Record struct {
	Profile string   `json:"profile"`
	Listens []string `json:"listens"` // loopback addresses, IP:PORT
	CA      string   `json:"ca"`      // PEM
	// From and To are addresses that can write to each other. User and Password
	// log in at the addresses in Login, which require a login.
	From     string   `json:"from"`
	To       string   `json:"to"`
	User     string   `json:"user,omitempty"`
	Password string   `json:"password,omitempty"`
	Login    []string `json:"login,omitempty"`
	// Inspect is the address of --inspect, TOKEN@HOST:PORT; "" for none.
	Inspect string `json:"inspect,omitempty"`
}

// Requires reports whether the listener at an address requires a login.
func (r *Record) Requires(host string, port int) bool { return listed(r.Login, host, port) }

// Serves reports whether the sandbox listens on an address, which must be a loopback
// address or localhost.
func (r *Record) Serves(host string, port int) bool { return listed(r.Listens, host, port) }

// listed reports whether a list contains an address. localhost is any loopback address.
func listed(list []string, host string, port int) bool {
	local := strings.EqualFold(strings.TrimSuffix(host, "."), "localhost")
	ip, err := netip.ParseAddr(host)
	if !local && (err != nil || !ip.Unmap().IsLoopback()) {
		return false
	}
	for _, l := range list {
		address, err := netip.ParseAddrPort(l)
		if err == nil && address.Addr().Unmap().IsLoopback() && int(address.Port()) == port && (local || address.Addr().Unmap() == ip.Unmap()) {
			return true
		}
	}
	return false
}

// Roots returns the CA of the sandbox. Those of the system are not needed at its addresses, and
// reading them takes longer than a session.
func (r *Record) Roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(r.CA))
	return pool
}

// Loopback returns the addresses of listeners for a record. For a listener on all
// addresses it returns the loopback addresses. Other addresses are omitted.
func Loopback(listens ...net.Addr) []string {
	var out []string
	for _, a := range listens {
		address, err := netip.ParseAddrPort(a.String())
		if err != nil {
			continue
		}
		switch ip := address.Addr().Unmap().WithZone(""); {
		case ip.IsLoopback():
			out = append(out, netip.AddrPortFrom(ip, address.Port()).String())
		case ip.IsUnspecified():
			out = append(out, netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), address.Port()).String())
			if ip.Is6() {
				out = append(out, netip.AddrPortFrom(netip.IPv6Loopback(), address.Port()).String())
			}
		}
	}
	return out
}
