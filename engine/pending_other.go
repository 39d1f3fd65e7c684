//go:build !unix

package engine

import "net"

// peeker checks a socket for data; this system does not support it.
type peeker struct{}

func newPeeker(net.Conn) *peeker { return nil }

// pending always returns false, because this system does not support it.
func (*peeker) pending() bool { return false }
