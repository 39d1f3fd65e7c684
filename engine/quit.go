package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
)

// lateReply is the time that Quit waits for a second reply if the first one is not 221 or
// 421.
const lateReply = 2 * time.Second

// goodbye is the time that [Session.Leave] waits for the reply to QUIT.
const goodbye = 3 * time.Second

// Quit sends QUIT and, after a 221, closes the connection (RFC 5321 section 4.1.1.10).
//
// A reply with another code than 221 or 421 may have been sent before QUIT, for example a
// 452 that takes back the 250 to a message. Quit then waits up to two seconds for another
// reply. If one comes, the first one answers no command, and Quit returns it with an
// ErrProtocol. It returns the same error if data follows the 221, or if a 4yz or 5yz reply
// comes instead of the 221: a server must not reject QUIT, so this reply probably answers an
// earlier command. OpError.Unknown is set if such a reply comes instead of the 221 directly after a
// message was accepted.
func (s *Session) Quit(ctx context.Context) (*reply.Reply, error) {
	r, err := s.say(ctx, "QUIT", "")
	switch {
	case err != nil || r.Code == 421:
		return r, err
	case r.Code != 221:
		return r, s.late(ctx, r)
	case s.arrived():
		err = s.unsolicited("QUIT")
		s.Close()
		return r, err
	}
	s.closeWith("after QUIT")
	return r, nil
}

// late decides whether a reply with another code than 221 answers QUIT.
func (s *Session) late(ctx context.Context, first *reply.Reply) error {
	s.nameWait("QUIT")
	outer := s.beginWait(ctx, min(lateReply, s.opts.Timeouts.Command))
	var err error
	if len(s.reader.Buffered()) == 0 {
		err = s.reader.Fill()
	}
	s.endWait(outer)
	more := err == nil && ctx.Err() == nil
	if !more && first.Positive() { //mutant:a-late-reply-is-no-goodbye is "!more &&" "true ||"
		return nil
	}
	defect := fmt.Sprintf("the server replied %d to QUIT instead of 221", first.Code)
	if s.delivered {
		defect += "; it may be a second reply to the message"
	}
	if more {
		defect = fmt.Sprintf("the server sent a %d that answers no command before its reply to QUIT", first.Code)
		if raw, ok := s.reader.BufferedReply(s.onLine); ok {
			s.finish("QUIT", s.parse(raw))
		}
		s.reportedLines = 0
		d := reply.Defect{Kind: reply.Unsolicited, Line: 1}
		first.Defects = append(first.Defects, d)
		s.emit(event.Event{Kind: event.Finding, Text: d.String(), Defect: d.Kind, Reply: first})
	}
	s.broken = s.doubt(&OpError{Op: "QUIT", Kind: ErrProtocol, Reply: first,
		Err: &ProtocolError{Defect: defect, RFC: "RFC 5321 section 4.2", Raw: []byte(first.Shown())}})
	s.Close()
	return s.broken
}

// doubt sets Unknown in the error for a reply that answers no command and came directly
// after a message was accepted: the reply can concern the message.
func (s *Session) doubt(e *OpError) error {
	if s.delivered {
		return deliveryUnknown(e)
	}
	return e
}

// Leave ends a session that is no longer needed. It sends QUIT if the state allows
// it, waits at most three seconds for the reply, and closes the connection. It
// ignores a missing reply to QUIT. If the server has sent more replies than it
// received commands, or sends a 4yz or 5yz reply instead of the 221, Leave returns the
// ErrProtocol of [Session.Quit]. Leave does nothing on a closed session.
func (s *Session) Leave(ctx context.Context) error {
	if s.closed.Load() {
		return nil
	}
	defer s.Close()
	if err := s.CheckUnsolicited("the end of the session"); err != nil {
		return err
	}
	switch s.state {
	case InData, InAuth, WaitingTLS, Closing, InChunks, Gone:
		return nil
	}
	if s.broken != nil || s.halfClosed || len(s.queue) > 0 || s.raw.unfinished() || ctx.Err() != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, goodbye)
	defer cancel()
	if _, err := s.Quit(ctx); errors.Is(err, ErrProtocol) {
		return err
	}
	return nil
}

// unfinished reports whether raw bytes have left a line or a chunk incomplete, so that QUIT
// would become a part of it.
func (r *rawState) unfinished() bool { return len(r.line) > 0 || r.data || r.chunkOctets > 0 }
