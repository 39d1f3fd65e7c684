package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/engine/secret"
	"smtpsh/engine/wire"
)

// nextReply reads the reply to the oldest command of the queue.
func (s *Session) nextReply(ctx context.Context, wait time.Duration) (*reply.Reply, error) {
	q := s.queue[0]
	r, err := s.readReply(ctx, &q, wait)
	if err != nil {
		var e *OpError
		if errors.As(err, &e) {
			e.Line = q.text()
		}
		if q.verb == endOfData {
			err = deliveryUnknown(err)
		}
		return nil, err
	}
	copy(s.queue, s.queue[1:])
	s.queue = s.queue[:len(s.queue)-1]
	r.Recipient = q.rcpt
	if r.Verb = q.verb; q.out == nil {
		r.Command = q.line
	}
	rcpts := s.recipientsOf(&q) // accept forgets them
	s.accept(&q, r)
	if r.Code == 353 && len(rcpts) > 0 {
		s.expectEach(q, rcpts)
	}
	return r, nil
}

// accept processes a complete reply to q, or a reply without a command if q has no verb:
// its duration, the observer, the state of the session.
func (s *Session) accept(q *sent, r *reply.Reply) {
	now := time.Now()
	r.Took = now.Sub(q.sentAt)
	s.finishAt(q.verb, r, now)
	s.observe(q.verb, q.arg, r)
}

// readReply reads one reply. q is the command that it answers, or only names the step.
func (s *Session) readReply(ctx context.Context, q *sent, wait time.Duration) (*reply.Reply, error) {
	if s.nameWait(q.verb); q.op != "" {
		s.nameWait(q.op)
	}
	defer s.endWait(s.beginWait(ctx, wait))
	s.repeatedLines = s.reportedLines
	raw, err := s.reader.ReadReply(s.onLine)
	if err != nil {
		var notReply *wire.NotReplyError
		if errors.As(err, &notReply) {
			notReply.Line = []byte(s.concealed(string(notReply.Line)))
		}
		partial := s.reader.Buffered()
		e := s.fail(ctx, q.step(), err)
		if len(partial) > 0 && !errors.Is(e, ErrProtocol) {
			e.Reply = s.parse(firstBytes(partial))
		}
		return nil, e
	}
	s.reportedLines, s.certAsked = 0, false
	r := reply.ParseFor(raw, q.out)
	s.conceal(r, raw)
	return r, nil
}

// parse makes a reply in which secrets are masked.
func (s *Session) parse(raw []byte) *reply.Reply {
	r := reply.Parse(raw)
	s.conceal(r, raw)
	return r
}

func (s *Session) conceal(r *reply.Reply, raw []byte) {
	//mutant:secrets-that-a-server-repeats-are-masked is "> " "> 100"
	if spans := s.secretsIn(raw); len(spans) > 0 {
		r.Conceal(string(secret.MaskSpans(raw, spans)))
	}
}

// finish reports a complete reply and its defects to the observer.
func (s *Session) finish(verb string, r *reply.Reply) { s.finishAt(verb, r, time.Time{}) }

func (s *Session) finishAt(verb string, r *reply.Reply, now time.Time) {
	if s.opts.Observer == nil {
		return
	}
	s.emit(event.Event{Kind: event.ReplyDone, Verb: verb, Reply: r, Took: r.Took, Time: now})
	for _, d := range r.Defects {
		s.emit(event.Event{Kind: event.Finding, Text: d.String(), Defect: d.Kind, Reply: r})
	}
}

// fail stores the reason why the session cannot continue.
func (s *Session) fail(ctx context.Context, op string, err error) *OpError {
	e := ioError(ctx, op, err)
	s.endedByTLS(e, err)
	switch {
	case s.closed.Load():
		e.Kind, e.Err = ErrClosed, errors.New("the session was closed")
	case e.Kind == ErrTimeout && !s.sessionEnd.IsZero() && !time.Now().Before(s.sessionEnd):
		e.Err = fmt.Errorf("the deadline of %v for the whole session has passed", s.opts.Deadline)
	}
	if s.broken == nil {
		// after 221 or 421 the server closes as announced (RFC 5321 sections 3.8 and
		// 4.1.1.10); in TLS sometimes without a close_notify
		leaving := e.Kind == ErrClosed && s.state == Closing && len(s.queue) == 0 && len(s.reader.Buffered()) == 0 &&
			(errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF))
		s.broken = e
		if e.Kind == ErrClosed {
			s.setState(Gone)
		}
		switch {
		case leaving:
			s.emit(event.Event{Kind: event.Closed, Text: "by the server"})
		case e.Kind != ErrTimeout || !s.nothingDue:
			s.emit(event.Event{Kind: event.Closed, Text: op, Err: e})
		}
	}
	return e
}
