package repl

import (
	"context"
	"errors"

	"smtpsh/engine"
	"smtpsh/transcript"
)

// raw sends the bytes that text stands for, and reads the replies to complete lines.
func (r *REPL) raw(ctx context.Context, text string) error {
	s, err := r.sessions.live()
	if err != nil {
		return err
	}
	b, err := unescape(text)
	if err != nil {
		return err
	}
	if err := r.write(ctx, s, b); err != nil {
		return err
	}
	if len(b) > 0 && b[len(b)-1] != '\n' {
		r.screen.say(`*  sent; the line is incomplete: :raw \r\n ends it`)
	}
	return nil
}

// write sends bytes and reads the replies to the complete lines in them.
func (r *REPL) write(ctx context.Context, s *engine.Session, b []byte) error {
	if err := s.Write(ctx, b); err != nil {
		return err
	}
	for s.Unread() > 0 {
		rep, err := s.ReadReply(ctx, 0)
		if rep != nil && rep.Verb == "DATA" && rep.Code != 354 && s.Unread() == 0 {
			r.refusedData(s, rep)
		}
		if err := r.answer(rep, err); err != nil {
			return err
		}
	}
	return nil
}

// unescape replaces escapes such as \r and \xHH.
func unescape(text string) ([]byte, error) {
	b, err := transcript.Unescape(text)
	var bad *transcript.EscapeError
	if errors.As(err, &bad) {
		return nil, wrong(bad.Hint, "%s", bad.Text)
	}
	return b, err
}
