package repl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"smtpsh/engine"
	"smtpsh/repl/line"
)

// drafts are messages that were typed or edited.
type drafts struct {
	unsent []byte // the one that was not sent, for :edit
	latest []byte // the last one, for :send last
}

// maxTyped is the largest size of a message that is typed or read from a pipe, in bytes.
const maxTyped = 64 << 20

// data sends DATA and reads the message up to a line with a single dot. It stuffs dots,
// so that the server receives the message as it was typed.
func (r *REPL) data(ctx context.Context, s *engine.Session) error {
	rep, err := s.Do(ctx, "DATA")
	if err != nil || rep.Code != 354 {
		r.refusedData(s, rep)
		return r.answer(rep, err)
	}
	if r.expected != nil && r.expected.Match(rep) { // an :expect 354 is about this reply, any other about the reply to the message
		r.expected = nil
	}
	return r.compose(ctx, s)
}

// compose reads the lines of a message up to a line with a single dot and sends them.
func (r *REPL) compose(ctx context.Context, s *engine.Session) error {
	defer r.in.enterMessage()()
	if r.in.Terminal() && !r.dataExplained {
		r.dataExplained = true
		r.screen.say("*  end the message with a line with a single dot; ^D closes the connection without sending it")
	}
	body, err := r.collect(ctx, "data> ", maxTyped, func() {
		// only a closed connection cancels DATA
		r.screen.say("*  DATA cannot be canceled: a line with a single dot sends the message, ^D closes the connection without sending it")
	})
	if err == nil && !r.sessions.current.usable() { // already reported when the connection closed
		r.keep(body)
		return nil
	}
	if err != nil {
		s.Close()
		if errors.Is(err, io.EOF) {
			err = &InputError{errors.New("the input ended within a message: the connection was closed, nothing was sent")}
		}
		r.keep(body)
		return err
	}
	if err := engine.CheckText(bytes.NewReader(body)); err != nil {
		s.Close() // the server waits for a message, so no command can follow
		r.keep(body)
		return wrong("write shorter lines; :raw DATA\\r\\n and :send FILE raw allow any length",
			"%s; the connection was closed, nothing was sent", errText(err))
	}
	r.screen.line.composed = true
	return r.content(ctx, s, body)
}

// content sends a message after the 354, and checks every reply to it.
func (r *REPL) content(ctx context.Context, s *engine.Session, body []byte) error {
	r.drafts.latest = body
	defer r.screen.shorten(int64(len(body)))()
	r.screen.line.octets = int64(len(body))
	rep, err := s.Content(ctx, bytes.NewReader(body))
	if err != nil {
		r.keep(body)
	}
	for _, d := range s.Deliveries() {
		if d.Reply != rep {
			if jerr := r.judge(d.Reply); jerr != nil && err == nil {
				return jerr
			}
		}
	}
	return r.answer(rep, err)
}

// keep stores a message that was not sent, for :edit and :send last.
func (r *REPL) keep(body []byte) {
	if len(body) == 0 || !r.in.Terminal() {
		return
	}
	r.drafts.unsent, r.drafts.latest = body, body
	r.screen.say("*  your text is kept: after MAIL and RCPT, :send last sends it and :edit shows it")
}

// collect reads lines up to a line with a single dot. At the end of the input it returns
// the lines so far and io.EOF. It calls onInterrupt after ^C; if that is nil, ^C ends the
// text with line.ErrInterrupt. limit is in bytes.
func (r *REPL) collect(ctx context.Context, prompt string, limit int, onInterrupt func()) ([]byte, error) {
	var body bytes.Buffer
	warned := false
	defer r.in.enter(prompt)()
	for {
		text, err := r.nextLine(ctx, r.in.textPrompt)
		switch {
		case errors.Is(err, line.ErrInterrupt) && onInterrupt != nil:
			onInterrupt()
			continue
		case err == io.EOF, errors.Is(err, line.ErrInterrupt):
			return body.Bytes(), err
		case err != nil:
			return body.Bytes(), &InputError{err}
		}
		if text == "." {
			return body.Bytes(), nil
		}
		if word, _, _ := strings.Cut(text, " "); onInterrupt != nil && !warned && r.in.Terminal() && strings.HasPrefix(word, ":") {
			if c, _ := find(strings.TrimPrefix(word, ":")); c != nil {
				warned = true
				r.screen.say("*  this line is a part of the message; commands are possible after the dot")
			}
		}
		body.WriteString(text + "\n")
		if body.Len() > limit {
			return nil, &InputError{fmt.Errorf("a typed message can have at most %d bytes", limit)}
		}
	}
}
