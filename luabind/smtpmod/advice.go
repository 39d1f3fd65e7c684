package smtpmod

import (
	"smtpsh/engine"
	"smtpsh/internal/explain"
	"smtpsh/luabind"
)

// ExplainContext returns what explanations need to know about a session: the provider, and
// which of the steps before mail are offered and done. Without an EHLO reply the steps are
// unknown.
func ExplainContext(s *engine.Session) explain.Context {
	if s == nil {
		return explain.Context{}
	}
	ctx := explain.Context{From: explain.ProviderOf(s.Greeting())}
	if verb, _ := s.Introduced(); verb == "EHLO" || verb == "LHLO" {
		ctx.Session = &explain.Session{
			TLS: s.ConnectionState() != nil, OffersTLS: s.Has("STARTTLS"),
			LoggedIn: s.User() != "", OffersAuth: len(s.Capabilities().Mechanisms()) > 0,
		}
	}
	return ctx
}

// Belongs adds the session to an error. The hint about a rejection then depends on what the
// session has done: STARTTLS is not advised if TLS is active.
func Belongs(e *luabind.ErrorValue, s *Session) {
	d := Details(e)
	d.Session = s
	if s != nil && s.Session != nil && d.Reply != nil && e.Hint != "" && e.Hint == explain.Advice(d.Reply, explain.Context{}) {
		e.Hint = explain.Advice(d.Reply, ExplainContext(s.Session))
	}
}
