package sandbox

import "sync/atomic"

// budget limits the bytes of memory, or of temporary files, that a server uses. Each part
// of the server takes bytes from it and gives them back at its end.
type budget struct {
	limit int64
	used  atomic.Int64
	// spare, if not nil, drops the oldest messages to make room for n bytes. The caller
	// must not hold the lock of the store.
	spare func(n int64)
}

// take reserves n bytes and reports whether there is room for them. It costs one atomic
// addition while there is room.
func (b *budget) take(n int64) bool {
	if b.used.Add(n) <= b.limit {
		return true
	}
	b.used.Add(-n)
	if n > b.limit || b.spare == nil {
		return false
	}
	b.spare(n)
	if b.used.Add(n) <= b.limit {
		return true
	}
	b.used.Add(-n)
	return false
}

// give gives n bytes back.
func (b *budget) give(n int64) { b.used.Add(-n) }

// Memory of the parts of a server in bytes, in addition to their content. The numbers are
// measured on Linux as the resident set of thousands of parts, and rounded up.
const (
	connCost    = 32 << 10 // a connection: its goroutine, its reader, and its first buffer
	tlsCost     = 32 << 10 // TLS on a connection after the handshake
	messageCost = 512      // a message that is kept, or a transaction
	rcptCost    = 96       // a recipient
	paramCost   = 32       // a parameter
	commandCost = 160      // a recorded command
	countCost   = 128      // an argument or session that a rule counts
)
