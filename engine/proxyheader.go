package engine

import (
	"bytes"
	"context"
	"encoding/binary"

	"smtpsh/engine/event"
)

// proxySignature is the beginning of a PROXY protocol header, version 2.
const proxySignature = "\r\n\r\n\x00\r\nQUIT\n"

// proxyHeader returns the length of a PROXY protocol header at the beginning of b, 0 if
// there is none. The proxy in front of the server reads it and sends no reply to it, so its
// lines are not commands.
func proxyHeader(b []byte) int {
	if bytes.HasPrefix(b, []byte("PROXY ")) {
		return bytes.IndexByte(b, '\n') + 1
	}
	const fixed = len(proxySignature) + 4 // version, family and the length of the rest
	if !bytes.HasPrefix(b, []byte(proxySignature)) || len(b) < fixed {
		return 0
	}
	return min(len(b), fixed+int(binary.BigEndian.Uint16(b[fixed-2:])))
}

// sayPreface sends the bytes of Options.Preface.
func (s *Session) sayPreface(ctx context.Context) error {
	b, err := s.opts.Preface(s.conn.LocalAddr(), s.conn.RemoteAddr())
	if err != nil {
		return &OpError{Op: "connect", Kind: ErrUsage, Err: err}
	}
	return s.sayHeader(ctx, b)
}

// sayHeader sends bytes that are no command.
func (s *Session) sayHeader(ctx context.Context, b []byte) error {
	if len(b) == 0 {
		return nil
	}
	kind := event.ChunkSent
	if bytes.HasPrefix(b, []byte("PROXY ")) { // version 1 is a line, but not a command
		kind = event.LineSent
	}
	s.emit(event.Event{Kind: kind, Data: b})
	return s.write(ctx, "write", b, s.opts.Timeouts.Block)
}

// sayEarly sends Options.Early before the greeting is read.
func (s *Session) sayEarly(ctx context.Context, b []byte) error {
	n := proxyHeader(b)
	if err := s.sayHeader(ctx, b[:n]); err != nil {
		return err
	}
	if n == len(b) {
		return nil
	}
	return s.Write(ctx, b[n:])
}
