package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
)

// OpenOptions sets which steps [Session.Open] does.
type OpenOptions struct {
	StartTLS TLSPolicy
	// Auth logs in, when it is not nil. A mechanism that it names must be offered.
	Auth *AuthOptions
	// XClient, if not empty, are attributes that XCLIENT tells the server (Postfix
	// XCLIENT_README). It must offer each of them.
	XClient []Param
	// XClientFirst sends XCLIENT before STARTTLS instead of after it.
	XClientFirst bool
	// Tolerate continues in spite of errors of the server.
	Tolerate Tolerance
}

// Tolerance is a set of errors of a server in spite of which [Session.Open] continues. Each one
// that occurs is reported as an event of the kind Note.
type Tolerance struct {
	Codes      bool // another 2yz code than 220 as greeting, or than 250 to EHLO or HELO
	BareCR     bool // a CR in a line of the greeting, or of the reply to EHLO or HELO
	Mechanisms bool // the mechanism of Auth is not offered
}

// TLSPolicy decides whether [Session.Open] sends STARTTLS (RFC 3207).
type TLSPolicy uint8

// The policies. A connection that began with TLS satisfies each of them.
const (
	TLSWhenOffered TLSPolicy = iota // use STARTTLS if the server offers it
	TLSRequired                     // fail if the server does not offer it
	TLSNever                        // do not send STARTTLS
)

// Open connects to target as [Dial] does, prepares the session for mail as
// [Session.Open] does, and returns it. When a step fails it ends the session with QUIT
// where that is possible and returns the error; [OpError.Op] names the step.
func Open(ctx context.Context, target Target, opts Options, o OpenOptions) (*Session, error) {
	s, err := Dial(ctx, target, opts)
	if err != nil {
		return nil, err
	}
	if err := s.Open(ctx, o); err != nil {
		s.Leave(ctx) //nolint:errcheck // report the first error
		return nil, err
	}
	return s, nil
}

// Open introduces the client and prepares the session for mail: EHLO, STARTTLS, EHLO,
// XCLIENT with EHLO, and AUTH. It does not repeat steps that were done before. It accepts
// only the code that the standard has for each step: 220 as greeting, 250 to EHLO, 220 to
// STARTTLS, 235 to AUTH.
//
// If the server rejects EHLO with 500, 502, 504 or 550, Open sends HELO instead (RFC 5321
// section 3.2). Only what the last EHLO offered is used, so that capabilities from before
// TLS do not count.
//
// If the server rejects a step, Open returns an ErrRefused with the reply. Other errors:
// ErrTLS if TLS is required and not offered; ErrProtocol if a reply has the wrong code, or
// if a line of the greeting or of the reply to EHLO or HELO contains a CR; ErrUsage if the
// mechanism is not offered; and those of each step.
func (s *Session) Open(ctx context.Context, o OpenOptions) error {
	s.tolerate = o.Tolerate
	if err := s.greetedWell(); err != nil {
		return err
	}
	if s.hello != "EHLO" && s.hello != "LHLO" {
		if err := s.introduce(ctx); err != nil {
			return err
		}
	}
	if len(o.XClient) > 0 && o.XClientFirst {
		if err := s.becomeClient(ctx, o.XClient); err != nil {
			return err
		}
	}
	if s.tls == nil && o.StartTLS != TLSNever {
		if err := s.secure(ctx, o.StartTLS); err != nil {
			return err
		}
	}
	if len(o.XClient) > 0 && !o.XClientFirst {
		if err := s.becomeClient(ctx, o.XClient); err != nil {
			return err
		}
	}
	if o.Auth == nil || s.user != "" {
		return nil
	}
	if err := s.offersMechanism(o.Auth.Mechanism); err != nil {
		return err
	}
	r, err := s.Auth(ctx, *o.Auth)
	if err == nil && r.Code != 235 {
		err = refused("AUTH", r)
	}
	return err
}

// greetedWell returns an error unless the greeting was a 220 (RFC 5321 section 4.3.2).
func (s *Session) greetedWell() error {
	r := s.greeting
	switch {
	case r == nil:
		return nil
	case r.Code == 220: //mutant:a-session-begins-with-220 is "Code == 220" "Positive()"
		return s.hidden("greeting", r)
	case r.Completed() && s.tolerate.Codes:
		s.tolerated("the greeting has the code " + strconv.Itoa(r.Code) + " instead of 220")
		return s.hidden("greeting", r)
	case r.Positive():
		return misplaced("greeting", r, "220", "RFC 5321 section 4.3.2", AdviceDistrustGreeting)
	}
	return refused("greeting", r)
}

// introduce sends EHLO, or HELO if the server does not support EHLO.
func (s *Session) introduce(ctx context.Context) error {
	r, err := s.Hello(ctx, "")
	if err == nil && fallsBack(r) && !s.target.LMTP {
		r, err = s.Helo(ctx, "")
	}
	switch {
	case err != nil:
		return err
	case r.Code == 250:
		return s.hidden(r.Verb, r)
	case r.Completed() && s.tolerate.Codes:
		s.tolerated("the reply to " + r.Verb + " has the code " + strconv.Itoa(r.Code) + " instead of 250")
		return s.hidden(r.Verb, r)
	case r.Positive():
		return misplaced(r.Verb, r, "250", "RFC 5321 section 4.1.1.1", AdviceDistrustHello)
	}
	if r.Permanent() {
		return refused(r.Verb, r, AdviceHelloName)
	}
	return refused(r.Verb, r)
}

// fallsBack reports whether a rejection of EHLO can be about the verb itself, so that HELO
// is worth trying. A reply with several codes is none.
func fallsBack(r *reply.Reply) bool {
	if slices.ContainsFunc(r.Defects, func(d reply.Defect) bool { return d.Kind == reply.MixedCodes }) {
		return false
	}
	switch r.Code {
	case 500, 502, 504, 550:
		return true
	}
	return false
}

// hidden returns an error if a line of the greeting, or of the reply to EHLO or HELO,
// contains a CR. A reader that ends lines at CR would see another reply or keyword than one
// that does not.
func (s *Session) hidden(op string, r *reply.Reply) error {
	for _, d := range r.Defects {
		if d.Kind == reply.BareCR { //mutant:no-capability-is-hidden-behind-a-CR never
			if s.tolerate.BareCR {
				s.tolerated(fmt.Sprintf("line %d of the reply has a CR in the middle, which may hide a further line", d.Line))
				continue
			}
			return &OpError{
				Op: op, Kind: ErrProtocol, Reply: r, Advice: advise(AdviceHiddenLines),
				Err: &ProtocolError{
					Defect: fmt.Sprintf("line %d of the reply has a CR in the middle, which may hide a further line", d.Line),
					RFC:    d.Kind.RFC(), Raw: firstBytes([]byte(r.Raw)),
				},
			}
		}
	}
	return nil
}

// tolerated reports an error of the server that does not end the session.
func (s *Session) tolerated(text string) {
	s.emit(event.Event{Kind: event.Note, Text: "continues although " + text})
}

// secure sends STARTTLS and EHLO again.
func (s *Session) secure(ctx context.Context, policy TLSPolicy) error {
	if !s.caps.Has("STARTTLS") {
		if policy == TLSWhenOffered { //mutant:TLS-that-is-required-is-offered always
			return nil
		}
		offers := "it offers no extensions"
		if len(s.caps) > 0 {
			offers = "it offers " + s.caps.keywords()
		}
		return &OpError{Op: "STARTTLS", Kind: ErrTLS, Err: errors.New("TLS is required, and the server does not offer STARTTLS; " + offers),
			Advice: advise(AdviceImplicitTLS)}
	}
	r, err := s.StartTLS(ctx)
	switch {
	case err != nil:
		return err
	case r.Code != 220:
		return refused("STARTTLS", r)
	}
	return s.introduce(ctx)
}

// keywords lists the offered keywords for errors; a long list is shortened.
func (c Capabilities) keywords() string {
	const most = 20
	var out []string
	for i, k := range c {
		if i == most {
			out = append(out, "and "+strconv.Itoa(len(c)-most)+" more")
			break
		}
		out = append(out, fmt.Sprintf("%.40s", k.Keyword))
	}
	return strings.Join(out, " ")
}

// offersMechanism returns an error unless the server offers the mechanism. For ""
// [Session.Auth] chooses one.
func (s *Session) offersMechanism(name string) error {
	//mutant:only-offered-mechanisms-are-used is "name == \"\"" "true"
	if name == "" || s.caps.HasParam("AUTH", name) {
		return nil
	}
	if s.tolerate.Mechanisms {
		s.tolerated("the server does not offer the mechanism " + strings.ToUpper(name))
		return nil
	}
	offers := "it offers no AUTH"
	if m := s.caps.Mechanisms(); len(m) > 0 {
		offers = "it offers " + strings.Join(m, " ")
	}
	return &OpError{
		Op: "AUTH", Kind: ErrUsage,
		Err:    fmt.Errorf("the server does not offer the mechanism %q; %s", strings.ToUpper(name), offers),
		Advice: advise(AdviceAuthStep),
	}
}

// refused returns the error of a step that the server rejects.
func refused(op string, r *reply.Reply, advice ...AdviceKind) error {
	return &OpError{Op: op, Kind: ErrRefused, Reply: r, Advice: advise(advice...)}
}
