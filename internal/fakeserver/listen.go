package fakeserver

import (
	"net"
	"testing"
)

// Loop accepts connections at a port of 127.0.0.1 and calls play for each of them in a
// goroutine of its own. A connection is closed when play returns, the listener at the end
// of the test.
func Loop(t testing.TB, play func(net.Conn)) *net.TCPAddr {
	t.Helper()
	ln := listen(t)
	LoopOn(t, ln, play)
	return ln.Addr().(*net.TCPAddr)
}

// LoopOn is [Loop] with a listener of the test, such as one with TLS or a unix socket.
func LoopOn(t testing.TB, ln net.Listener, play func(net.Conn)) {
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				play(c)
			}()
		}
	}()
}

// Once accepts one connection and calls play for it. The test ends only when play has
// returned.
func Once(t testing.TB, play func(net.Conn)) *net.TCPAddr {
	t.Helper()
	ln := listen(t)
	done := make(chan struct{})
	t.Cleanup(func() { ln.Close(); <-done })
	go func() {
		defer close(done)
		c, err := ln.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		play(c)
	}()
	return ln.Addr().(*net.TCPAddr)
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ln
}
