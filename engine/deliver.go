package engine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"

	"smtpsh/engine/reply"
)

// Envelope holds the sender and the recipients of a message (RFC 5321 section
// 2.3.1).
type Envelope struct {
	From       string   // the reverse-path; "" is the null reverse-path
	Recipients []string // the forward-paths, at least one
	Params     []Param  // of MAIL, in addition to those that Send adds
	RcptParams []Param  // of each RCPT, for example NOTIFY (RFC 3461)
}

// RefusalPolicy decides what [Session.Send] does after the rejection of a recipient.
type RefusalPolicy uint8

// The policies.
const (
	StopAtRefusal RefusalPolicy = iota // send no message
	SkipRefused                        // send the message to the other recipients
)

// SendOptions controls [Session.Send]. With the zero value Send stops at the first
// rejection, uses DATA, and checks everything.
type SendOptions struct {
	Refused RefusalPolicy
	// Chunking sends the message with BDAT (RFC 3030) instead of DATA. The server must
	// offer CHUNKING.
	Chunking bool
	// ChunkSize is the number of bytes of each chunk, at most [MaxChunk]; 0 means
	// [ChunkSize].
	ChunkSize int
	// Pipeline sends MAIL and all RCPT together (RFC 2920) if the server offers PIPELINING.
	// DATA is sent after their replies, so that no message has to be interrupted.
	Pipeline bool
	// PRDR asks for a reply to the message for each recipient (draft-hall-prdr-00) if the
	// server offers PRDR.
	PRDR bool
	// StopAfter ends Send after a step: "MAIL", "RCPT" or "DATA". [SendResult.Stopped] is
	// then set. After "DATA" the server waits for a message: close the session.
	StopAfter string
	// Exact accepts only codes that answer a step: 250, 251 or 252 to MAIL and RCPT, and 250 to the
	// message, for each recipient with LMTP and PRDR. Another 2yz code is an ErrProtocol. The
	// standard has 251 and 252 only for RCPT (RFC 5321 section 4.3.2).
	Exact bool
	// Unchecked omits the checks that Send adds to those of the verbs: the SIZE limit,
	// 8BITMIME and SMTPUTF8 for the content, an envelope without recipients, long lines
	// before MAIL, and a second reply after the one to the message. It also adds no SIZE
	// and BODY parameters.
	Unchecked bool
}

// RecipientResult holds the server's replies for one recipient.
type RecipientResult struct {
	Address string
	RCPT    *reply.Reply // nil if RCPT was not sent or not answered
	Message *reply.Reply // the reply for this recipient to the message; nil if there is none
}

// Accepted reports whether the server accepted the message for this recipient.
func (r RecipientResult) Accepted() bool { return r.Message != nil && r.Message.Completed() }

// SendResult reports the replies that [Session.Send] received. A reply is nil if the server
// sent none.
type SendResult struct {
	Mail       *reply.Reply
	Recipients []RecipientResult // one for each recipient of the envelope, in its order
	Message    *reply.Reply      // to the message, or a rejection of DATA; over LMTP the worst one; with PRDR that of the whole message
	Stopped    bool              // Send ended after the step of SendOptions.StopAfter; no message was sent
}

// Accepted returns the recipients for whom the server accepted the message.
func (r *SendResult) Accepted() []string {
	var out []string
	for _, to := range r.Recipients {
		if to.Accepted() {
			out = append(out, to.Address)
		}
	}
	return out
}

// Send sends one message: MAIL, RCPT for each recipient, and DATA with the content as
// [Session.Data] sends it, or BDAT. LMTP gives a reply for each recipient.
//
// Before it sends anything, Send checks the addresses. If content is an [io.Seeker] or a
// *bytes.Buffer, it also checks the size against the SIZE limit (RFC 1870), the length of
// lines, and whether the server offers the 8BITMIME (RFC 6152) or SMTPUTF8 (RFC 6531) that
// the content needs. It adds the parameters of MAIL for them.
//
// With BODY=BINARYMIME the content is sent unchanged and only with BDAT.
//
// The result is never nil. The error is nil only if the server accepted the message for
// every recipient, or, with SkipRefused, for at least one. For a 4yz or 5yz reply Send
// returns an ErrRefused with the reply. The transaction then stays open: call Rset before
// the next message. [OpError.Unknown] is set if the message was or may have been sent
// completely, and no valid reply shows whether the server accepted it. Other errors:
// ErrUsage, if a check fails, and those of each step.
func (s *Session) Send(ctx context.Context, e Envelope, content io.Reader, o SendOptions) (*SendResult, error) {
	result := &SendResult{Recipients: make([]RecipientResult, len(e.Recipients))}
	for i, to := range e.Recipients {
		result.Recipients[i].Address = to
	}
	if len(e.Recipients) == 0 && !o.Unchecked {
		return result, usage("RCPT", "the envelope has no recipient")
	}
	if o.Chunking && !s.Has("CHUNKING") {
		return result, usage("BDAT", "the server does not offer CHUNKING")
	}
	switch o.StopAfter {
	case "", "MAIL", "RCPT", "DATA":
	default:
		return result, usage("MAIL", "StopAfter is %q, not MAIL, RCPT or DATA", o.StopAfter)
	}
	if o.StopAfter == "DATA" && o.Chunking {
		return result, usage("BDAT", "StopAfter is DATA, and BDAT has no step before the message")
	}
	binary := hasParamValue(e.Params, "BODY", "BINARYMIME")
	if binary && !o.Chunking {
		return result, usage("MAIL", "BODY=BINARYMIME needs BDAT: set Chunking (RFC 3030 section 3)")
	}
	params := e.Params
	if !o.Unchecked && !binary {
		var err error
		if params, err = s.fit(content, params); err != nil {
			return result, err
		}
		if content, err = checkText(content); err != nil {
			return result, err
		}
	}
	if o.PRDR && s.Has("PRDR") && !s.LMTP() {
		params = append(slices.Clip(params), Param{Key: "PRDR"})
	}
	cmds, err := s.envelopeCommands(e.From, e.Recipients, params, e.RcptParams...)
	if err != nil {
		return result, err
	}
	for _, c := range cmds {
		if err := s.tooLongFor(c.verb, len(c.line)); err != nil {
			return result, err
		}
	}
	asked, err := s.sendEnvelope(ctx, cmds, result, o)
	if err != nil || result.Stopped {
		return result, err
	}
	if o.StopAfter == "DATA" {
		r, err := s.say354(ctx)
		switch {
		case err != nil:
		case !r.Positive():
			result.Message, err = r, refused("DATA", r)
		case r.Code != 354:
			err = misplaced("DATA", r, "354", "RFC 5321 section 4.3.2", AdviceNotSent)
		}
		result.Stopped = err == nil
		return result, err
	}
	result.Message, err = s.transmit(ctx, content, o)
	complete := err == nil
	if complete {
		err = o.exact(result.Message)
		for i, d := range s.deliveries {
			if wrong := o.exact(d.Reply); wrong != nil {
				s.deliveries[i].Reply, err = nil, wrong // it shows nothing about the recipient
			}
		}
	}
	s.assign(result, asked, complete && err == nil)
	switch {
	case err != nil:
		return result, err
	case !result.Message.Completed() && (o.Refused == StopAtRefusal || result.Message.Code == 421 || len(result.Accepted()) == 0):
		return result, refused(messageStep(result.Message), result.Message)
	}
	for _, d := range s.deliveries { // of PRDR: the whole message was accepted
		if !d.Reply.Completed() && !s.LMTP() && (o.Refused == StopAtRefusal || len(result.Accepted()) == 0) {
			return result, refused("message", d.Reply)
		}
	}
	if o.Unchecked {
		return result, nil
	}
	return result, s.CheckUnsolicited("message")
}

// sendEnvelope sends MAIL and RCPT, together if o asks for it and the server offers it. It
// returns the indexes of the recipients that the server accepted.
func (s *Session) sendEnvelope(ctx context.Context, cmds []command, result *SendResult, o SendOptions) ([]int, error) {
	if o.Pipeline && o.StopAfter != "MAIL" && s.Has("PIPELINING") {
		accepted, err := s.pipelineEnvelope(ctx, cmds, result, o)
		result.Stopped = err == nil && o.StopAfter == "RCPT"
		return accepted, err
	}
	var err error
	if result.Mail, err = s.envelopeStep(ctx, cmds[0], o); err != nil {
		return nil, err
	}
	if o.StopAfter == "MAIL" {
		result.Stopped = true
		return nil, nil
	}
	accepted, err := s.askRecipients(ctx, cmds[1:], result, o)
	result.Stopped = err == nil && o.StopAfter == "RCPT"
	return accepted, err
}

// pipelineEnvelope sends MAIL and all RCPT before it reads their replies.
func (s *Session) pipelineEnvelope(ctx context.Context, cmds []command, result *SendResult, o SendOptions) ([]int, error) {
	got, err := s.pipeline(ctx, cmds)
	var accepted []int
	var first, last error
	for i, x := range got {
		switch {
		case x.Reply == nil: // err has the reason
			continue
		case i == 0:
			result.Mail = x.Reply
		default:
			result.Recipients[i-1].RCPT = x.Reply
		}
		if err == nil {
			err = o.exact(x.Reply)
		}
		switch {
		case x.Reply.Completed() && i > 0:
			accepted = append(accepted, i-1)
		case !x.Reply.Completed():
			last = refused(cmds[i].verb, x.Reply)
			if first == nil && (o.Refused == StopAtRefusal || i == 0 || x.Reply.Positive() || x.Reply.Code == 421) {
				first = last
			}
		}
	}
	switch {
	case err != nil:
		return nil, err
	case first != nil:
		return nil, first
	case len(accepted) == 0:
		return nil, last
	}
	return accepted, nil
}

// envelopeStep sends a command of the envelope. A reply other than 2yz is an ErrRefused.
func (s *Session) envelopeStep(ctx context.Context, c command, o SendOptions) (*reply.Reply, error) {
	r, err := s.exchange(ctx, c)
	switch {
	case err != nil:
		return r, err
	case !r.Completed():
		return r, refused(c.verb, r)
	}
	return r, o.exact(r)
}

// exact returns an error if Exact is set and the reply has a 2yz code that does not answer its
// step.
func (o SendOptions) exact(r *reply.Reply) error {
	if !o.Exact || !r.Completed() {
		return nil
	}
	switch r.Verb {
	case "MAIL", "RCPT":
		if r.Code != 250 && r.Code != 251 && r.Code != 252 {
			return misplaced(r.Verb, r, "250, 251 or 252", "RFC 5321 section 4.3.2", AdviceNotSent)
		}
	default:
		if r.Code != 250 {
			return deliveryUnknown(misplaced("message", r, "250", "RFC 5321 section 4.3.2", AdviceMayDeliverTwice))
		}
	}
	return nil
}

// askRecipients sends RCPT for each recipient. It returns the indexes of those that the
// server accepted, and an error if no message may be sent.
func (s *Session) askRecipients(ctx context.Context, cmds []command, result *SendResult, o SendOptions) ([]int, error) {
	var accepted []int
	var last error
	for i, c := range cmds {
		r, err := s.envelopeStep(ctx, c, o)
		result.Recipients[i].RCPT = r
		switch {
		case err == nil:
			accepted = append(accepted, i)
		case o.Refused == StopAtRefusal, !errors.Is(err, ErrRefused), r.Positive(), r.Code == 421:
			return nil, err
		default:
			last = err
		}
	}
	if len(accepted) == 0 {
		return nil, last
	}
	return accepted, nil
}

// transmit sends the content by DATA or BDAT.
func (s *Session) transmit(ctx context.Context, content io.Reader, o SendOptions) (*reply.Reply, error) {
	s.deliveries = nil
	if content == nil {
		content = bytes.NewReader(nil)
	}
	switch {
	case s.binaryMIME: // bytes, not lines
		return s.BdatAll(ctx, content, ChunkOptions{Size: o.ChunkSize})
	case o.Chunking && !o.Unchecked:
		return s.BdatAll(ctx, AnyLength(content), ChunkOptions{Size: o.ChunkSize, Text: true}) // the lines were checked before
	case o.Chunking:
		return s.BdatAll(ctx, content, ChunkOptions{Size: o.ChunkSize, Text: true})
	case o.Unchecked:
		return s.Data(ctx, content)
	}
	return s.data(ctx, content)
}

// assign gives each recipient its reply to the message. In SMTP it is the same for all, if
// the message was sent, unless PRDR has a reply for each. If the reply for the whole message
// rejects it, it is rejected for all (draft-hall-prdr-00). A reply to DATA does not belong to
// a message.
func (s *Session) assign(result *SendResult, accepted []int, complete bool) {
	if r := result.Message; s.LMTP() || complete && r.Completed() {
		for n, d := range s.deliveries {
			result.Recipients[accepted[n]].Message = d.Reply
		}
		if s.LMTP() || len(s.deliveries) > 0 {
			return
		}
	}
	if !complete || result.Message.Verb == "DATA" {
		return
	}
	for _, i := range accepted {
		result.Recipients[i].Message = result.Message
	}
}

// messageStep names the step that a reply rejected.
func messageStep(r *reply.Reply) string {
	switch r.Verb {
	case "DATA", "BDAT":
		return r.Verb
	}
	return "message"
}
