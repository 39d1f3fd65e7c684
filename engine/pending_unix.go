//go:build unix

package engine

import (
	"net"
	"syscall"
)

// peeker checks a socket for data.
type peeker struct {
	raw  syscall.RawConn
	n    int
	look func(fd uintptr)
	ask  func() bool // of a connection that is not a socket
}

func newPeeker(c net.Conn) *peeker {
	if p, ok := c.(interface{ Pending() bool }); ok {
		return &peeker{ask: p.Pending}
	}
	sc, ok := c.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	p := &peeker{raw: raw}
	p.look = func(fd uintptr) { // allocated once, because every command uses it
		var b [1]byte
		p.n, _, _ = syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	}
	return p
}

// pending reports, without reading and without waiting, whether bytes have arrived.
func (p *peeker) pending() bool {
	if p == nil {
		return false
	}
	if p.ask != nil {
		return p.ask()
	}
	p.n = 0
	return p.raw.Control(p.look) == nil && p.n > 0
}
