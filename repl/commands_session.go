package repl

import (
	"context"
	"fmt"
	"strings"

	"smtpsh/engine"
	"smtpsh/engine/saslmech"
	"smtpsh/internal/transcript"
	"smtpsh/luabind"
)

func sessionCommands() []Command {
	return []Command{
		{
			Names: []string{"open", "o"}, Group: "session", Args: []Arg{{Name: "TARGET", Kind: Target}},
			Summary: "connect to another server",
			Detail:  "Leaves the session under way and opens one to TARGET: host, host:port, smtp://, smtps://, lmtp://, unix:PATH or sandbox:PROFILE.",
			Example: ":open sandbox:plain\nEHLO me",
			run: func(ctx context.Context, r *REPL, args []string) error {
				if err := r.opts.Dialer.Check(args[0]); err != nil {
					return err // the session under way is not given up for a typing error
				}
				r.drop(ctx)
				return r.connect(ctx, args[0])
			},
		},
		{
			Names: []string{"reconnect"}, Group: "session",
			Summary: "open a new session to the same server",
			Detail:  "The old session is closed without QUIT if it cannot be spoken on any more.",
			Example: "QUIT\n:reconnect\nNOOP",
			run: func(ctx context.Context, r *REPL, _ []string) error {
				r.drop(ctx)
				return r.connect(ctx, r.target)
			},
		},
		{
			Names: []string{"login"}, Group: "session", Args: []Arg{{Name: "MECHANISM", Kind: Mechanism, Optional: true}},
			Summary: "log in, asking for name and password",
			Detail:  "Uses the strongest mechanism that the server offers, or MECHANISM. The password is not shown, not kept, and masked in the conversation. It leaves only over verified TLS or to this machine.",
			Example: "",
			run: func(ctx context.Context, r *REPL, args []string) error {
				s, err := r.live()
				if err != nil {
					return err
				}
				if len(args) > 0 {
					m, ok := saslmech.Lookup(args[0])
					if !ok {
						return &InputError{&hinted{"the mechanism " + transcript.Escape(args[0]) + " is not spoken here", ":explain " + strings.ToUpper(args[0]) + " may tell more"}}
					}
					return r.login(ctx, s, m.Name, "")
				}
				m, err := saslmech.Choose(s.Capabilities().Mechanisms(), saslmech.Credentials{Username: "x", Password: "x", TLS: s.ConnectionState()})
				if err != nil {
					hint := "say EHLO first, or name a mechanism"
					if s.Has("STARTTLS") {
						hint = "say STARTTLS and EHLO first"
					}
					return &engine.OpError{Op: "login", Kind: engine.ErrUsage, Err: err, Hint: hint}
				}
				return r.login(ctx, s, m.Name, "")
			},
		},
		{
			Names: []string{"q", "quit", "exit"}, Group: "session",
			Summary: "leave, saying QUIT first",
			Detail:  "QUIT without a colon is SMTP's: it ends the session and stays at the prompt.",
			Example: ":q",
			run: func(_ context.Context, r *REPL, _ []string) error {
				r.quit = true
				return nil
			},
		},
	}
}

func commandNames() []string {
	var out []string
	for _, c := range Commands() {
		out = append(out, c.Names...)
	}
	return out
}

// command runs one of our own words.
func (r *REPL) command(ctx context.Context, text string) error {
	word, rest, _ := strings.Cut(strings.TrimPrefix(text, ":"), " ")
	c, near := find(strings.ToLower(word))
	if c == nil {
		hint := ":help lists the commands"
		if s := luabind.Suggest(strings.ToLower(word), commandNames()); s != "" {
			hint = "did you mean :" + s + "? " + hint
		}
		if len(near) > 0 {
			hint = "it may be :" + strings.Join(near, " or :")
		}
		return &InputError{&hinted{"there is no command :" + transcript.Escape(word), hint}}
	}
	args := strings.Fields(rest)
	need := 0
	for _, a := range c.Args {
		if !a.Optional {
			need++
		}
	}
	if len(c.Args) == 1 && len(args) > 1 && (c.Args[0].Kind == Want || c.Args[0].Kind == Word) {
		args = []string{strings.Join(args, " ")}
	}
	if len(args) < need || len(args) > len(c.Args) {
		return &InputError{&hinted{fmt.Sprintf(":%s is written %s", c.Names[0], c.Usage()), ":help " + c.Names[0] + " tells more"}}
	}
	return c.run(ctx, r, args)
}
