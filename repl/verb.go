package repl

import (
	"context"
	"strings"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/engine/saslmech"
	"smtpsh/internal/tutor"
)

// verb sends a line as the user typed it. For STARTTLS, AUTH, DATA and BDAT it also does
// the second part.
func (r *REPL) verb(ctx context.Context, text string) error {
	s, err := r.sessions.live()
	if err != nil {
		return err
	}
	r.screen.line.typed = strings.TrimRight(text, "\r\n")
	switch s.State() {
	case engine.InAuth:
		if err := s.LineTooLong(r.screen.line.typed); err != nil {
			return err
		}
		return r.answer(s.Do(ctx, text))
	case engine.WaitingTLS: // STARTTLS was sent by :raw or :pipe
		if !strings.EqualFold(strings.TrimSpace(text), "STARTTLS") {
			return wrong("STARTTLS starts the handshake; :reconnect opens a new session", "the server waits for the TLS handshake, so "+
				"the line is not sent")
		}
		return s.Handshake(ctx)
	case engine.InData: // DATA was sent by :raw or :pipe, so the server reads a message
		return r.write(ctx, s, []byte(r.screen.line.typed+"\r\n"))
	}
	if r.settings.teaching {
		if advice := r.sessions.current.tutor.Advise(r.situation(s), text); advice != "" {
			r.screen.remark(advice)
		}
	}
	word, arg, _ := strings.Cut(strings.TrimSpace(text), " ")
	arg = strings.TrimSpace(arg)
	switch strings.ToUpper(word) {
	case "STARTTLS":
		if arg == "" {
			return r.answer(s.StartTLS(ctx))
		}
	case "QUIT":
		if arg == "" {
			return r.answer(s.Quit(ctx))
		}
	case "AUTH":
		// if AUTH is not offered, only the line is sent: do not ask for a password
		// that cannot be used
		if m, ok := saslmech.Lookup(arg); ok && r.in.Terminal() && (s.Has("AUTH") || len(s.Capabilities()) == 0) {
			r.screen.line.typed = ""
			return r.login(ctx, s, m.Name, "", "")
		}
	case "DATA":
		if arg == "" {
			return r.data(ctx, s)
		}
	case "BDAT":
		if size, last, ok := chunk(arg); ok {
			return r.bdat(ctx, s, size, last)
		}
	}
	if err := s.LineTooLong(r.screen.line.typed); err != nil {
		return err
	}
	rep, err := s.Do(ctx, text)
	if strings.EqualFold(word, "AUTH") {
		r.rememberRefused("AUTH", rep, answersTo(arg))
	}
	if err == nil && (rep.Code == 500 || rep.Code == 502) && (r.in.Terminal() || r.lesson.course != nil) {
		if c := commandNamed(word); c != nil {
			defer r.screen.say("*  commands of the prompt begin with a colon: %s", c.Usage())
		}
	}
	return r.answer(rep, err)
}

// situation returns the state of the session for the tutor.
func (r *REPL) situation(s *engine.Session) tutor.Situation {
	verb, _ := s.Introduced()
	return tutor.Situation{Phase: phase(s), TLS: s.TLS() != nil, User: s.User(), Has: s.Has, Greeted: verb == "EHLO" || verb == "LHLO"}
}

// answer checks a reply and returns the error of the command.
func (r *REPL) answer(rep *reply.Reply, err error) error {
	if rep != nil {
		if jerr := r.judge(rep); err == nil {
			err = jerr
		}
	}
	return err
}
