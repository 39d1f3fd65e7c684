package proxy

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	proxyproto "github.com/pires/go-proxyproto"
)

// Header is a PROXY protocol header, with which a load balancer tells a server the address of
// the real client (HAProxy, proxy-protocol.txt).
type Header struct {
	Version int            // 1 (text) or 2 (binary)
	Source  netip.AddrPort // the real client
	Dest    netip.AddrPort // the address that it connected to; invalid for that of the connection
	Local   bool           // version 2: a connection of the load balancer itself (LOCAL)
	Raw     []byte         // if not nil, the bytes to send instead
}

// ParseHeader reads "v1 SOURCE:PORT", "v2 SOURCE:PORT DEST:PORT" or "v2 local". The error names
// what is wrong.
func ParseHeader(text string) (*Header, error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return nil, errors.New("the version is missing: v1 or v2")
	}
	h := &Header{}
	switch strings.TrimPrefix(strings.ToLower(words[0]), "v") {
	case "1":
		h.Version = 1
	case "2":
		h.Version = 2
	default:
		return nil, fmt.Errorf("version %q is not v1 or v2", words[0])
	}
	words = words[1:]
	if len(words) == 1 && strings.EqualFold(words[0], "local") {
		if h.Version == 1 {
			return nil, errors.New("v1 has no LOCAL; omit it, or use v2")
		}
		h.Local = true
		return h, nil
	}
	var err error
	switch {
	case len(words) == 0:
		return nil, errors.New("the source is missing: ADDRESS:PORT of the client")
	case len(words) > 2:
		return nil, fmt.Errorf("unexpected %q after source and destination", words[2])
	case len(words) == 2:
		if h.Dest, err = addrPort(words[1]); err != nil {
			return nil, fmt.Errorf("destination: %w", err)
		}
	}
	if h.Source, err = addrPort(words[0]); err != nil {
		return nil, fmt.Errorf("source: %w", err)
	}
	if h.Dest.IsValid() && h.Source.Addr().Is4() != h.Dest.Addr().Is4() {
		return nil, errors.New("source and destination must both be IPv4 or both IPv6")
	}
	return h, nil
}

// addrPort parses ADDRESS or ADDRESS:PORT.
func addrPort(s string) (netip.AddrPort, error) {
	if a, err := netip.ParseAddrPort(s); err == nil {
		return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()), nil
	}
	if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return netip.AddrPortFrom(a.Unmap(), defaultPort), nil
	}
	return netip.AddrPort{}, fmt.Errorf("%q is not an IP address and a port, such as 192.0.2.1:40000 or [2001:db8::1]:40000", s)
}

// defaultPort is the port of an address that has none.
const defaultPort = 40000

// Bytes returns the header for a connection to remote.
func (h *Header) Bytes(_, remote net.Addr) ([]byte, error) {
	if h.Raw != nil {
		return bytes.Clone(h.Raw), nil
	}
	out := &proxyproto.Header{Version: byte(h.Version), Command: proxyproto.PROXY}
	if h.Local {
		out.Command, out.TransportProtocol = proxyproto.LOCAL, proxyproto.UNSPEC
		return out.Format()
	}
	out.TransportProtocol = proxyproto.TCPv4
	if !h.Source.Addr().Is4() {
		out.TransportProtocol = proxyproto.TCPv6
	}
	dest := h.Dest
	if !dest.IsValid() {
		dest = destination(h.Source.Addr(), remote)
	}
	out.SourceAddr, out.DestinationAddr = net.TCPAddrFromAddrPort(h.Source), net.TCPAddrFromAddrPort(dest)
	return out.Format()
}

// destination returns the address of remote in the family of the source. An address of the
// other family becomes the unspecified one.
func destination(source netip.Addr, remote net.Addr) netip.AddrPort {
	at := netip.AddrPort{}
	if remote != nil {
		at, _ = netip.ParseAddrPort(remote.String())
	}
	addr := at.Addr().Unmap()
	switch {
	case source.Is4() && !addr.Is4():
		addr = netip.IPv4Unspecified()
	case !source.Is4() && (!addr.IsValid() || addr.Is4()):
		addr = netip.IPv6Unspecified()
	}
	return netip.AddrPortFrom(addr, at.Port())
}

// String describes the header for texts.
func (h *Header) String() string {
	switch {
	case h.Raw != nil:
		return strconv.Itoa(len(h.Raw)) + " bytes"
	case h.Local:
		return "v2 local"
	}
	return fmt.Sprintf("v%d %s", h.Version, h.Source)
}
