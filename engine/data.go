package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/engine/wire"
)

// Delivery is the reply for one recipient of an LMTP server (RFC 2033 section 4.2), or of a
// server that supports PRDR (draft-hall-prdr-00).
type Delivery struct {
	Recipient string
	Reply     *reply.Reply
}

// progressStep is the number of bytes of a message between two Progress events.
const progressStep = 1 << 20

// Data sends DATA and, after a 354, the content with CRLF at the end of every line and with
// leading dots stuffed, then the final dot (RFC 5321 section 4.1.1.4). It returns the reply
// to DATA if that is 4yz or 5yz, otherwise the final reply. If the reply is positive but
// not 354, Data sends no content and returns ErrProtocol. Over LMTP the final reply is the
// worst one; after MAIL with PRDR it is the one for the whole message. [Session.Deliveries]
// has those for single recipients.
//
// If the server rejects the message before all content is sent, Data stops and returns that
// reply with the defect Early. The session then cannot be used further, because the message
// is incomplete.
//
// A line of more than 998 bytes is an ErrUsage (RFC 5321 section 4.5.3.1.6), before DATA if
// content is an [io.Seeker]. [AnyLength] allows it.
func (s *Session) Data(ctx context.Context, content io.Reader) (*reply.Reply, error) {
	content, err := checkText(content)
	if err != nil {
		return nil, err
	}
	return s.data(ctx, content)
}

// data is Data for content that was checked.
func (s *Session) data(ctx context.Context, content io.Reader) (*reply.Reply, error) {
	r, err := s.say354(ctx)
	switch {
	case err != nil || !r.Positive():
		return r, err
	case r.Code != 354: //mutant:DATA-wants-its-354 is "354" "354 && r.Code > 400"
		return r, misplaced("DATA", r, "354", "RFC 5321 section 4.3.2", AdviceNotSent)
	}
	return s.content(ctx, content)
}

func (s *Session) say354(ctx context.Context) (*reply.Reply, error) {
	return s.exchange(ctx, command{verb: "DATA", line: []byte("DATA"), wait: s.opts.Timeouts.Data})
}

// Content sends the message as Data does after its 354. Use it after another method, such
// as Do, has read the 354.
func (s *Session) Content(ctx context.Context, content io.Reader) (*reply.Reply, error) {
	content, err := checkText(content)
	if err != nil { // the server waits for a message
		return nil, s.contentFailed(ctx, errSource{err})
	}
	return s.content(ctx, content)
}

// content is Content for content that was checked.
func (s *Session) content(ctx context.Context, content io.Reader) (*reply.Reply, error) {
	if err := s.ready("message"); err != nil {
		return nil, err
	}
	cw := s.newContentWriter(ctx)
	tw := wire.GetTextWriter(cw, wire.StuffDots)
	defer tw.Put()
	_, err := copyTo(tw, content)
	var rest []byte
	if err == nil {
		rest, err = tw.Rest()
	}
	if early := cw.stop(); early {
		return s.early(ctx)
	}
	if err != nil {
		return nil, s.contentFailed(ctx, err)
	}
	// a reply can arrive after the watcher has stopped: if one is there before the dot was
	// sent, it does not answer the dot
	if cw.blocks > 0 && s.arrived() {
		return s.early(ctx)
	}
	return s.finalDot(ctx, rest, tw.Octets())
}

// finalDot sends the rest of a message and its final dot in one write, so that a small
// message is one packet.
func (s *Session) finalDot(ctx context.Context, rest []byte, octets int64) (*reply.Reply, error) {
	s.sendBuffer = append(s.sendBuffer[:0], ".\r\n"...)
	begun := time.Now()
	if s.opts.Observer != nil {
		if len(rest) > 0 {
			s.emit(event.Event{Kind: event.ChunkSent, Data: rest, Content: true, Time: begun})
		}
		s.emit(event.Event{Kind: event.Progress, Sent: octets, Total: octets, Time: begun})
		s.emit(event.Event{Kind: event.CommandStart, Verb: endOfData, Time: begun})
		s.emit(event.Event{Kind: event.LineSent, Data: s.sendBuffer, Verb: endOfData, Time: begun})
	}
	s.nameWait("message")
	outer := s.beginWait(ctx, s.opts.Timeouts.Block)
	n, err := s.conn.Write(append(rest, s.sendBuffer...)) // Rest left room for it
	s.endWait(outer)
	switch {
	case err != nil && n <= len(rest):
		return nil, s.contentFailed(ctx, err)
	case err != nil:
		return nil, deliveryUnknown(s.fail(ctx, endOfData, err)) // a part of the dot may have been sent
	}
	s.enqueueOut(command{verb: endOfData, line: s.sendBuffer[:1], sentAt: begun})
	return s.finalReplies(ctx)
}

// finalReplies reads the reply of SMTP, or the replies of LMTP or PRDR.
func (s *Session) finalReplies(ctx context.Context) (*reply.Reply, error) {
	s.deliveries = nil
	if !s.LMTP() || len(s.rcpts) < 1 {
		r, err := s.nextReply(ctx, s.opts.Timeouts.Final)
		if err != nil {
			return nil, err
		}
		return s.rest(ctx, r)
	}
	rcpts := s.rcpts
	q := s.queue[0]
	s.queue = s.queue[:0]
	for i, rcpt := range rcpts {
		q.rcpt, q.nth, q.repliesDue = rcpt, i+1, len(rcpts)
		s.queue = append(s.queue, q)
	}
	var worst *reply.Reply
	for i, rcpt := range rcpts {
		r, err := s.nextReply(ctx, s.opts.Timeouts.Final)
		if err != nil {
			return nil, err
		}
		if r.Code == 421 { // the server ends the session and sends no more replies
			s.queue = s.queue[:0]
			s.emit(event.Event{Kind: event.Note, Text: fmt.Sprintf("the server ended the session after %d of %d replies; send the message "+
				"again to the other recipients", i, len(rcpts))})
			return r, nil
		}
		s.deliveries = append(s.deliveries, Delivery{rcpt, r})
		if worst == nil || r.Code > worst.Code {
			worst = r
		}
	}
	return worst, nil
}

// Deliveries returns the replies for each recipient of the last message over LMTP, or with
// PRDR if the server used it; else nil.
func (s *Session) Deliveries() []Delivery { return s.deliveries }

// errSource marks an error of the content's reader, which belongs to the caller.
type errSource struct{ error }

func (e errSource) Unwrap() error { return e.error }

// blocks are buffers for reading messages.
var blocks = sync.Pool{New: func() any {
	b := make([]byte, 64<<10)
	return &b
}}

// copyTo is io.Copy that distinguishes read errors from write errors.
func copyTo(dst io.Writer, src io.Reader) (int64, error) {
	if src == nil {
		return 0, nil
	}
	switch r := src.(type) { // these write from their current position and do not fail
	case *bytes.Reader:
		return r.WriteTo(dst)
	case *bytes.Buffer:
		return r.WriteTo(dst)
	}
	block := blocks.Get().(*[]byte)
	defer blocks.Put(block)
	buf := *block
	var total int64
	for {
		n, rerr := src.Read(buf)
		if n > 0 {
			if _, err := dst.Write(buf[:n]); err != nil {
				return total, err
			}
			total += int64(n)
		}
		if rerr == io.EOF {
			return total, nil
		}
		if rerr != nil {
			return total, errSource{rerr}
		}
	}
}

func (s *Session) contentFailed(ctx context.Context, err error) error {
	var src errSource
	if errors.As(err, &src) {
		cause, advice := src.error, advise(AdviceCutShort)
		var op *OpError
		if errors.As(cause, &op) && op.Op == "message" { // a line that is too long
			cause, advice = op.Err, append(advice, op.Advice...)
		}
		e := &OpError{Op: "message", Kind: ErrUsage, Err: cause, Advice: advice}
		if s.broken == nil {
			s.broken = e
		}
		return e
	}
	return s.fail(ctx, "message", err)
}

// early reads a reply that came before the message was complete.
func (s *Session) early(ctx context.Context) (*reply.Reply, error) {
	s.queue = s.queue[:0]
	r, err := s.readReply(ctx, &sent{op: "reply within the message"}, s.opts.Timeouts.Final)
	if err != nil {
		return nil, err
	}
	r.Command = "(message)"
	r.Defects = append(r.Defects, reply.Defect{Kind: reply.Early, Line: 1})
	s.finish(endOfData, r)
	cause := &ProtocolError{Defect: "the server answered before the message was complete", RFC: "RFC 5321 section 4.1.1.4", Raw: []byte(r.Raw)}
	s.broken = &OpError{Op: "message", Kind: ErrOutOfStep, Reply: r, Err: cause, Advice: advise(AdviceSendLater)}
	if r.Code == 421 {
		s.setState(Closing)
	}
	if r.Positive() {
		return nil, &OpError{Op: "message", Kind: ErrProtocol, Reply: r, Err: cause, Advice: advise(AdviceTreatUnsent)}
	}
	return r, nil
}

// contentWriter sends a message. From the second block on it watches whether the server
// replies before the end.
type contentWriter struct {
	s       *Session
	ctx     context.Context
	blocks  int
	sent    int64
	shown   int64
	watched chan error // nil without a watcher
	stopped bool
	isEarly bool
}

var errEarly = errors.New("the server answered early")

func (s *Session) newContentWriter(ctx context.Context) *contentWriter {
	s.nameWait("message")
	return &contentWriter{s: s, ctx: ctx}
}

func (c *contentWriter) Write(p []byte) (int, error) {
	c.blocks++
	if c.blocks == 2 && !c.stopped {
		c.watch()
	}
	// set the deadline before checking the watcher: it must not replace the deadline with
	// which the watcher ends a blocked write
	c.s.setWaitDeadline(c.ctx, c.s.opts.Timeouts.Block, writing)
	defer c.s.clearWait()
	select {
	case err := <-c.watched:
		c.watched = nil
		if err == nil {
			c.isEarly = true
			return 0, errEarly
		}
		return 0, err
	default:
	}
	c.s.emit(event.Event{Kind: event.ChunkSent, Data: p, Content: true})
	n, err := c.s.conn.Write(p)
	c.sent += int64(n)
	if err == nil && c.sent-c.shown >= progressStep {
		c.shown = c.sent
		c.s.emit(event.Event{Kind: event.Progress, Sent: c.sent, Total: -1})
	}
	if err != nil && c.stop() {
		err = errEarly
	}
	return n, err
}

// watch reads ahead in the background. It uses only the reader's buffer, which nothing else
// uses until stop or wait has returned.
func (c *contentWriter) watch() {
	s := c.s
	done := make(chan error, 1)
	if len(s.reader.Buffered()) > 0 {
		done <- nil
		c.watched = done
		return
	}
	s.conn.SetReadDeadline(time.Time{})
	go func() {
		err := s.reader.Fill()
		done <- err
		if err == nil {
			// a server that replies without reading would block the write
			s.conn.SetWriteDeadline(time.Unix(1, 0))
		}
	}()
	c.watched = done
}

// stop ends the watcher and reports whether the server has replied early.
func (c *contentWriter) stop() bool {
	c.stopped = true
	if c.watched != nil {
		c.s.conn.SetReadDeadline(time.Unix(1, 0))
		if err := <-c.watched; err == nil {
			c.isEarly = true
		}
		c.watched = nil
	}
	return c.isEarly
}
