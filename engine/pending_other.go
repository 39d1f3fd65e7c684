//go:build !unix

package engine

import "net"

// peeker looks into a socket; here it cannot.
type peeker struct{}

func newPeeker(net.Conn) *peeker { return nil }

// pending is not known here: only what was read is looked at.
func (*peeker) pending() bool { return false }
