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

// sayEarly sends Options.Early before the greeting is read.
func (s *Session) sayEarly(ctx context.Context, b []byte) error {
	n := proxyHeader(b)
	if n > 0 {
		kind := event.ChunkSent
		if bytes.HasPrefix(b, []byte("PROXY ")) { // version 1 is a line, but not a command
			kind = event.LineSent
		}
		s.emit(event.Event{Kind: kind, Data: b[:n]})
		if err := s.write(ctx, "write", b[:n], s.opts.Timeouts.Block); err != nil {
			return err
		}
	}
	if n == len(b) {
		return nil
	}
	return s.Write(ctx, b[n:])
}
