package repl

import (
	"fmt"
	"strconv"
	"strings"

	"smtpsh/engine"
	"smtpsh/internal/explain"
	"smtpsh/internal/sandbox"
	"smtpsh/internal/transcript"
)

// accounts shows who can log in to the built-in server.
func (r *REPL) accounts() error {
	srv, err := r.sandbox()
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, a := range srv.Profile().Accounts {
		b.WriteString(explain.Indent("  ", a.User+"  "+strings.Join(a.Credentials(), ", ")))
		b.WriteString(explain.Indent("      ", a.Note))
	}
	r.print(b.String())
	return nil
}

// mailbox shows what the built-in server behind the session has received.
func (r *REPL) mailbox(args []string) error {
	srv, err := r.sandbox()
	if err != nil {
		return err
	}
	msgs := srv.Messages()
	if len(args) == 0 {
		if len(msgs) == 0 {
			r.say("*  no message has been received")
		}
		for _, m := range msgs {
			r.print(explain.Indent("  ", transcript.Escape(m.Summary())))
		}
		return nil
	}
	if len(args) > 1 && args[1] != "all" {
		return wrong("as in :mailbox 1 all", "%s: only all may follow the number", transcript.Escape(args[1]))
	}
	n, err := strconv.Atoi(args[0])
	for _, m := range msgs {
		if err == nil && m.ID == n {
			var b strings.Builder
			for l := range strings.Lines(m.Envelope()) {
				b.WriteString(explain.Indent("*  ", transcript.VisibleLine(strings.TrimSuffix(l, "\n"))))
			}
			r.received(b.String(), &m, len(args) > 1)
			return nil
		}
	}
	return &InputError{&hinted{fmt.Sprintf("there is no message %s", transcript.Escape(args[0])), ":mailbox lists them"}}
}

// sandbox finds the built-in server behind the session.
func (r *REPL) sandbox() (*sandbox.Server, error) {
	if r.at == nil {
		return nil, errNotConnected
	}
	target, err := engine.ParseTarget(r.at.target)
	if err != nil || target.Network != "sandbox" {
		return nil, &InputError{&hinted{"the session is not with the built-in server", ":open sandbox:gmail goes there"}}
	}
	srv, ok := r.opts.Dialer.Running(target.Host)
	if !ok {
		return nil, &InputError{&hinted{"the built-in server has not been started", ":reconnect starts it"}}
	}
	return srv, nil
}
