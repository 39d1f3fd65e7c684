package engine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/engine/secret"
)

// rawState follows raw bytes, so that the replies to them can be matched.
type rawState struct {
	line        []byte // the beginning of an incomplete line
	data        bool   // within a message: lines are not commands
	chunkOctets int64  // bytes of a BDAT chunk that follow
}

// maxRawLine limits the stored part of an incomplete raw line.
const maxRawLine = 4096

// Write sends exactly these bytes, such as incomplete lines, several lines at once, bare LF
// or NUL. Complete lines outside of a message count as commands, so that
// [Session.ReadReply] can match their replies.
func (s *Session) Write(ctx context.Context, b []byte) error {
	if s.closed.Load() {
		return &OpError{Op: "write", Kind: ErrClosed, Err: errors.New("the session is closed")}
	}
	s.raw.data = s.raw.data || s.state == InData
	s.tellWritten(b)
	return s.write(ctx, "write", b, s.opts.Timeouts.Block)
}

// tellWritten emits raw bytes line by line and queues the lines that are commands.
func (s *Session) tellWritten(b []byte) {
	for len(b) > 0 {
		if s.raw.chunkOctets > 0 { // a chunk is bytes, not lines
			part := b[:min(int64(len(b)), s.raw.chunkOctets)]
			b = b[len(part):]
			s.raw.chunkOctets -= int64(len(part))
			s.emit(event.Event{Kind: event.ChunkSent, Data: part, Content: true})
			continue
		}
		i := bytes.IndexByte(b, '\n')
		part := b
		if i >= 0 {
			part = b[:i+1]
		}
		b = b[len(part):]
		if len(s.raw.line) < maxRawLine {
			s.raw.line = append(s.raw.line, part[:min(len(part), maxRawLine)]...)
		}
		secrets := s.secretsIn(part)
		if i < 0 {
			if c, err := s.parseLine(strings.TrimRight(string(s.raw.line), "\r"), lineBehind(s.authAsked())); err == nil && !s.raw.data {
				secrets = within(c.secrets, len(s.raw.line)-len(part), secrets)
			}
			s.emit(event.Event{Kind: event.ChunkSent, Data: part, Secrets: secrets, Content: s.raw.data})
			return
		}
		line := s.raw.line
		s.raw.line = nil
		if s.raw.data {
			s.emit(event.Event{Kind: event.ChunkSent, Data: part, Secrets: secrets, Content: true})
			if string(line) == ".\r\n" {
				s.raw.data = false
				s.enqueue(command{verb: endOfData, line: []byte(".")})
				if s.LMTP() && len(s.rcpts) > 0 { // one reply for each recipient
					q := s.queue[len(s.queue)-1]
					s.queue = s.queue[:len(s.queue)-1]
					for i, rcpt := range s.rcpts {
						q.rcpt, q.nth, q.repliesDue = rcpt, i+1, len(s.rcpts)
						s.queue = append(s.queue, q)
					}
				}
			}
			continue
		}
		text := string(bytes.TrimRight(line, "\r\n"))
		c, err := s.parseLine(text, lineBehind(s.authAsked()))
		if err != nil { // a line with NUL or CR is still one line for the server
			c = command{verb: "?", line: []byte("(raw)")}
		}
		secrets = within(c.secrets, len(line)-len(part), secrets)
		s.emit(event.Event{Kind: event.LineSent, Data: part, Secrets: secrets, Verb: c.verb})
		if bytes.HasSuffix(line, []byte("\r\n")) {
			s.enqueue(c)
			s.raw.chunkOctets = announced(c)
		}
	}
}

// announced returns the number of bytes that follow a BDAT command, 0 for other commands.
func announced(c command) int64 {
	if c.verb != "BDAT" {
		return 0
	}
	size, _, _ := strings.Cut(c.arg, " ")
	n, err := strconv.ParseInt(size, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// within converts spans of a whole line to spans of its last part, which begins at offset,
// and adds them to others.
func within(spans []secret.Span, offset int, others []secret.Span) []secret.Span {
	for _, s := range spans {
		if s.To > offset {
			others = append(others, secret.Span{From: max(0, s.From-offset), To: s.To - offset})
		}
	}
	secret.Sort(others)
	return others
}

// ReadReply reads the next reply within the given time, or the command timeout when
// it is 0. The reply answers the oldest command that has no reply yet. Without such
// a command the reply is unsolicited, and a timeout leaves the session usable.
func (s *Session) ReadReply(ctx context.Context, wait time.Duration) (*reply.Reply, error) {
	if wait <= 0 {
		wait = s.opts.Timeouts.Command
	}
	if s.closed.Load() {
		return nil, &OpError{Op: "read", Kind: ErrClosed, Err: errors.New("the session is closed")}
	}
	if len(s.queue) > 0 {
		return s.nextReply(ctx, wait)
	}
	unasked := sent{op: "read", sentAt: time.Now()}
	broken := s.broken
	s.nothingDue = len(s.reader.Buffered()) == 0
	defer func() { s.nothingDue = false }()
	r, err := s.readReply(ctx, &unasked, wait)
	if err != nil {
		if errors.Is(err, ErrTimeout) && len(s.reader.Buffered()) == 0 {
			s.broken = broken // no command and no reply: still in step
		}
		return nil, err
	}
	s.accept(&unasked, r)
	return r, nil
}

// EOF waits until the server closes its direction and reports whether it did. If bytes come
// instead, it returns false, and they stay unread.
func (s *Session) EOF(ctx context.Context, wait time.Duration) (bool, error) {
	if wait <= 0 {
		wait = s.opts.Timeouts.Command
	}
	if s.closed.Load() {
		return true, nil
	}
	if len(s.reader.Buffered()) > 0 {
		return false, nil
	}
	s.nameWait("read")
	defer s.endWait(s.beginWait(ctx, wait))
	err := s.reader.Fill()
	switch {
	case err == nil:
		return false, nil
	case errors.Is(err, io.EOF):
		s.setState(Gone)
		if s.broken == nil {
			s.broken = &OpError{Op: "read", Kind: ErrClosed, Err: closedByServer}
			s.emit(event.Event{Kind: event.Closed, Text: "by the server"})
		}
		return true, nil
	case isNetTimeout(err) && ctx.Err() == nil:
		return false, nil
	}
	e := s.fail(ctx, "read", err)
	return errors.Is(e, ErrClosed), e
}

// Listen waits until the server sends data without a command, closes its direction, or ctx
// ends. A prompt calls it while the user types. It reports whether bytes came;
// [Session.ReadReply] then reads them. If the server closed the connection, Listen returns
// an ErrClosed and emits a Closed event. The end of ctx is not an error and does not change
// the session. During Listen only methods that are safe for any goroutine may be called.
func (s *Session) Listen(ctx context.Context) (bool, error) {
	if s.closed.Load() {
		return false, &OpError{Op: "read", Kind: ErrClosed, Err: errors.New("the session is closed")}
	}
	if s.broken != nil {
		return false, s.broken
	}
	if len(s.reader.Buffered()) > 0 {
		return true, nil
	}
	for {
		s.nameWait("") // the user is thinking
		outer := s.beginWait(ctx, listenFor)
		err := s.reader.Fill()
		s.endWait(outer)
		switch {
		case err == nil:
			return true, nil
		case ctx.Err() != nil && isNetTimeout(err):
			return false, nil
		case !isNetTimeout(err) || !s.sessionEnd.IsZero() && !time.Now().Before(s.sessionEnd):
			return false, s.fail(context.WithoutCancel(ctx), "read", err)
		}
	}
}

// listenFor limits one read of Listen; then the next read begins.
const listenFor = time.Hour

// CloseWrite closes the connection for writing and keeps it open for reading
// ("half-close"): over TLS with a close_notify, else with a FIN.
func (s *Session) CloseWrite() error {
	type halfCloser interface{ CloseWrite() error }
	h, ok := s.conn.(halfCloser)
	if !ok {
		return usage("half-close", "this kind of connection cannot be closed on one side")
	}
	s.halfClosed = true
	s.emit(event.Event{Kind: event.Note, Text: "our side is closed for writing"})
	if err := h.CloseWrite(); err != nil {
		return s.fail(context.Background(), "half-close", err)
	}
	return nil
}

// Reset closes the connection with a TCP RST, as the system of a crashed client does.
func (s *Session) Reset() error {
	if t, ok := s.netConn().(*net.TCPConn); ok {
		if err := t.SetLinger(0); err != nil {
			return s.fail(context.Background(), "reset", err)
		}
	}
	err := s.Close()
	s.setState(Gone)
	s.emit(event.Event{Kind: event.Closed, Text: "reset by us"})
	return err
}
