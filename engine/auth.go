package engine

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-sasl"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/engine/saslmech"
	"smtpsh/engine/secret"
)

// AuthOptions sets how to log in.
type AuthOptions struct {
	// Mechanism names the mechanism; "" selects the strongest one that the server offers
	// and that fits the credentials.
	Mechanism   string
	Credentials saslmech.Credentials
	// Initial sets whether the first message is sent on the AUTH line (RFC 4954
	// section 4).
	Initial Initial
}

// Initial decides whether an initial response is sent.
type Initial uint8

// The choices. InitialAuto sends one if the mechanism has one and the line is short enough.
// InitialAlways also sends the user name as initial response of LOGIN.
const (
	InitialAuto Initial = iota
	InitialNever
	InitialAlways
)

// maxAuthLine is the longest AUTH command, in octets with CRLF, like any command (RFC 5321
// section 4.5.3.1.4). A longer initial response is sent after the 334 (RFC 4954 section 4).
const maxAuthLine = maxCommandLine

// maxResponse is the longest line of a SASL exchange, in octets with CRLF (RFC 4954
// section 4).
const maxResponse = 12288

// maxAnswers is the number of challenges that are answered in one AUTH. SCRAM without an
// initial response needs three, the others fewer. A server that continues to ask tries to
// collect answers.
const maxAnswers = 3

// Auth logs in (RFC 4954). It returns any 4yz or 5yz reply. It answers the failure
// challenge of a mechanism, so that the session stays in step. If the client cannot
// continue, Auth cancels with "*" and returns the reason. Only 235 is a login: for another
// positive reply Auth returns ErrProtocol.
//
// Auth sends credentials only over verified TLS or to this machine, unless
// Options.AllowInsecureAuth is set. Otherwise it returns ErrUsage before it sends anything.
func (s *Session) Auth(ctx context.Context, o AuthOptions) (*reply.Reply, error) {
	creds := o.Credentials
	creds.TLS = s.tls
	creds.Private = s.tls != nil && s.tlsErr == nil
	creds.External = creds.External || len(s.opts.TLS.Certificates) > 0 && s.tls != nil
	if creds.Host == "" && s.target.Network == "tcp" {
		creds.Host, creds.Port = s.target.Host, s.target.Port
	}
	offered := s.caps.Mechanisms()
	for _, m := range offered {
		creds.PlusOffered = creds.PlusOffered || strings.HasSuffix(m, "-PLUS")
	}
	m, err := s.mechanism(o.Mechanism, offered, creds)
	if err != nil {
		return nil, err
	}
	if err := s.MayLogin(m.Name); err != nil {
		return nil, err
	}
	client, err := m.Client(creds)
	if err != nil {
		return nil, usage("AUTH", "%w", err)
	}
	s.learn(creds.Password)
	s.learn(creds.Token)
	s.emit(event.Event{Kind: event.AuthStep, Verb: m.Name, Text: "begins"})
	return s.converse(ctx, client, o, creds.Username)
}

func (s *Session) mechanism(name string, offered []string, creds saslmech.Credentials) (saslmech.Mechanism, error) {
	if name == "" {
		if s.tls == nil && len(offered) == 0 && s.Has("STARTTLS") {
			return saslmech.Mechanism{}, &OpError{Op: "AUTH", Kind: ErrUsage,
				Err: errors.New("the server offers AUTH only after STARTTLS"), Advice: advise(AdviceEhloAgain)}
		}
		m, err := saslmech.Choose(offered, creds)
		if err != nil {
			return m, &OpError{Op: "AUTH", Kind: ErrUsage, Err: err, Advice: s.otherLogin(offered)}
		}
		return m, nil
	}
	m, ok := saslmech.Lookup(name)
	if !ok {
		var names []string
		for _, m := range saslmech.Mechanisms() {
			names = append(names, m.Name)
		}
		return m, unfit("AUTH", []Advice{{Kind: AdviceMechanisms, Names: names}, {Kind: AdviceAuthByHand}}, "unsupported mechanism %q", name)
	}
	return m, nil
}

// otherLogin returns what can be tried if no offered mechanism can be used.
func (s *Session) otherLogin(offered []string) []Advice {
	switch {
	case len(offered) > 0 && s.tls == nil && s.Has("STARTTLS"):
		return advise(AdviceOtherMechanisms)
	case len(offered) > 0:
		return advise(AdviceFittingCredentials, AdviceAuthByHand)
	case s.hello == "" || s.hello == "HELO":
		return advise(AdviceEhloFirst)
	}
	return advise(AdviceOtherPort)
}

// SafeFirst returns what makes a session safe for credentials. It names STARTTLS only if
// the server offers it and TLS is not active.
func SafeFirst(s *Session) Advice {
	switch {
	case s.tls != nil:
		return Advice{Kind: AdviceTrustCA}
	case s.Has("STARTTLS"):
		return Advice{Kind: AdviceStartTLS}
	case s.hello == "" || s.hello == "HELO":
		return Advice{Kind: AdviceEhlo}
	}
	return Advice{Kind: AdviceTLSFromStart}
}

// MayLogin returns ErrUsage, with advice, if a mechanism would send a secret over a
// connection that is not encrypted, or to a server that was not verified. A server on this
// machine counts as safe, and Options.AllowInsecureAuth allows any. ANONYMOUS and EXTERNAL
// send no secret; "" means any mechanism. [Session.Auth] calls it. Programs can call it
// before they read a secret.
func (s *Session) MayLogin(mechanism string) error {
	switch {
	case mechanism == sasl.Anonymous || mechanism == sasl.External:
		return nil
	case s.opts.AllowInsecureAuth || s.Loopback():
		return nil
	case s.tls == nil: //mutant:no-password-goes-out-in-the-clear never
		return &OpError{Op: "AUTH", Kind: ErrUsage, Err: errors.New("the connection is not encrypted, so credentials are not sent"),
			Advice: []Advice{SafeFirst(s), {Kind: AdviceInsecureAuth}}}
	case s.tlsErr != nil: //mutant:no-password-goes-to-an-unverified-server never
		return &OpError{Op: "AUTH", Kind: ErrUsage, Err: errors.New("the server's certificate was not verified, so credentials are not sent"),
			Advice: []Advice{SafeFirst(s), {Kind: AdviceInsecureAuth}}}
	}
	return nil
}

// converse does the exchange up to the final reply.
func (s *Session) converse(ctx context.Context, client sasl.Client, o AuthOptions, user string) (*reply.Reply, error) {
	s.loginUnderWay = true
	defer func() { s.loginUnderWay = false }()
	name, ir, err := client.Start()
	if err != nil {
		return nil, usage("AUTH "+name, "%w", err)
	}
	if o.Initial == InitialAlways && ir == nil {
		ir = saslmech.InitialLogin(client)
	}
	line := "AUTH " + name
	var secrets []secret.Span
	if ir != nil && o.Initial != InitialNever {
		text := encode(ir)
		fits := len(line)+len(text)+len(" \r\n") <= maxAuthLine
		if o.Initial == InitialAlways && !fits {
			return nil, unfit("AUTH "+name, advise(AdviceInitialDefault),
				"the line with the initial response would have %d bytes of at most %d (RFC 4954 section 4)",
				len(line)+len(text)+len(" \r\n"), maxAuthLine)
		}
		if fits {
			if len(ir) > 0 {
				secrets = []secret.Span{{From: len(line) + 1, To: len(line) + 1 + len(text)}}
				s.learnLine([]byte(text))
			}
			line += " " + text
			ir = nil
		}
	}
	r, err := s.exchange(ctx, command{verb: "AUTH", arg: name, line: []byte(line), secrets: secrets, wait: s.opts.Timeouts.Command})
	for answers := 0; ; answers++ {
		if err != nil {
			return nil, err
		}
		if r.Code != 334 {
			return r, s.authDone(client, name, user, r)
		}
		if answers == maxAnswers {
			return s.cancelAuth(ctx, name, fmt.Errorf("the server sent more than %d challenges", maxAnswers))
		}
		response, cerr := s.respond(client, name, &ir, r)
		if cerr != nil {
			return s.cancelAuth(ctx, name, cerr)
		}
		if n := base64.StdEncoding.EncodedLen(len(response)) + len("\r\n"); n > maxResponse {
			return s.cancelAuth(ctx, name, fmt.Errorf("the response would have %d bytes of at most %d (RFC 4954 section 4)", n, maxResponse))
		}
		text := []byte(base64.StdEncoding.EncodeToString(response))
		s.learnLine(text)
		secrets = nil
		if len(text) > 0 {
			secrets = []secret.Span{{From: 0, To: len(text)}}
		}
		r, err = s.exchange(ctx, command{verb: "AUTH", line: text, secrets: secrets, wait: s.opts.Timeouts.Command})
	}
}

// respond answers one 334.
func (s *Session) respond(client sasl.Client, name string, ir *[]byte, r *reply.Reply) ([]byte, error) {
	challenge, err := decodeChallenge(r)
	if err != nil && (*ir == nil || name != "NTLM") { // "334 NTLM supported" (MS-SMTPNTLM section 2.2.1.2)
		return nil, errors.New(s.concealed(err.Error()))
	}
	if *ir != nil {
		first := *ir
		*ir = nil
		s.emit(event.Event{Kind: event.AuthStep, Verb: name, Text: "sends its first message"})
		return first, nil
	}
	before := saslmech.FailureOf(client)
	response, err := client.Next(challenge)
	if errors.Is(err, sasl.ErrUnexpectedServerChallenge) {
		err = errors.New("the server sent a challenge after the last response")
	}
	if failure := saslmech.FailureOf(client); failure != nil && before == nil {
		s.emit(event.Event{Kind: event.AuthStep, Verb: name, Failed: true, Text: "rejected by the server: " + s.concealed(string(failure))})
	} else {
		s.emit(event.Event{Kind: event.AuthStep, Verb: name, Text: "answers the challenge " + s.concealed(string(challenge))})
	}
	return response, err
}

func decodeChallenge(r *reply.Reply) ([]byte, error) {
	text := strings.TrimSpace(r.Text())
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("the server's challenge %.40q is not base64", text)
	}
	return b, nil
}

// authDone checks the final reply.
func (s *Session) authDone(client sasl.Client, name, user string, r *reply.Reply) error {
	switch {
	case !r.Positive():
		s.emit(event.Event{Kind: event.AuthStep, Verb: name, Text: "refused"})
		return nil
	case r.Code != 235: //mutant:250-is-no-login-for-open is "!= 235" "== 299"
		return misplaced("AUTH "+name, r, "235", "RFC 4954 section 6", AdviceLoginVoid)
	}
	if err := saslmech.Finished(client); err != nil {
		e := &OpError{Op: "AUTH " + name, Kind: ErrProtocol, Reply: r, Err: &ProtocolError{Defect: err.Error(), RFC: "RFC 5802 section 3"},
			Advice: advise(AdviceOtherServer)}
		s.broken = e
		return e
	}
	s.user = user
	if user == "" {
		s.user = strings.ToLower(name)
	}
	s.emit(event.Event{Kind: event.AuthStep, Verb: name, Text: "succeeded"})
	return nil
}

// cancelAuth sends "*" and reads the rejection that must follow (RFC 4954 section 4), so
// that the session can continue.
func (s *Session) cancelAuth(ctx context.Context, name string, why error) (*reply.Reply, error) {
	why = errors.New(s.concealed(why.Error()))
	s.emit(event.Event{Kind: event.AuthStep, Verb: name, Failed: true, Text: "canceled: " + why.Error()})
	r, err := s.exchange(ctx, command{verb: "AUTH", line: []byte("*"), wait: s.opts.Timeouts.Command})
	if err != nil {
		return nil, err
	}
	e := &OpError{Op: "AUTH " + name, Kind: ErrProtocol, Err: why, Reply: r}
	if r.Code == 334 || r.Completed() {
		s.broken = e
	}
	return r, e
}

// AuthRaw sends AUTH with a mechanism and an initial response exactly as given, Base64 or
// not, and reads one reply. Answer a 334 with [Session.Do]. The initial response is masked.
func (s *Session) AuthRaw(ctx context.Context, mechanism, initial string) (*reply.Reply, error) {
	line := "AUTH " + mechanism
	if initial != "" {
		line += " " + initial
	}
	return s.Do(ctx, line)
}

// encode returns Base64, and "=" for an empty initial response (RFC 4954 section 4).
func encode(ir []byte) string {
	if len(ir) == 0 {
		return "="
	}
	return base64.StdEncoding.EncodeToString(ir)
}
