package imap

import (
	"fmt"
	"net"
	"sync/atomic"
)

// spare is how many octets a server may say next to a message: replies of IMAP are
// short, and the library keeps lines of any length.
const spare = 1 << 20 //mutant:a-mailbox-server-is-bounded is "20" "25"

// FloodError is a server that says more than any answer needs.
type FloodError struct{ Limit int64 }

// Error names the limit.
func (e *FloodError) Error() string {
	return fmt.Sprintf("the server says more than %d octets where less was asked for", e.Limit)
}

// meter is a connection that ends when the server says too much at a time.
type meter struct {
	net.Conn
	limit, left atomic.Int64
	flooded     atomic.Bool
}

// allow begins a step in which the server may say n octets.
func (m *meter) allow(n int64) {
	m.limit.Store(n)
	m.left.Store(n)
}

// Read counts.
func (m *meter) Read(p []byte) (int, error) {
	left := m.left.Load()
	if left <= 0 {
		m.flooded.Store(true)
		m.Conn.Close()
		return 0, &FloodError{m.limit.Load()}
	}
	n, err := m.Conn.Read(p[:min(int64(len(p)), left)])
	m.left.Add(-int64(n))
	return n, err
}
