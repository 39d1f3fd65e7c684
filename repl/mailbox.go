package repl

import (
	"fmt"
	"strconv"
	"strings"

	"smtpsh/engine"
	"smtpsh/internal/transcript"
)

// mailbox shows what the built-in server behind the session has received.
func (r *REPL) mailbox(args []string) error {
	target, err := engine.ParseTarget(r.target)
	if err != nil || target.Network != "sandbox" {
		return &InputError{&hinted{"only the built-in server shows its mailbox", ":open sandbox:gmail goes there"}}
	}
	srv, ok := r.opts.Dialer.Running(target.Host)
	if !ok {
		return &InputError{&hinted{"the built-in server has not been started", ":reconnect starts it"}}
	}
	msgs := srv.Messages()
	if len(args) == 0 {
		if len(msgs) == 0 {
			r.say("*  no message has been received")
		}
		for _, m := range msgs {
			r.say("  %s", transcript.Escape(m.Summary()))
		}
		return nil
	}
	n, err := strconv.Atoi(args[0])
	for _, m := range msgs {
		if err == nil && m.ID == n {
			var b strings.Builder
			for l := range strings.Lines(m.Envelope()) {
				b.WriteString("*  " + transcript.VisibleLine(strings.TrimSuffix(l, "\n")) + "\n")
			}
			for l := range strings.Lines(string(m.Data)) {
				b.WriteString("   " + transcript.VisibleLine(l) + "\n")
			}
			r.print(b.String())
			return nil
		}
	}
	return &InputError{&hinted{fmt.Sprintf("there is no message %s", transcript.Escape(args[0])), ":mailbox lists them"}}
}
