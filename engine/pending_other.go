//go:build !unix

package engine

import "net"

// pending cannot look into sockets here; only what was read ahead is known.
func pending(net.Conn) bool { return false }
