package engine

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"smtpsh/engine/reply"
)

// arrived reports whether the server has sent data that answers no command. It also checks
// the socket, because a reply there would otherwise be matched to the next command.
func (s *Session) arrived() bool {
	if len(s.reader.Buffered()) > 0 {
		return true //mutant:what-nobody-asked-for-is-no-answer is "true" "false"
	}
	if s.peek == nil {
		s.peek = newPeeker(s.netConn())
	}
	if !s.peek.pending() {
		return false
	}
	// over TLS it can be only a session ticket; reading shows it
	s.conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	s.reader.Fill() //nolint:errcheck // the next command finds the error
	return len(s.reader.Buffered()) > 0
}

// CheckUnsolicited returns an ErrProtocol if the server has sent data that answers no
// command. Each verb checks this before it is sent, except [Session.Write]. While replies
// are missing, and if the server ends the session with 421, it returns nil. op names the
// step in the error.
func (s *Session) CheckUnsolicited(op string) error {
	//mutant:nothing-is-left-over is "len(s.queue) > 0" "true"
	if s.closed.Load() || s.broken != nil || len(s.queue) > 0 || !s.arrived() || bytes.HasPrefix(s.reader.Buffered(), []byte("421")) {
		return nil
	}
	return s.unsolicited(op)
}

// unsolicited handles bytes that answer no command. A 421 ends the session (RFC 5321
// section 3.8); any other reply would be matched to the next command.
func (s *Session) unsolicited(op string) error {
	raw, ok := s.reader.BufferedReply(s.onLine)
	if ok {
		r := s.parse(raw)
		r.Defects = append(r.Defects, reply.Defect{Kind: reply.Unsolicited, Line: 1})
		s.finish("", r)
		if r.Code == 421 {
			s.setState(Closing)
			s.broken = &OpError{Op: op, Kind: ErrClosed, Reply: r, Err: errors.New("the server is closing the connection")}
			return s.broken
		}
		s.broken = s.doubt(&OpError{
			Op: op, Kind: ErrProtocol, Reply: r,
			Err: &ProtocolError{
				Defect: fmt.Sprintf("the server sent a %d that answers no command", r.Code),
				RFC:    "RFC 5321 section 4.2", Raw: []byte(r.Raw),
			},
		})
		return s.broken
	}
	s.broken = s.doubt(&OpError{Op: op, Kind: ErrProtocol, Err: &ProtocolError{Defect: "the server sent bytes that answer no command",
		RFC: "RFC 5321 section 4.2", Raw: firstBytes(s.reader.Buffered())}})
	return s.broken
}

func firstBytes(b []byte) []byte { return append([]byte(nil), b[:min(len(b), 200)]...) }

// Unasked reports whether an error of [Session.Leave] is about data that answers no
// command, and not about the reply to QUIT.
func Unasked(err error) bool {
	var op *OpError
	return errors.As(err, &op) && op.Kind == ErrProtocol && op.Op != "reply to QUIT"
}
