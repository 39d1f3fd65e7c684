package repl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/engine/saslmech"
	"smtpsh/internal/tutor"
	"smtpsh/repl/line"
)

// verb sends a line as it was typed, and helps with the verbs that have a second
// half.
func (r *REPL) verb(ctx context.Context, text string) error {
	s, err := r.live()
	if err != nil {
		return err
	}
	r.typed = strings.TrimRight(text, "\r\n")
	switch s.State() {
	case engine.InAuth:
		if err := s.LineTooLong(r.typed); err != nil {
			return err
		}
		return r.answer(s.Do(ctx, text))
	case engine.WaitingTLS: // STARTTLS by :raw or in a :pipe
		if !strings.EqualFold(strings.TrimSpace(text), "STARTTLS") {
			return wrong("STARTTLS starts it; :reconnect gives up", "the server waits for the TLS handshake, and would take a line for a part of it")
		}
		return s.Handshake(ctx)
	case engine.InData: // begun by :raw or in a :pipe: the server reads a message
		return r.write(ctx, s, []byte(r.typed+"\r\n"))
	}
	if r.teaching {
		if advice := r.at.tutor.Advise(r.situation(s), text); advice != "" {
			r.remark(advice)
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
		// where AUTH is not offered the line goes out alone: nobody should be asked
		// for a password that cannot be used
		if m, ok := saslmech.Lookup(arg); ok && r.in.Terminal() && (s.Has("AUTH") || len(s.Capabilities()) == 0) {
			r.typed = ""
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
	if err := s.LineTooLong(r.typed); err != nil {
		return err
	}
	rep, err := s.Do(ctx, text)
	if strings.EqualFold(word, "AUTH") {
		r.refusedHalf("AUTH", rep, answersTo(arg))
	}
	if err == nil && (rep.Code == 500 || rep.Code == 502) && (r.in.Terminal() || r.course != nil) {
		if c := commandNamed(word); c != nil {
			defer r.say("*  our own commands begin with a colon: %s", c.Usage())
		}
	}
	return r.answer(rep, err)
}

// situation is where the session stands, for advice.
func (r *REPL) situation(s *engine.Session) tutor.Situation {
	verb, _ := s.Greeted()
	return tutor.Situation{Phase: phase(s), TLS: s.TLS() != nil, User: s.User(), Has: s.Has, Greeted: verb == "EHLO" || verb == "LHLO"}
}

// answer judges what came back.
func (r *REPL) answer(rep *reply.Reply, err error) error {
	if rep != nil {
		if jerr := r.judge(rep); err == nil {
			err = jerr
		}
	}
	return err
}

// data says DATA and takes the message up to a lone dot. Lines are stuffed, so
// what is typed is what the message has.
func (r *REPL) data(ctx context.Context, s *engine.Session) error {
	rep, err := s.Do(ctx, "DATA")
	if err != nil || rep.Code != 354 {
		r.noMessage(s, rep)
		return r.answer(rep, err)
	}
	if r.want != nil && r.want.Match(rep) { // announced for the 354; else for the end
		r.want = nil
	}
	return r.compose(ctx, s)
}

// compose takes the lines of a message up to a lone dot and sends them.
func (r *REPL) compose(ctx context.Context, s *engine.Session) error {
	r.keeping = true
	defer func() { r.keeping = false }()
	body, err := r.collect(ctx, "data> ", maxTyped, func() {
		// there is no way to take back a DATA but to hang up
		r.say("*  DATA cannot be taken back: a lone dot ends the message, ^D hangs up")
	})
	if err == nil && !r.at.usable() { // it was said when it happened
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
		return wrong("write shorter lines; a message begun with :raw DATA\\r\\n takes any, and so does :send FILE raw", "%s; the connection was closed, nothing was sent", errText(err))
	}
	r.composed = true
	return r.content(ctx, s, body)
}

// content sends a message after the 354, and judges every reply to it.
func (r *REPL) content(ctx context.Context, s *engine.Session, body []byte) error {
	r.latest = body
	defer r.shorten(int64(len(body)))()
	r.sending = int64(len(body))
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
	r.draft, r.latest = body, body
	r.say("*  what you typed is kept: after MAIL and RCPT :send last sends it, :edit shows it first")
}

// collect takes lines up to a lone dot. At the end of the input it returns io.EOF
// with what there was; onInterrupt is told of ^C, and nil for it gives up with
// line.ErrInterrupt.
func (r *REPL) collect(ctx context.Context, prompt string, limit int, onInterrupt func()) ([]byte, error) {
	var body bytes.Buffer
	told := false
	defer r.enter(prompt)()
	for {
		text, err := r.nextLine(ctx, r.entering)
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
		if word, _, _ := strings.Cut(text, " "); onInterrupt != nil && !told && r.in.Terminal() && strings.HasPrefix(word, ":") {
			if c, _ := find(strings.TrimPrefix(word, ":")); c != nil {
				told = true
				r.say("*  this is a line of the message now: commands wait until the dot")
			}
		}
		body.WriteString(text + "\n")
		if body.Len() > limit {
			return nil, &InputError{fmt.Errorf("more than %d octets are too much to type", limit)}
		}
	}
}

// enter marks that a text is being typed, at a prompt of its own. The function that it
// returns ends that.
func (r *REPL) enter(prompt string) (over func()) {
	set := func(p string) (before string) {
		r.mu.Lock() // other sessions are listened to while this one is typed on
		defer r.mu.Unlock()
		before, r.entering = r.entering, p
		return before
	}
	before := set(prompt)
	return func() { set(before) }
}

// lost tells a person who is typing a text that its server is gone, and goes on at a
// prompt that says so: what is typed is kept. It reports whether a text is being typed.
// It is called while a line is read.
func (r *REPL) lost() bool {
	r.mu.Lock()
	first := r.keeping && r.entering != lostPrompt
	if first && r.entering != "" {
		r.entering = lostPrompt
	}
	entering := r.entering
	r.mu.Unlock()
	if entering == "" {
		return false
	}
	if first {
		r.say("*  the connection is gone, so the message cannot be sent on it. What you type is kept; a lone dot ends it")
	}
	r.in.SetPrompt(entering)
	return true
}

// lostPrompt is shown when nobody is there to get the text.
const lostPrompt = "not connected, text is kept> "

// chunkLine reads a line of a chunk.
func (r *REPL) chunkLine(ctx context.Context, prompt string) (string, error) {
	r.keeping = true
	defer func() { r.keeping = false }()
	defer r.enter(prompt)()
	return r.nextLine(ctx, prompt)
}

// maxTyped bounds a message that is typed or piped in.
const maxTyped = 64 << 20

// chunk reads the argument of BDAT.
func chunk(arg string) (size int, last, ok bool) {
	f := strings.Fields(arg)
	if len(f) == 0 || len(f) > 2 || len(f) == 2 && !strings.EqualFold(f[1], "LAST") {
		return 0, false, false
	}
	n, err := strconv.Atoi(f[0])
	if err != nil || n < 0 || n > maxTyped {
		return 0, false, false
	}
	return n, len(f) == 2, true
}

// bdat takes the octets of a chunk: lines with CRLF, until there are enough.
func (r *REPL) bdat(ctx context.Context, s *engine.Session, size int, last bool) error {
	var body bytes.Buffer
	for body.Len() < size {
		text, err := r.chunkLine(ctx, fmt.Sprintf("bdat %d> ", size-body.Len()))
		switch {
		case errors.Is(err, line.ErrInterrupt):
			r.say("*  nothing was sent")
			return nil
		case err == io.EOF:
			return &InputError{fmt.Errorf("BDAT announces %d octets, the input ended after %d", size, body.Len())}
		case err != nil:
			return &InputError{err}
		case r.in.Terminal() && !r.at.usable(): // it was said when it happened
			body.WriteString(text + "\n")
			r.keep(body.Bytes())
			return nil
		}
		if body.Len()+len(text) == size {
			body.WriteString(text) // the last line may do without its CRLF
		} else {
			body.WriteString(text + "\r\n")
		}
	}
	if body.Len() > size {
		return &InputError{fmt.Errorf("BDAT announces %d octets, the lines have %d with their CRLF; nothing was sent", size, body.Len())}
	}
	r.composed = true
	defer r.shorten(int64(size))()
	return r.answer(s.Bdat(ctx, body.Bytes(), last))
}
