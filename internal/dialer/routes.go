package dialer

import (
	"net"
	"net/netip"
	"strings"

	"smtpsh/engine"
)

// Routes replaces one HOST:PORT by another target, for tests of a setup under its real
// name. Host names are compared as in DNS: in any case, with or without the final dot, as
// U-labels or A-labels (RFC 4343, RFC 5890).
type Routes map[string]string

// Add adds a route from HOST:PORT to a target.
func (r Routes) Add(from, to string) { r[folded(from)] = to }

// Find returns the target that replaces an address HOST:PORT, or false.
func (r Routes) Find(address string) (to string, ok bool) {
	if len(r) == 0 {
		return "", false
	}
	to, ok = r[folded(address)]
	return to, ok
}

// folded returns the form of an address for comparisons.
func folded(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return net.JoinHostPort(FoldHost(host), port)
}

// FoldHost returns the form of a host name or IP address for comparisons: A-labels in lower
// case without a final dot.
func FoldHost(host string) string {
	host = strings.Trim(host, "[]")
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().String()
	}
	if ascii, err := engine.ASCIIHost(host); err == nil {
		host = ascii
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
