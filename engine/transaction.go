package engine

import (
	"context"
	"io"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
)

// transaction is the part of a session with the current transaction and the replies to the
// last message.
type transaction struct {
	from       string
	rcpts      []string
	binaryMIME bool        // MAIL had BODY=BINARYMIME
	withPRDR   bool        // MAIL had PRDR
	chunkLines lineLengths // of the chunks
	deliveries []Delivery
}

// forgetEnvelope ends the transaction.
func (t *transaction) forgetEnvelope() {
	t.from, t.rcpts, t.withPRDR, t.binaryMIME = "", nil, false, false
}

// SendPipelined sends MAIL, RCPT for each recipient and DATA together (RFC 2920 section
// 3.1), and then the content. The parameters belong to MAIL. SendPipelined returns the
// first 4yz or 5yz reply, or else the final reply. If the server does not offer PIPELINING,
// the commands are sent one by one, and the observer receives a note; [Session.Pipeline]
// does not check this.
//
// If the server rejects a recipient, the message must not go to the others, but DATA is
// already sent. If no recipient was accepted, SendPipelined ends DATA with an empty
// message, which the server rejects (RFC 2920 section 3.1). Otherwise it closes the
// connection before the final dot.
func (s *Session) SendPipelined(ctx context.Context, from string, rcpts []string, content io.Reader, params ...Param) (*reply.Reply,
	error) {
	cmds, err := s.envelopeCommands(from, rcpts, params)
	if err != nil {
		return nil, err
	}
	if content, err = checkText(content); err != nil {
		return nil, err
	}
	if !s.Has("PIPELINING") {
		s.emit(event.Event{Kind: event.Note, Text: "the server does not offer PIPELINING: MAIL, RCPT and DATA are sent one by one"})
		return s.sendInSteps(ctx, cmds, content)
	}
	got, err := s.pipeline(ctx, append(cmds, command{verb: "DATA", line: []byte("DATA"), wait: s.opts.Timeouts.Data}))
	if err != nil {
		return nil, err
	}
	var refused *reply.Reply
	accepted := 0
	for i, x := range got[:len(got)-1] {
		switch {
		case !x.Reply.Completed() && refused == nil:
			refused = x.Reply
		case i > 0 && x.Reply.Completed():
			accepted++
		}
	}
	data := got[len(got)-1].Reply
	switch {
	case refused != nil && data.Code == 354 && accepted == 0:
		if _, err := s.Content(ctx, nil); err != nil {
			return refused, err
		}
		return refused, nil
	case refused != nil && data.Code == 354:
		s.closeWith("before the message: a recipient was refused")
		return refused, nil
	case refused != nil:
		return refused, nil
	case !data.Positive():
		return data, nil
	case data.Code != 354:
		return data, misplaced("DATA", data, "354", "RFC 5321 section 4.3.2", AdviceNotSent)
	}
	return s.content(ctx, content)
}

// sendInSteps does a transaction that waits for each reply and stops at the first
// rejection.
func (s *Session) sendInSteps(ctx context.Context, cmds []command, content io.Reader) (*reply.Reply, error) {
	for _, c := range cmds {
		if err := s.tooLongFor(c.verb, len(c.line)); err != nil {
			return nil, err
		}
		if r, err := s.exchange(ctx, c); err != nil || !r.Completed() {
			return r, err
		}
	}
	return s.data(ctx, content)
}

// envelopeCommands returns the commands before DATA. MAIL also has SMTPUTF8 if only a
// recipient needs it (RFC 6531 section 3.4).
func (s *Session) envelopeCommands(from string, rcpts []string, params []Param, ofRcpt ...Param) ([]command, error) {
	wait := s.opts.Timeouts.Command
	cmds := make([]command, 1, len(rcpts)+2)
	path, utf8Needed, err := s.mailbox("MAIL", from)
	if err != nil {
		return nil, err
	}
	for _, to := range rcpts {
		path, needed, err := s.mailbox("RCPT", to)
		if err != nil {
			return nil, err
		}
		utf8Needed = utf8Needed || needed
		arg, err := envelopeArg("RCPT", "TO:", path, ofRcpt)
		if err != nil {
			return nil, err
		}
		cmds = append(cmds, command{verb: "RCPT", arg: arg, line: []byte("RCPT " + arg), wait: wait})
	}
	if utf8Needed && !hasParam(params, "SMTPUTF8") {
		params = append(params[:len(params):len(params)], Param{Key: "SMTPUTF8"})
	}
	arg, err := envelopeArg("MAIL", "FROM:", path, params)
	if err != nil {
		return nil, err
	}
	cmds[0] = command{verb: "MAIL", arg: arg, line: []byte("MAIL " + arg), wait: wait}
	return cmds, nil
}
