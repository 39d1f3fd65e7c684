package repl

import (
	"context"
	"crypto/tls"
	"errors"
	"strings"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/engine/verb"
	"smtpsh/internal/tutor"
	"smtpsh/luabind/smtpmod"
	"smtpsh/transcript"
)

// session is a session of the prompt; one of them is the current one.
type session struct {
	number    int
	target    string
	smtp      *engine.Session  // nil while it is opened, and when that failed
	lua       *smtpmod.Session // the same for Lua
	tutor     *tutor.Tutor
	lastReply *reply.Reply
	lastVerb  string    // the verb sent last; AUTH with its mechanism
	offers    []offer   // the last two successful EHLO replies, the latest last
	handshake handshake // the last one
	flags     *connFlags
	upLogin   *upLogin // the login of :up, for :reconnect; nil without :up
}

// handshake is what a server has shown of itself in a handshake, also in one that failed:
// then it is all that is left of the session.
type handshake struct {
	state *tls.ConnectionState
	err   error
}

// offer is what the server offered at one time.
type offer struct {
	caps engine.Capabilities
	tls  bool
}

// usable reports whether the session can be spoken on.
func (s *session) usable() bool {
	return s != nil && s.smtp != nil && !s.smtp.Closed() && s.smtp.Err() == nil
}

// certificateRefused reports that the certificates are the reason why there is no session.
func (s *session) certificateRefused() bool {
	return s != nil && s.handshake.state != nil && len(s.handshake.state.PeerCertificates) > 0 && s.handshake.err != nil && !s.usable()
}

// failedForCertificate reports an error that a person can look into with :cert.
func (s *session) failedForCertificate(err error) bool {
	return errors.Is(err, engine.ErrTLS) && s.certificateRefused()
}

// leave says QUIT, where that is still possible. The error is a server that has sent more
// replies than it was asked for.
func (s *session) leave(ctx context.Context) error {
	if s == nil || s.smtp == nil {
		return nil
	}
	return s.smtp.Leave(ctx)
}

// observe keeps what an event says about the session.
func (s *session) observe(e *event.Event) {
	switch e.Kind {
	case event.LineSent:
		if e.Content {
			return
		}
		if f := strings.Fields(string(e.Masked())); e.Verb != "AUTH" {
			s.lastVerb = e.Verb
		} else if len(f) > 1 && strings.EqualFold(f[0], "AUTH") {
			s.lastVerb = "AUTH " + strings.ToUpper(f[1])
		}
	case event.TLSDone:
		if e.TLS != nil {
			s.handshake = handshake{e.TLS, e.Err}
		}
	case event.ReplyDone:
		s.lastReply = e.Reply
		if (e.Verb == "EHLO" || e.Verb == "LHLO") && e.Reply.Completed() && s.smtp != nil {
			s.offers = append(s.offers, offer{engine.ParseCapabilities(e.Reply), s.smtp.TLS() != nil})
			if len(s.offers) > 2 {
				s.offers = s.offers[len(s.offers)-2:]
			}
		}
	}
}

// security says how a session is protected, and for whom; what is under way besides.
func (s *session) security() string {
	words := []string{"no TLS"}
	if s.smtp.TLS() != nil {
		words[0] = "TLS"
		if !s.smtp.TLS().Verified {
			words[0] = "TLS, certificate not verified"
		}
	}
	if s.smtp.User() != "" {
		words = append(words, "logged in as "+transcript.Escape(s.smtp.User()))
	}
	if s.smtp.State() != engine.Ready {
		words = append(words, "in the state "+s.smtp.State().String())
	}
	return strings.Join(words, ", ")
}

// summary says in a few words where a session stands.
func (s *session) summary() string {
	if !s.usable() {
		return "closed"
	}
	words := []string{"plain"}
	if s.smtp.TLS() != nil {
		words[0] = "TLS"
	}
	if s.smtp.User() != "" {
		words = append(words, transcript.Escape(s.smtp.User()))
	}
	return strings.Join(append(words, s.smtp.State().String()), ", ")
}

// phase maps the session's state to the catalogue's.
func phase(s *engine.Session) verb.Phase {
	if s == nil {
		return verb.Greeted
	}
	switch s.State() {
	case engine.Ready:
		return verb.Ready
	case engine.InMail:
		return verb.Mail
	case engine.InRcpt:
		return verb.Rcpt
	case engine.InChunks:
		return verb.Chunks
	}
	return verb.Greeted
}
