package sandbox

import (
	"crypto/tls"
	"net"
)

// meter reserves memory for the bytes that a TLS handshake reads. A client can send
// certificates of hundreds of kilobytes before any login.
type meter struct {
	net.Conn
	c     *conn
	taken int64
	over  bool
}

// errNoMemory ends a handshake for which there is no memory.
type errNoMemory struct{}

func (errNoMemory) Error() string { return "the sandbox has no memory left" }

// Read reads from the connection. During the handshake it fails if there is no memory left.
func (m *meter) Read(p []byte) (int, error) {
	n, err := m.Conn.Read(p)
	if m.over || n <= 0 { //mutant:memory-of-handshakes-is-counted always
		return n, err
	}
	most := 3 * int64(n) // the record, the handshake message, and its parsed form
	if !m.c.hold(most) {
		m.c.srv.lacks(noMemory, m.c)
		return 0, errNoMemory{}
	}
	m.taken += most
	return n, err
}

// end is called after the handshake. It gives the memory back, except for the client's
// certificates, and reports whether there is room for them.
func (m *meter) end(cs *tls.ConnectionState) bool {
	m.over = true
	m.c.release(m.taken)
	n := int64(0)
	for _, cert := range cs.PeerCertificates {
		n += 4 * int64(len(cert.Raw))
	}
	return m.c.hold(n)
}

// holdTLS reserves the memory for TLS on the connection.
func (c *conn) holdTLS() bool {
	if c.hold(tlsCost) {
		return true
	}
	c.srv.lacks(noMemory, c)
	return false
}
