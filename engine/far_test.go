package engine_test

import (
	"context"
	"net"
)

// farAway makes a loopback connection look like a connection to another machine.
func farAway(ctx context.Context, network, addr string) (net.Conn, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return &farConn{c.(*net.TCPConn)}, nil
}

type farConn struct{ *net.TCPConn }

func (*farConn) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 587} }
