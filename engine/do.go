package engine

import (
	"context"
	"errors"
	"strings"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/engine/secret"
)

// Do sends any line, CRLF added, and reads one reply. The line can be an unknown verb, a
// command out of order, or the response to an AUTH challenge. It must not contain CR, LF or
// NUL; [Session.Write] sends those. Do does not start a TLS handshake after STARTTLS
// ([Session.Handshake]) and sends no message after DATA ([Session.Content]).
//
// Credentials in the line are masked in all events. A line that is too long
// ([Session.LineTooLong]) is sent, with a note. Errors: ErrUsage, or those of the
// connection.
func (s *Session) Do(ctx context.Context, line string) (*reply.Reply, error) {
	c, err := s.parseLine(line, atFirst)
	if err != nil {
		return nil, err
	}
	if c.verb == endOfData && s.state != InData { // it does not end a message
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

// lineBehind tells whether a line follows AUTH, where it would be the initial response.
type lineBehind bool

const (
	behindAuth lineBehind = true
	atFirst    lineBehind = false
)

// parseLine makes a command from a line that a user typed.
func (s *Session) parseLine(line string, place lineBehind) (command, error) {
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
	case s.state == InAuth || place == behindAuth && secret.SASLLike(trimmed):
		c.verb, c.arg = "AUTH", ""
		if line != "*" {
			c.secrets = []secret.Span{{From: 0, To: len(line)}}
			s.typedLogin.response(line)
			s.learnResponse(c.line, answer(s.typedLogin.isPassword()))
		}
	case c.verb == "AUTH", secret.LooksLikeAuth(c.verb):
		mechanism, _, _ := strings.Cut(c.arg, " ")
		s.typedLogin = typedLogin{mechanism: mechanism}
		if from := secretLines.ResponseAt(line, mechanism); from < len(line) && line[from:] != "=" {
			c.secrets = []secret.Span{{From: from, To: len(line)}}
			s.typedLogin.response(line[from:])
			s.learnResponse(c.line[from:], answer(s.typedLogin.isPassword()))
		}
	case c.verb == "DATA":
		c.wait = s.opts.Timeouts.Data
	}
	if len(c.secrets) == 0 { // a misspelled login, or one in a wrong place
		for _, t := range secret.Logins(line) {
			c.secrets = append(c.secrets, t)
			s.learnResponse(c.line[t.From:t.To], withoutPassword)
		}
	}
	return c, nil
}

// authAsked reports whether an unanswered command is AUTH, so that the next line can be a
// response to its challenge.
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

// exchange sends one command and reads its reply.
func (s *Session) exchange(ctx context.Context, c command) (*reply.Reply, error) {
	if err := s.ready(c.verb); err != nil {
		return nil, err
	}
	s.nameWait(c.verb)
	defer s.endWait(s.beginWait(ctx, c.wait))
	if err := s.sendOne(ctx, c); err != nil {
		return nil, err
	}
	r, err := s.nextReply(ctx, c.wait)
	if err == nil && c.verb == endOfData {
		s.deliveries = nil
		return s.rest(ctx, r)
	}
	return r, err
}

// ready returns an error if the session cannot send a command now.
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
	case len(s.queue) > 0:
		return usage(op, "%d replies were not read yet; read them first", len(s.queue))
	}
	if s.arrived() {
		return s.unsolicited(op)
	}
	return nil
}
