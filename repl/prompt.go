package repl

import (
	"fmt"

	"smtpsh/engine"
	"smtpsh/transcript"
)

// prompt returns the prompt: server, plain or TLS, the user that is logged in, and the
// stage of the transaction.
func (ss *sessions) prompt() string {
	const caution, green, reset = "\x1b[35m", "\x1b[32m", "\x1b[0m"
	if !ss.screen.settings.show.Color {
		return ss.where("", "", "") + "> "
	}
	return ss.where(caution, green, reset) + "> "
}

// short shortens an address to 22 characters, so that the prompt leaves room to type.
func short(address string) string {
	const most = 22
	runes := []rune(transcript.Escape(address))
	if len(runes) <= most {
		return string(runes)
	}
	return string(runes[:most-2]) + ".."
}

func (ss *sessions) where(plain, secure, reset string) string {
	number := ""
	if len(ss.list) > 1 {
		number = fmt.Sprintf("[%d] ", ss.current.number)
	}
	if !ss.current.usable() {
		return number + plain + "not connected" + reset
	}
	s := ss.current.smtp
	security, colour := "no TLS", plain
	if s.TLS() != nil {
		security, colour = "TLS", secure
		if !s.TLS().Verified {
			security, colour = "TLS unverified", plain
		}
	}
	out := number + short(ss.current.target) + " " + colour + security + reset
	if s.User() != "" {
		out += " " + short(s.User())
	}
	return out + stage(s)
}

// stage returns the stage of the transaction in a word or two. It is short, so that the
// prompt leaves room to type; :next shows the addresses.
func stage(s *engine.Session) string {
	_, rcpts := s.Envelope()
	switch s.State() {
	case engine.InAuth:
		return " auth"
	case engine.WaitingTLS:
		return " handshake"
	case engine.InMail:
		return " mail"
	case engine.InRcpt:
		return fmt.Sprintf(" rcpt %d", len(rcpts))
	case engine.InData:
		return " data"
	case engine.InChunks:
		return " bdat"
	}
	return ""
}
