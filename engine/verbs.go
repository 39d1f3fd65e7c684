package engine

import (
	"context"
	"strings"
	"time"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
)

// Param is an ESMTP parameter of MAIL or RCPT, KEY or KEY=VALUE (RFC 5321 section
// 4.1.2). Any parameter can be sent, whether the server offers it or not.
type Param struct{ Key, Value string }

func (s *Session) say(ctx context.Context, verb, arg string) (*reply.Reply, error) {
	if err := clean(verb, "argument", arg); err != nil {
		return nil, err
	}
	line := append(s.lineBuffer[:0], verb...)
	if arg != "" {
		line = append(append(line, ' '), arg...)
	}
	s.lineBuffer = line
	if err := s.tooLongFor(verb, len(line)); err != nil {
		return nil, err
	}
	return s.exchange(ctx, command{verb: verb, arg: arg, line: line, wait: s.opts.Timeouts.Command})
}

func (s *Session) greet(ctx context.Context, verb, name string) (*reply.Reply, error) {
	if name == "" {
		name = s.ClientName()
	}
	name, err := domain(verb, name)
	if err != nil {
		return nil, err
	}
	return s.say(ctx, verb, name)
}

// Ehlo sends EHLO with the given name, or [Session.ClientName] when it is empty,
// and remembers what the server offers (RFC 5321 section 4.1.1.1).
func (s *Session) Ehlo(ctx context.Context, name string) (*reply.Reply, error) {
	return s.greet(ctx, "EHLO", name)
}

// Helo sends HELO, which offers no extensions (RFC 5321 section 4.1.1.1).
func (s *Session) Helo(ctx context.Context, name string) (*reply.Reply, error) {
	return s.greet(ctx, "HELO", name)
}

// Lhlo sends LHLO, which is LMTP's EHLO (RFC 2033 section 4.1).
func (s *Session) Lhlo(ctx context.Context, name string) (*reply.Reply, error) {
	return s.greet(ctx, "LHLO", name)
}

// Hello sends LHLO to an LMTP target and EHLO to any other.
func (s *Session) Hello(ctx context.Context, name string) (*reply.Reply, error) {
	if s.target.LMTP {
		return s.Lhlo(ctx, name)
	}
	return s.Ehlo(ctx, name)
}

// Mail sends MAIL FROM with the reverse-path from; "" is the null reverse-path (RFC
// 5321 section 4.1.1.2). An address that is not ASCII gets the parameter SMTPUTF8
// where the server offers it, or else an ASCII domain.
func (s *Session) Mail(ctx context.Context, from string, params ...Param) (*reply.Reply, error) {
	path, utf8Needed, err := s.mailbox("MAIL", from)
	if err != nil {
		return nil, err
	}
	if utf8Needed && !hasParam(params, "SMTPUTF8") {
		params = append(params[:len(params):len(params)], Param{Key: "SMTPUTF8"})
	}
	return s.envelope(ctx, "MAIL", "FROM:", path, params)
}

// Rcpt sends RCPT TO with the forward-path to (RFC 5321 section 4.1.1.3).
func (s *Session) Rcpt(ctx context.Context, to string, params ...Param) (*reply.Reply, error) {
	path, _, err := s.mailbox("RCPT", to)
	if err != nil {
		return nil, err
	}
	return s.envelope(ctx, "RCPT", "TO:", path, params)
}

func hasParam(params []Param, key string) bool {
	for _, p := range params {
		if strings.EqualFold(p.Key, key) {
			return true
		}
	}
	return false
}

func hasParamValue(params []Param, key, value string) bool {
	for _, p := range params {
		if strings.EqualFold(p.Key, key) && strings.EqualFold(p.Value, value) {
			return true
		}
	}
	return false
}

func (s *Session) envelope(ctx context.Context, verb, prefix, path string, params []Param) (*reply.Reply, error) {
	arg, err := envelopeArg(verb, prefix, path, params)
	if err != nil {
		return nil, err
	}
	return s.say(ctx, verb, arg)
}

// envelopeArg returns the argument of MAIL or RCPT.
func envelopeArg(verb, prefix, path string, params []Param) (string, error) {
	if len(params) == 0 {
		return prefix + "<" + path + ">", nil
	}
	var b strings.Builder
	b.WriteString(prefix)
	b.WriteByte('<')
	b.WriteString(path)
	b.WriteByte('>')
	for _, p := range params {
		if err := p.check(verb); err != nil {
			return "", err
		}
		b.WriteByte(' ')
		b.WriteString(p.Key)
		if p.Value != "" {
			b.WriteByte('=')
			b.WriteString(p.Value)
		}
	}
	return b.String(), nil
}

// check returns an error if the text would not be exactly one parameter.
func (p Param) check(verb string) error {
	if p.Key == "" || strings.ContainsAny(p.Key, " =\r\n\x00") {
		return usage(verb, "%q is not the name of a parameter", p.Key)
	}
	if strings.ContainsAny(p.Value, " \r\n\x00") {
		return usage(verb, "the value of %s has a space or control character: %q (xtext writes a space as +20)", p.Key, p.Value)
	}
	return nil
}

// Rset sends RSET, which discards the transaction (RFC 5321 section 4.1.1.5).
func (s *Session) Rset(ctx context.Context) (*reply.Reply, error) { return s.say(ctx, "RSET", "") }

// Noop sends NOOP with an argument that servers ignore (RFC 5321 section 4.1.1.9).
func (s *Session) Noop(ctx context.Context, arg string) (*reply.Reply, error) {
	return s.say(ctx, "NOOP", arg)
}

// Vrfy sends VRFY, which asks whether a mailbox exists (RFC 5321 section 4.1.1.6).
func (s *Session) Vrfy(ctx context.Context, arg string) (*reply.Reply, error) {
	return s.query(ctx, "VRFY", arg)
}

// Expn sends EXPN, which requests the members of a mailing list (RFC 5321 section
// 4.1.1.7).
func (s *Session) Expn(ctx context.Context, arg string) (*reply.Reply, error) {
	return s.query(ctx, "EXPN", arg)
}

// query adds SMTPUTF8 for arguments that need it (RFC 6531 section 3.7.4.2).
func (s *Session) query(ctx context.Context, verb, arg string) (*reply.Reply, error) {
	if !isASCII(arg) && s.caps.Has("SMTPUTF8") {
		arg += " SMTPUTF8"
	}
	return s.say(ctx, verb, arg)
}

// Help sends HELP, with a topic if one is given (RFC 5321 section 4.1.1.8).
func (s *Session) Help(ctx context.Context, topic string) (*reply.Reply, error) {
	return s.say(ctx, "HELP", topic)
}

// Pause waits like a slow client; ctx ends it early with ErrCanceled.
func (s *Session) Pause(ctx context.Context, d time.Duration) error {
	s.emit(event.Event{Kind: event.Note, Text: "pause of " + d.String()})
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return &OpError{Op: "pause", Kind: ErrCanceled}
	}
}
