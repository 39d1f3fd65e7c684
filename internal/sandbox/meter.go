package sandbox

import (
	"crypto/tls"
	"net"
)

// meter reserves memory for what a handshake reads: a client may send certificates of
// hundreds of kilobytes before it says who it is.
type meter struct {
	net.Conn
	c     *conn
	taken int64
	over  bool
}

// errNoMemory ends a handshake for which there is no memory.
type errNoMemory struct{}

func (errNoMemory) Error() string { return "the sandbox has no memory left" }

// Read reads from the connection. During the handshake it fails when memory runs out.
func (m *meter) Read(p []byte) (int, error) {
	n, err := m.Conn.Read(p)
	if m.over || n <= 0 { //mutant:memory-of-handshakes-is-counted always
		return n, err
	}
	most := 3 * int64(n) // the record, the message, and what is made of it
	if !m.c.hold(most) {
		m.c.srv.lacks(noMemory, m.c)
		return 0, errNoMemory{}
	}
	m.taken += most
	return n, err
}

// end ends the handshake: only the client's certificates stay in memory. It reports
// whether there is room for them.
func (m *meter) end(cs *tls.ConnectionState) bool {
	m.over = true
	m.c.release(m.taken)
	n := int64(0)
	for _, cert := range cs.PeerCertificates {
		n += 4 * int64(len(cert.Raw))
	}
	return m.c.hold(n)
}

// holdTLS reserves what TLS takes.
func (c *conn) holdTLS() bool {
	if c.hold(tlsCost) {
		return true
	}
	c.srv.lacks(noMemory, c)
	return false
}
