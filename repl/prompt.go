package repl

import (
	"fmt"
	"strings"

	"smtpsh/engine"
	"smtpsh/internal/transcript"
)

// prompt says where we are: host, plain or TLS, who we are, the envelope so far.
func (r *REPL) prompt() string {
	const caution, green, reset = "\x1b[35m", "\x1b[32m", "\x1b[0m"
	if !r.opts.Show.Color {
		return r.where("", "", "") + "> "
	}
	return r.where(caution, green, reset) + "> "
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
	number := ""
	if len(r.sessions) > 1 {
		number = fmt.Sprintf("[%d] ", r.at.number)
	}
	if !r.at.usable() {
		return number + plain + "not connected" + reset
	}
	s := r.at.session
	security, colour := "plain", plain
	if s.TLS() != nil {
		security, colour = "TLS", secure
		if !s.TLS().Verified {
			security, colour = "TLS unverified", plain
		}
	}
	out := number + short(r.at.target) + " " + colour + security + reset
	if s.User() != "" {
		out += " " + short(s.User())
	}
	out += envelope(s, len(out)-len(colour)-len(reset))
	if s.State() == engine.InAuth {
		out += " auth"
	}
	return out
}

// roomy is how long a prompt may get before the addresses in it become numbers:
// it must never fill a line of 80 columns.
const roomy = 56

// envelope tells of the transaction under way, behind so many columns of prompt.
func envelope(s *engine.Session, used int) string {
	if s.State() != engine.InMail && s.State() != engine.InRcpt && s.State() != engine.InChunks {
		return ""
	}
	from, rcpts := s.Envelope()
	out := " from <" + short(from) + ">"
	if from == s.User() && from != "" {
		out = " mail"
	}
	switch len(rcpts) {
	case 0:
	case 1:
		out = strings.TrimSuffix(out, " mail") + " to <" + short(rcpts[0]) + ">"
	default:
		out = strings.TrimSuffix(out, " mail") + fmt.Sprintf(" to %d", len(rcpts))
	}
	if used+len(out) <= roomy {
		return out
	}
	if len(rcpts) == 0 {
		return " mail"
	}
	return fmt.Sprintf(" to %d", len(rcpts))
}
