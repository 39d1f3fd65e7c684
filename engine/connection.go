package engine

import (
	"crypto/tls"
	"net"
	"sync/atomic"
	"time"

	"smtpsh/engine/event"
	"smtpsh/engine/wire"
)

// connection is the part of a session that reads and writes bytes.
type connection struct {
	conn       net.Conn // TCP or a Unix socket, or TLS on it
	socket     net.Conn // the connection below TLS; set once, so that any goroutine can call Close
	peek       *peeker
	reader     *wire.Reader
	lineBuffer []byte // a buffer for a line that is being made
	sendBuffer []byte // a buffer for lines that are sent
	closed     atomic.Bool
	halfClosed bool  // the client's direction is closed for writing
	broken     error // why the session can no longer be used
}

// Close ends the connection at once, without QUIT; every wait ends with
// ErrClosed. It may be called more than once and from any goroutine.
func (s *Session) Close() error {
	if s.closed.Swap(true) || s.socket == nil {
		return nil
	}
	s.watch.mu.Lock()
	s.watch.forget()
	s.watch.mu.Unlock()
	// a TLS connection is closed below the record layer, because its own Close waits for a
	// peer that does not read
	return s.socket.Close()
}

// netConn returns the connection without TLS.
func (s *Session) netConn() net.Conn { return s.socket }

// closeWith closes the connection after the server ended the session, and reports it to the
// observer.
func (s *Session) closeWith(text string) {
	if t, ok := s.conn.(*tls.Conn); ok && !s.closed.Load() {
		t.SetDeadline(time.Now().Add(time.Second))
		t.CloseWrite() //nolint:errcheck // a missing close_notify is no problem
	}
	s.Close()
	s.setState(Gone)
	s.emit(event.Event{Kind: event.Closed, Text: text})
}
