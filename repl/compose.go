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
	unsent []byte // the one that did not go out, for :edit
	latest []byte // the last one, for :send last
}

// maxTyped bounds a message that is typed or piped in.
const maxTyped = 64 << 20

// data says DATA and takes the message up to a lone dot. Lines are stuffed, so
// what is typed is what the message has.
func (r *REPL) data(ctx context.Context, s *engine.Session) error {
	rep, err := s.Do(ctx, "DATA")
	if err != nil || rep.Code != 354 {
		r.refusedData(s, rep)
		return r.answer(rep, err)
	}
	if r.expected != nil && r.expected.Match(rep) { // announced for the 354; else for the end
		r.expected = nil
	}
	return r.compose(ctx, s)
}

// compose takes the lines of a message up to a lone dot and sends them.
func (r *REPL) compose(ctx context.Context, s *engine.Session) error {
	defer r.in.enterMessage()()
	body, err := r.collect(ctx, "data> ", maxTyped, func() {
		// there is no way to take back a DATA but to hang up
		r.screen.say("*  DATA cannot be undone: a line with a single dot ends the message, ^D closes the connection")
	})
	if err == nil && !r.sessions.current.usable() { // it was said when it happened
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
		s.Close() // the server waits for a message, and gets none
		r.keep(body)
		return wrong("write shorter lines; after :raw DATA\\r\\n and with :send FILE raw any length is sent",
			"%s; the connection was closed, nothing was sent", errText(err))
	}
	r.screen.line.composed = true
	return r.content(ctx, s, body)
}

// content sends a message after the 354, and judges every reply to it.
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

// keep holds on to a message that did not go out.
func (r *REPL) keep(body []byte) {
	if len(body) == 0 || !r.in.Terminal() {
		return
	}
	r.drafts.unsent, r.drafts.latest = body, body
	r.screen.say("*  your text is kept: after MAIL and RCPT, :send last sends it and :edit shows it")
}

// collect takes lines up to a lone dot. At the end of the input it returns io.EOF
// with what there was; onInterrupt is notified of ^C, and nil for it gives up with
// line.ErrInterrupt.
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
