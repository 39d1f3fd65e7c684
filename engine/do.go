package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/engine/secret"
	"smtpsh/engine/wire"
)

// endOfData stands for the final dot where a verb is wanted.
const endOfData = "."

// command is one line to be said.
type command struct {
	verb, arg string
	line      []byte // without ending
	secrets   []secret.Span
	wait      time.Duration
	at        time.Time // when it began to leave; the zero time before
}

// Do sends any line, CRLF added, and reads one reply. The line may be a verb
// that nobody knows, out of order, or the answer to an AUTH challenge; it may
// not contain CR, LF or NUL ([Session.Write] sends those). Do does not start a
// TLS handshake after STARTTLS ([Session.Handshake]) and sends no message after
// DATA ([Session.Content]).
//
// Credentials in the line are masked in all events. A line that is too long
// ([Session.LineTooLong]) goes out, with a note. Errors: ErrUsage, or those of the
// connection.
func (s *Session) Do(ctx context.Context, line string) (*reply.Reply, error) {
	c, err := s.parseLine(line, false)
	if err != nil {
		return nil, err
	}
	if c.verb == endOfData && s.state != InData { // no message ends with it
		c.verb = loneDot
	}
	var long *OpError
	if errors.As(s.tooLongFor(c.verb, len(line)), &long) {
		s.emit(event.Event{Kind: event.Note, Text: long.Err.Error()})
	}
	return s.exchange(ctx, c)
}

// loneDot stands for a dot that is sent as a command.
const loneDot = "lone dot"

// parseLine makes a command of a line typed by hand.
func (s *Session) parseLine(line string, afterAuth bool) (command, error) {
	if i := strings.IndexAny(line, "\r\n\x00"); i >= 0 {
		return command{}, unfit("command", advise(AdviceSendRaw), "the line has a %s at position %d", controlName(line[i]), i+1)
	}
	trimmed := strings.TrimLeft(line, " \t")
	verb, arg := trimmed, ""
	if i := strings.IndexAny(trimmed, " \t"); i >= 0 {
		verb, arg = trimmed[:i], trimmed[i+1:]
	}
	c := command{verb: strings.ToUpper(verb), arg: strings.TrimSpace(arg), line: []byte(line), wait: s.opts.Timeouts.Command}
	switch {
	case s.state == InAuth || afterAuth && secret.SASLLike(trimmed):
		c.verb, c.arg = "AUTH", ""
		if line != "*" {
			c.secrets = []secret.Span{{From: 0, To: len(line)}}
			s.byHand.response(line)
			s.learnResponse(c.line, s.byHand.isPassword())
		}
	case c.verb == "AUTH", secret.LooksLikeAuth(c.verb):
		mechanism, _, _ := strings.Cut(c.arg, " ")
		s.byHand = handLogin{mechanism: mechanism}
		if from := secretLines.ResponseAt(line, mechanism); from < len(line) && line[from:] != "=" {
			c.secrets = []secret.Span{{From: from, To: len(line)}}
			s.byHand.response(line[from:])
			s.learnResponse(c.line[from:], s.byHand.isPassword())
		}
	case c.verb == "DATA":
		c.wait = s.opts.Timeouts.Data
	}
	if len(c.secrets) == 0 { // a login that is misspelt, or in a wrong place
		for _, t := range secret.Logins(line) {
			c.secrets = append(c.secrets, t)
			s.learnResponse(c.line[t.From:t.To], false)
		}
	}
	return c, nil
}

// authAsked tells whether an AUTH is among the commands that are not answered
// yet, so that what follows may be a response to its challenge.
func (s *Session) authAsked() bool {
	for _, q := range s.queue {
		if q.verb == "AUTH" {
			return true
		}
	}
	return false
}

func controlName(c byte) string {
	return map[byte]string{'\r': "CR", '\n': "LF", 0: "NUL"}[c]
}

// exchange is the choke point: every single command goes out and every reply
// to it comes in here.
func (s *Session) exchange(ctx context.Context, c command) (*reply.Reply, error) {
	if err := s.ready(c.verb); err != nil {
		return nil, err
	}
	s.step(c.verb)
	defer s.release(s.guard(ctx, c.wait))
	if err := s.writeCommand(ctx, c); err != nil {
		return nil, err
	}
	return s.nextReply(ctx, c.wait)
}

// ready refuses a command on a session that cannot carry it.
func (s *Session) ready(verb string) error {
	op := verb
	if op == "" {
		op = "command"
	}
	switch {
	case s.closed.Load():
		return &OpError{Op: op, Kind: ErrClosed, Err: errors.New("the session is closed"), Advice: advise(AdviceNewSession)}
	case s.broken != nil:
		return &OpError{Op: op, Kind: ErrOutOfStep, Err: errors.New("after an earlier failure: " + s.broken.Error()),
			Advice: advise(AdviceNewSession)}
	case s.prdr && (verb == "DATA" || verb == "BDAT"):
		return noPRDR(verb)
	case len(s.queue) > 0:
		return usage(op, "%d replies were not read yet; read them first", len(s.queue))
	}
	if s.arrived() {
		return s.unsolicited(op)
	}
	return nil
}

// writeCommand puts one line on the wire and queues it for its reply.
func (s *Session) writeCommand(ctx context.Context, c command) error {
	s.out = append(append(s.out[:0], c.line...), '\r', '\n')
	c.secrets = s.withKnown(c.line, c.secrets)
	c.at = time.Now()
	if s.opts.Observer != nil {
		s.emit(event.Event{Kind: event.CommandStart, Verb: c.verb, Time: c.at})
		s.emit(event.Event{Kind: event.LineSent, Data: s.out, Secrets: c.secrets, Verb: c.verb, Time: c.at})
	}
	if err := s.write(ctx, c.verb, s.out, c.wait); err != nil {
		return err
	}
	s.enqueueOut(c)
	return nil
}

func (s *Session) enqueue(c command) {
	line := string(secret.MaskSpans(c.line, c.secrets))
	s.queue = append(s.queue, sent{verb: c.verb, arg: c.arg, line: line, at: c.begun()})
}

// begun is when a command began to leave: the reply may be there before the write has
// returned.
func (c *command) begun() time.Time {
	if c.at.IsZero() {
		return time.Now()
	}
	return c.at
}

// enqueueOut is enqueue for the only command on its way, whose line stays in s.out
// until its reply is read: one text then serves both.
func (s *Session) enqueueOut(c command) {
	if len(s.queue) > 0 || len(c.secrets) > 0 {
		s.enqueue(c)
		return
	}
	s.queue = append(s.queue, sent{verb: c.verb, arg: c.arg, out: s.out[:len(c.line)], at: c.begun()})
}

// write sends bytes within a wait; op names the step in errors.
func (s *Session) write(ctx context.Context, op string, b []byte, wait time.Duration) error {
	s.step(op)
	defer s.release(s.guard(ctx, wait))
	if _, err := s.conn.Write(b); err != nil {
		return s.fail(ctx, op, err)
	}
	return nil
}

// nextReply reads the reply to the oldest command in the queue.
func (s *Session) nextReply(ctx context.Context, wait time.Duration) (*reply.Reply, error) {
	q := s.queue[0]
	r, err := s.readReply(ctx, &q, wait)
	if err != nil {
		var e *OpError
		if errors.As(err, &e) {
			e.Line = q.text()
		}
		if q.verb == endOfData {
			err = fate(err)
		}
		return nil, err
	}
	copy(s.queue, s.queue[1:])
	s.queue = s.queue[:len(s.queue)-1]
	now := time.Now()
	r.Took = now.Sub(q.at)
	r.Recipient = q.rcpt
	if r.Verb = q.verb; q.out == nil {
		r.Command = q.line
	}
	s.finishAt(q.verb, r, now)
	s.observe(q.verb, q.arg, r)
	return r, nil
}

// readReply reads one reply off the wire.
// q is the command that it answers, or only names the step.
func (s *Session) readReply(ctx context.Context, q *sent, wait time.Duration) (*reply.Reply, error) {
	if s.step(q.verb); q.op != "" {
		s.step(q.op)
	}
	defer s.release(s.guard(ctx, wait))
	s.skip = s.told
	raw, err := s.rd.ReadReply(s.onLine)
	if err != nil {
		var notReply *wire.NotReplyError
		if errors.As(err, &notReply) {
			notReply.Line = []byte(s.concealed(string(notReply.Line)))
		}
		partial := s.rd.Buffered()
		e := s.fail(ctx, q.step(), err)
		if len(partial) > 0 && !errors.Is(e, ErrProtocol) {
			e.Reply = s.parse(firstBytes(partial))
		}
		return nil, e
	}
	s.told, s.certAsked = 0, false
	r := reply.ParseFor(raw, q.out)
	s.conceal(r, raw)
	return r, nil
}

// parse makes a reply in whose words secrets are masked.
func (s *Session) parse(raw []byte) *reply.Reply {
	r := reply.Parse(raw)
	s.conceal(r, raw)
	return r
}

func (s *Session) conceal(r *reply.Reply, raw []byte) {
	if spans := s.secretsIn(raw); len(spans) > 0 {
		r.Conceal(string(secret.MaskSpans(raw, spans)))
	}
}

// finish tells the observer of a complete reply and its defects.
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

// fail records that the session cannot go on and says why.
func (s *Session) fail(ctx context.Context, op string, err error) *OpError {
	e := ioError(ctx, op, err)
	s.endedByTLS(e, err)
	switch {
	case s.closed.Load():
		e.Kind, e.Err = ErrClosed, errors.New("the session was closed")
	case e.Kind == ErrTimeout && !s.end.IsZero() && !time.Now().Before(s.end):
		e.Err = fmt.Errorf("the limit of %v for the whole session is over", s.opts.Deadline)
	}
	if s.broken == nil {
		// after 221 or 421 the server closes as it has announced (RFC 5321 sections 3.8
		// and 4.1.1.10); within TLS perhaps without a close_notify
		leaving := e.Kind == ErrClosed && s.state == Closing && len(s.queue) == 0 && len(s.rd.Buffered()) == 0 &&
			(errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF))
		s.broken = e
		if e.Kind == ErrClosed {
			s.setState(Gone)
		}
		switch {
		case leaving:
			s.emit(event.Event{Kind: event.Closed, Text: "by the server"})
		case e.Kind != ErrTimeout || !s.idle:
			s.emit(event.Event{Kind: event.Closed, Text: op, Err: e})
		}
	}
	return e
}
