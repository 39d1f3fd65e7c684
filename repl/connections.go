package repl

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"smtpsh/engine"
	"smtpsh/transcript"
)

func connectionCommands() []Command {
	return []Command{{
		Names: []string{"connections", "c"}, Group: "session", Args: []Arg{{Name: "N|add|close", Kind: Connection, Optional: true}, {Name: "TARGET|N", Kind: Target, Optional: true}, {Name: "FLAG", Kind: Text, Optional: true, Many: true}},
		Summary: "hold several sessions",
		Detail:  "Without arguments it lists the sessions. With the number N it switches to that one. add TARGET opens another session, with flags as :open takes them, and keeps the one under way; close N says QUIT to one.",
		Example: ":connections add sandbox:plain\nEHLO me\n:connections\n:connections 1\n:connections close 2",
		run:     func(ctx context.Context, r *REPL, args []string) error { return r.connections(ctx, args) },
	}}
}

func (r *REPL) connections(ctx context.Context, args []string) error {
	switch {
	case len(args) == 0:
		var b strings.Builder
		for _, h := range r.sessions {
			mark := " "
			if h == r.at {
				mark = ">"
			}
			fmt.Fprintf(&b, "%s %d  %-28s %s\n", mark, h.number, short(h.target), h.standing())
		}
		r.print(b.String())
		return nil
	case args[0] == "add":
		if len(args) < 2 {
			return wrong("as in :connections add sandbox:plain", "add needs a target")
		}
		target, flags, err := r.openArgs(args[1:])
		if err != nil {
			return err
		}
		r.verifies(flags, nil)
		return r.connect(ctx, target, nil, flags)
	case args[0] == "close":
		h := r.at
		if len(args) > 1 {
			var err error
			if h, err = r.numbered(args[1]); err != nil {
				return err
			}
		}
		if len(r.sessions) == 1 {
			return wrong("QUIT ends the session, :q leaves", "it is the only one")
		}
		r.drop(ctx, h)
		r.sessions = slices.DeleteFunc(r.sessions, func(x *held) bool { return x == h })
		if h == r.at {
			r.switchTo(r.sessions[len(r.sessions)-1])
		}
		return nil
	}
	h, err := r.numbered(args[0])
	if err != nil {
		return err
	}
	r.switchTo(h)
	return nil
}

func (r *REPL) switchTo(h *held) {
	r.mu.Lock()
	r.at = h
	r.mu.Unlock()
	r.tellLua()
	if !r.in.Terminal() { // the prompt says it to a person
		r.say("*  session %d, %s", h.number, transcript.Escape(h.target))
	}
}

func (r *REPL) numbered(s string) (*held, error) {
	n, err := strconv.Atoi(s)
	for _, h := range r.sessions {
		if err == nil && h.number == n {
			return h, nil
		}
	}
	return nil, wrong(":connections lists them, :connections add TARGET opens one", "there is no session %s", transcript.Escape(s))
}

// security says how a session is protected, and for whom; what is under way besides.
func (h *held) security() string {
	s := h.session
	words := []string{"no TLS"}
	if s.TLS() != nil {
		words[0] = "TLS"
		if !s.TLS().Verified {
			words[0] = "TLS, server not verified"
		}
	}
	if s.User() != "" {
		words = append(words, "logged in as "+transcript.Escape(s.User()))
	}
	if s.State() != engine.Ready {
		words = append(words, "in the state "+s.State().String())
	}
	return strings.Join(words, ", ")
}

// standing says in a few words where a session stands.
func (h *held) standing() string {
	if !h.usable() {
		return "closed"
	}
	s := h.session
	words := []string{"plain"}
	if s.TLS() != nil {
		words[0] = "TLS"
	}
	if s.User() != "" {
		words = append(words, transcript.Escape(s.User()))
	}
	return strings.Join(append(words, s.State().String()), ", ")
}
