package sandbox

import "sync/atomic"

// budget bounds a resource that all parts of a server share: octets of memory, or of
// temporary files. What is taken is given back when the part that took it ends.
type budget struct {
	limit int64
	used  atomic.Int64
	// spare, if not nil, makes room for n octets: it drops what can be dropped, the
	// oldest first. Its caller must hold no lock of the store.
	spare func(n int64)
}

// take reserves n octets and reports whether there is room for them. While there is, it
// costs one atomic addition.
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

// give returns what was taken.
func (b *budget) give(n int64) { b.used.Add(-n) }

// What parts of a server take of the memory beside their octets: measured on Linux as
// the resident set of thousands of them, and rounded up.
const (
	connCost    = 32 << 10 // a connection: its goroutine, its reader, and its first buffer
	tlsCost     = 32 << 10 // TLS on it, once the handshake is over
	messageCost = 512      // a message that is kept, or a transaction
	rcptCost    = 96       // a recipient
	paramCost   = 32       // a parameter
	commandCost = 160      // a command that is remembered
	countCost   = 128      // an argument or a session that a rule counts
)
