package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"smtpsh/engine/reply"
)

// XClient sends XCLIENT with attributes such as NAME and ADDR, whose values are encoded as
// xtext (Postfix XCLIENT_README). After the 220 the session begins again: call Ehlo next. The
// attributes need not be offered.
func (s *Session) XClient(ctx context.Context, attributes ...Param) (*reply.Reply, error) {
	return s.attributes(ctx, "XCLIENT", attributes)
}

// XForward sends XFORWARD with attributes, whose values are encoded as xtext (Postfix
// XFORWARD_README). They change only what the server logs.
func (s *Session) XForward(ctx context.Context, attributes ...Param) (*reply.Reply, error) {
	return s.attributes(ctx, "XFORWARD", attributes)
}

func (s *Session) attributes(ctx context.Context, verb string, attributes []Param) (*reply.Reply, error) {
	if len(attributes) == 0 {
		return nil, usage(verb, "no attribute is given, such as ADDR=192.0.2.1")
	}
	words := make([]string, len(attributes))
	for i, a := range attributes {
		if a.Key == "" || strings.ContainsFunc(a.Key, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '=' }) {
			return nil, usage(verb, "%q is not the name of an attribute", a.Key)
		}
		words[i] = strings.ToUpper(a.Key) + "=" + Xtext(a.Value)
	}
	return s.say(ctx, verb, strings.Join(words, " "))
}

// Xtext encodes a text as xtext: bytes other than printable ASCII, and plus and equal signs,
// become +HH (RFC 3461 section 4).
func Xtext(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if c < 33 || c > 126 || c == '+' || c == '=' {
			fmt.Fprintf(&b, "+%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// becomeClient sends XCLIENT and introduces the client again.
func (s *Session) becomeClient(ctx context.Context, attributes []Param) error {
	if !s.caps.Has("XCLIENT") {
		return &OpError{Op: "XCLIENT", Kind: ErrUsage, Err: errors.New("the server does not offer XCLIENT to this client")}
	}
	for _, a := range attributes {
		if !s.caps.HasParam("XCLIENT", a.Key) {
			return &OpError{Op: "XCLIENT", Kind: ErrUsage, Err: fmt.Errorf("the server does not offer the XCLIENT attribute %s",
				strings.ToUpper(a.Key))}
		}
	}
	r, err := s.XClient(ctx, attributes...)
	switch {
	case err != nil:
		return err
	case r.Code == 220:
		return s.introduce(ctx)
	case r.Positive():
		return misplaced("XCLIENT", r, "220", "Postfix XCLIENT_README", AdviceDistrustHello)
	}
	return refused("XCLIENT", r)
}
