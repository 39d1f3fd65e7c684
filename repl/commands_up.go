package repl

import (
	"context"
	"errors"
	"slices"

	"smtpsh/engine"
)

// upLogin is the login of :up. :reconnect uses it again for the new session.
type upLogin struct{ user, source string }

func upCommands() []Command {
	return []Command{{
		Names: []string{"up"}, Group: "session",
		Args:    []Arg{{Name: "USER", Kind: User, Optional: true}, {Name: "SOURCE", Kind: Source, Optional: true}},
		Summary: "do EHLO, STARTTLS, EHLO and the login in one step",
		Detail: "Prepares the session for sending mail: EHLO (or HELO, if EHLO is rejected), STARTTLS if it is offered and TLS " +
			"is not active, EHLO again, and with USER a login with the strongest offered mechanism. SOURCE is as for :login; " +
			"without it the prompt asks for the password. Steps that are already done are skipped. Without a connection it opens " +
			"one to the same server. :reconnect repeats these steps; :reconnect --bare only connects.",
		Example: ":up\n:up ann@sandbox.test\n:reconnect --bare",
		run: func(ctx context.Context, r *REPL, args []string) error {
			c := &upLogin{}
			if len(args) > 0 {
				c.user = args[0]
			}
			if len(args) > 1 {
				c.source = args[1]
			}
			if r.sessions.current != nil && !r.sessions.current.usable() {
				r.sessions.current.leave(ctx)
				if err := r.connect(ctx, r.sessions.current.target, r.sessions.current, r.sessions.current.flags); err != nil {
					return err
				}
			}
			return r.up(ctx, c)
		},
	}}
}

// up does EHLO, STARTTLS, EHLO and the login. It returns an error at the first step that
// the server rejects.
func (r *REPL) up(ctx context.Context, c *upLogin) error {
	s, err := r.sessions.live()
	if err != nil {
		return err
	}
	switch s.State() {
	case engine.InData, engine.InAuth, engine.WaitingTLS, engine.InChunks:
		return wrong("end it first, or :reconnect", "another command has not finished: %s", s.State())
	}
	before := r.sessions.current.lastReply
	if err := r.missedExpectation(); err != nil { // :expect applies to one reply, and :up has several
		return err
	}
	if err := s.Open(ctx, engine.OpenOptions{}); err != nil {
		return err
	}
	if c.user != "" && s.User() == "" {
		mech, err := r.mechanism(s, nil)
		if err != nil {
			return err
		}
		auth, err := r.credentials(ctx, s, mech, c.user, c.source)
		if err != nil {
			return err
		}
		if err := s.Open(ctx, engine.OpenOptions{Auth: auth}); err != nil {
			return err
		}
	}
	r.sessions.current.upLogin = c
	if !r.in.Terminal() { // on a terminal the prompt shows it
		r.screen.say("*  ready: %s", r.sessions.current.security())
		return nil
	}
	if r.sessions.current.lastReply == before {
		r.screen.say("*  nothing to do, the session is ready: %s", r.sessions.current.security())
	}
	if s.TLS() == nil && !s.Loopback() {
		r.screen.say("*  not encrypted: the server does not offer STARTTLS")
	}
	return nil
}

// reconnect replaces the current session with a new one to the same server, and repeats
// :up if the old session had it.
func (r *REPL) reconnect(ctx context.Context, args []string) error {
	if r.sessions.current == nil {
		return errNotConnected
	}
	bare := slices.Contains(args, "--bare")
	args = slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == "--bare" })
	flags, err := readFlags(args, r.sessions.current.flags)
	if err != nil {
		return err
	}
	r.announceVerification(flags, r.sessions.current.flags)
	c := r.sessions.current.upLogin
	r.sessions.current.leave(ctx)
	if err := r.connect(ctx, r.sessions.current.target, r.sessions.current, flags); err != nil {
		if !bare && errors.Is(err, engine.ErrTLS) {
			r.sessions.current.upLogin = c // the next :reconnect, with other flags, may succeed
		}
		return err
	}
	if c == nil || bare {
		return nil
	}
	r.sessions.current.upLogin = c
	return r.up(ctx, c)
}
