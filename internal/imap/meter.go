package imap

import (
	"fmt"
	"net"
	"sync/atomic"
)

// spare is the number of bytes that the server can send in a step in addition to a
// message. Replies of IMAP are short, and the library keeps lines of any length.
const spare = 1 << 20 //mutant:a-mailbox-server-is-bounded is "20" "25"

// FloodError is returned when the server sends more bytes than a step allows.
type FloodError struct{ Limit int64 }

// Error names the limit.
func (e *FloodError) Error() string {
	return fmt.Sprintf("the server sent more than %d bytes, which is too much for this step", e.Limit)
}

// meter is a connection that is closed when the server sends too much in one step.
type meter struct {
	net.Conn
	limit, left atomic.Int64
	flooded     atomic.Bool
}

// allow begins a step in which the server can send n bytes.
func (m *meter) allow(n int64) {
	m.limit.Store(n)
	m.left.Store(n)
}

// Read reads and counts bytes. It returns a FloodError beyond the limit.
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
