package repl

import (
	"fmt"

	"smtpsh/engine"
	"smtpsh/internal/transcript"
)

// prompt says where we are: host, plain or TLS, who we are, the envelope so far.
func (r *REPL) prompt() string {
	const yellow, green, reset = "\x1b[33m", "\x1b[32m", "\x1b[0m"
	if !r.opts.Show.Color {
		return r.where("", "", "") + "> "
	}
	return r.where(yellow, green, reset) + "> "
}

// short cuts an address so that a prompt leaves room to type.
func short(address string) string {
	const most = 22
	runes := []rune(transcript.Escape(address))
	if len(runes) <= most {
		return string(runes)
	}
	return string(runes[:most-2]) + ".."
}

func (r *REPL) where(plain, secure, reset string) string {
	s := r.session
	if s == nil || s.Closed() || s.Err() != nil {
		return plain + "not connected" + reset
	}
	security, colour := "plain", plain
	if s.TLS() != nil {
		security, colour = "TLS", secure
		if !s.TLS().Verified {
			security, colour = "TLS unverified", plain
		}
	}
	out := short(r.target) + " " + colour + security + reset
	if s.User() != "" {
		out += " " + short(s.User())
	}
	if from, rcpts := s.Envelope(); s.State() == engine.InMail || s.State() == engine.InRcpt || s.State() == engine.InChunks {
		if from != s.User() || from == "" {
			out += " from <" + short(from) + ">"
		}
		switch len(rcpts) {
		case 0:
			if from == s.User() && from != "" {
				out += " mail"
			}
		case 1:
			out += " to <" + short(rcpts[0]) + ">"
		default:
			out += fmt.Sprintf(" to %d", len(rcpts))
		}
	}
	if s.State() == engine.InAuth {
		out += " auth"
	}
	return out
}
