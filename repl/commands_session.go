package repl

import (
	"context"
	"strings"

	"smtpsh/engine"
	"smtpsh/engine/saslmech"
	"smtpsh/internal/advice"
	"smtpsh/transcript"
)

func sessionCommands() []Command {
	return []Command{
		{
			Names: []string{"open", "o"}, Group: "session",
			Args:    []Arg{{Name: "TARGET", Kind: Target}, {Name: "FLAG", Kind: Flag, Optional: true, Many: true}},
			Summary: "connect to another server",
			Detail: "Closes the current session and opens one to TARGET: host, host:port, smtp://, smtps://, lmtp://, unix:PATH, pipe:COMMAND or " +
				"sandbox:PROFILE. Flags apply to this session and to those that :reconnect opens: " + flagForms() + ". --ca turns " +
				"verification on, unless --insecure is given too. :connections add TARGET keeps the current session.",
			Example: ":open sandbox:plain\nEHLO me\n:open sandbox:plain --insecure --timeout 5",
			run: func(ctx context.Context, r *REPL, args []string) error {
				target, flags, err := r.openArgs(args)
				if err != nil {
					return err
				}
				r.announceVerification(flags, nil)
				r.sessions.current.leave(ctx)
				return r.connect(ctx, target, r.sessions.current, flags)
			},
		},
		{
			Names: []string{"reconnect"}, Group: "session", Args: []Arg{{Name: "FLAG", Kind: Flag, Optional: true, Many: true}},
			Summary: "open a new session to the same server",
			Detail: "The old session is closed, without QUIT if it no longer works. Flags are those of :open; they are added to " +
				"those of the old session. If :up prepared the old session, the new one is prepared too, unless --bare is given.",
			Example: "QUIT\n:reconnect\nNOOP\n:reconnect --insecure",
			run: func(ctx context.Context, r *REPL, args []string) error {
				return r.reconnect(ctx, args)
			},
		},
		{
			Names: []string{"login"}, Group: "session",
			Args: []Arg{
				{Name: "MECHANISM", Kind: Mechanism, Optional: true},
				{Name: "USER", Kind: User, Optional: true},
				{Name: "SOURCE", Kind: Source, Optional: true},
			},
			Summary: "log in; asks for user name and password",
			Detail: "Uses the strongest mechanism that the server offers, or MECHANISM (\"-\" for the strongest). SOURCE is " +
				"where the password or token is: @env:X, @file:PATH, @cmd:COMMAND, or the name of a --secret. Without SOURCE the " +
				"prompt asks for it and does not show it. The secret is not kept, and is masked in transcripts. It is sent only " +
				"over verified TLS or to this machine. :accounts lists the passwords of the sandbox.",
			Example: "EHLO me\nSTARTTLS\nEHLO me\n:login PLAIN ann@sandbox.test",
			run: func(ctx context.Context, r *REPL, args []string) error {
				s, err := r.sessions.live()
				if err != nil {
					return err
				}
				if err := userForMechanism(args); err != nil {
					return err
				}
				mech, err := r.mechanism(s, args)
				if err != nil {
					return err
				}
				user, source := "", ""
				if len(args) > 1 {
					user = args[1]
				}
				if len(args) > 2 {
					source = args[2]
				}
				return r.login(ctx, s, mech, user, source)
			},
		},
		{
			Names: []string{"raw"}, Group: "session", Args: []Arg{{Name: "BYTES", Kind: Rest}},
			Summary: "send exactly these bytes",
			Detail: `Nothing is added, not even CRLF: write \r\n. \t, \0, \\ and \xHH are recognized too. You can send half lines, several ` +
				`lines or a bare LF. Replies to complete lines are read.`,
			Example: ":raw NO\n:raw OP\\r\\n\n:raw NOOP\\r\\nNOOP\\x20again\\r\\n",
			run:     func(ctx context.Context, r *REPL, args []string) error { return r.raw(ctx, args[0]) },
		},
		{
			Names: []string{"read"}, Group: "session", Args: []Arg{{Name: "SECONDS", Kind: Text, Optional: true}},
			Summary: "read a reply that is still waiting",
			Detail: "Waits at most SECONDS for the next reply (default: the value of :set timeout), also for one that the server sends without a " +
				"command.",
			Example: ":raw NOOP\\r\\n\n:read 0.01",
			run: func(ctx context.Context, r *REPL, args []string) error {
				s, err := r.sessions.live()
				if err != nil {
					return err
				}
				wait := r.opts.Dialer.Options.Timeouts.Command
				if len(args) > 0 {
					if wait, err = parseSeconds(args[0]); err != nil {
						return err
					}
				}
				if s.Unread() > 0 {
					return r.answer(s.ReadReply(ctx, wait))
				}
				rep, err := s.ReadReply(ctx, wait)
				if err != nil && s.Err() == nil {
					r.screen.say("*  nothing arrived within %v", wait)
					return nil
				}
				return r.answer(rep, err)
			},
		},
		{
			Names: []string{"q", "quit", "exit"}, Group: "session",
			Summary: "send QUIT and exit",
			Detail:  "QUIT without a colon is the SMTP command: it ends the session, and the prompt stays.",
			Example: ":q",
			run: func(_ context.Context, r *REPL, _ []string) error {
				r.in.ended = true
				return nil
			},
		},
	}
}

// mechanism returns the mechanism that the arguments of :login name, or the strongest one
// that the server offers.
func (r *REPL) mechanism(s *engine.Session, args []string) (string, error) {
	if len(args) > 0 && args[0] != "-" {
		m, ok := saslmech.Lookup(args[0])
		if !ok {
			return "", wrong(":explain "+strings.ToUpper(transcript.Escape(args[0]))+" may show more", "unsupported mechanism %s",
				transcript.Escape(args[0]))
		}
		return m.Name, nil
	}
	m, err := saslmech.Choose(s.Capabilities().Mechanisms(),
		saslmech.Credentials{Username: "x", Password: "x", TLS: s.ConnectionState(), Private: s.TLS() != nil && s.TLS().Verified})
	if err != nil {
		hint := "send EHLO first, or name a mechanism"
		if s.Has("STARTTLS") {
			hint = "send STARTTLS and EHLO first"
		}
		return "", advice.With(&engine.OpError{Op: "login", Kind: engine.ErrUsage, Err: err}, hint)
	}
	return m.Name, nil
}
