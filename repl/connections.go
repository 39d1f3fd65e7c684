package repl

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"smtpsh/transcript"
)

func connectionCommands() []Command {
	return []Command{{
		Names: []string{"connections", "c"}, Group: "session",
		Args: []Arg{
			{Name: "N|add|close", Kind: Connection, Optional: true},
			{Name: "TARGET|N", Kind: Target, Optional: true},
			{Name: "FLAG", Kind: Flag, Optional: true, Many: true},
		},
		Summary: "list, add, switch or close sessions",
		Detail: "Without arguments it lists the sessions. N switches to session N. add TARGET opens another session, with the " +
			"flags of :open, and keeps the current one. close N ends session N with QUIT.",
		Example: ":connections add sandbox:plain\nEHLO me\n:connections\n:connections 1\n:connections close 2",
		run:     func(ctx context.Context, r *REPL, args []string) error { return r.connections(ctx, args) },
	}}
}

func (r *REPL) connections(ctx context.Context, args []string) error {
	switch {
	case len(args) == 0:
		var b strings.Builder
		for _, sess := range r.sessions.list {
			mark := " "
			if sess == r.sessions.current {
				mark = ">"
			}
			fmt.Fprintf(&b, "%s %d  %-28s %s\n", mark, sess.number, short(sess.target), sess.summary())
		}
		r.screen.print(b.String())
		return nil
	case args[0] == "add":
		if len(args) < 2 {
			return wrong("for example :connections add sandbox:plain", ":connections add requires a target")
		}
		target, flags, err := r.openArgs(args[1:])
		if err != nil {
			return err
		}
		r.announceVerification(flags, nil)
		return r.connect(ctx, target, nil, flags)
	case args[0] == "close":
		sess := r.sessions.current
		if len(args) > 1 {
			var err error
			if sess, err = r.sessions.numbered(args[1]); err != nil {
				return err
			}
		}
		if len(r.sessions.list) == 1 {
			return wrong("QUIT ends the session, :q exits", "cannot close the only session")
		}
		sess.leave(ctx)
		r.sessions.list = slices.DeleteFunc(r.sessions.list, func(x *session) bool { return x == sess })
		if sess == r.sessions.current {
			r.switchTo(r.sessions.list[len(r.sessions.list)-1])
		}
		return nil
	}
	sess, err := r.sessions.numbered(args[0])
	if err != nil {
		return err
	}
	r.switchTo(sess)
	return nil
}

func (r *REPL) switchTo(sess *session) {
	r.sessions.setCurrent(sess)
	r.tellLua()
	if !r.in.Terminal() { // on a terminal the prompt shows it
		r.screen.say("*  session %d, %s", sess.number, transcript.Escape(sess.target))
	}
}
