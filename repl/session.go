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

// session is a session of the prompt. One of them is the current session.
type session struct {
	number    int
	target    string
	smtp      *engine.Session  // nil while it connects, and if that failed
	lua       *smtpmod.Session // the same session for Lua
	tutor     *tutor.Tutor
	lastReply *reply.Reply
	lastVerb  string    // the verb that was sent last; AUTH with its mechanism
	offers    []offer   // the last two successful EHLO replies, the latest last
	handshake handshake // the last TLS handshake
	flags     *connFlags
	upLogin   *upLogin // the login of :up, for :reconnect; nil without :up
}

// handshake is the result of a TLS handshake. It is kept after a failure, so that :cert
// can show the certificates.
type handshake struct {
	state *tls.ConnectionState
	err   error
}

// offer is the content of one EHLO reply.
type offer struct {
	caps engine.Capabilities
	tls  bool
}

// usable reports whether commands can be sent on the session.
func (s *session) usable() bool {
	return s != nil && s.smtp != nil && !s.smtp.Closed() && s.smtp.Err() == nil
}

// certificateRefused reports whether the connection was closed because of the certificates.
func (s *session) certificateRefused() bool {
	return s != nil && s.handshake.state != nil && len(s.handshake.state.PeerCertificates) > 0 && s.handshake.err != nil && !s.usable()
}

// failedForCertificate reports whether :cert can show the cause of an error.
func (s *session) failedForCertificate(err error) bool {
	return errors.Is(err, engine.ErrTLS) && s.certificateRefused()
}

// leave sends QUIT if that is still possible, and closes the connection. It returns an
// error if the server sent a reply that answers no command.
func (s *session) leave(ctx context.Context) error {
	if s == nil || s.smtp == nil {
		return nil
	}
	return s.smtp.Leave(ctx)
}

// observe updates the session after an event.
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

// security describes the TLS, the user and the state of a session, for :up.
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

// summary describes a session in a few words, for :connections.
func (s *session) summary() string {
	if !s.usable() {
		return "closed"
	}
	words := []string{"no TLS"}
	if s.smtp.TLS() != nil {
		words[0] = "TLS"
	}
	if s.smtp.User() != "" {
		words = append(words, transcript.Escape(s.smtp.User()))
	}
	return strings.Join(append(words, s.smtp.State().String()), ", ")
}

// phase returns the phase of a session in the terms of package verb.
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
