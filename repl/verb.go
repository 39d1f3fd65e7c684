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
	"smtpsh/repl/line"
)

var errNotConnected = &InputError{&hinted{"not connected", ":reconnect opens a new session to the same server, :open TARGET to another"}}

// live returns the session if it can be spoken on.
func (r *REPL) live() (*engine.Session, error) {
	s := r.session
	if s == nil || s.Closed() {
		return nil, errNotConnected
	}
	if err := s.Err(); err != nil {
		return nil, errNotConnected
	}
	return s, nil
}

// verb sends a line as it was typed, and helps with the verbs that have a second
// half.
func (r *REPL) verb(ctx context.Context, text string) error {
	s, err := r.live()
	if err != nil {
		return err
	}
	if s.State() == engine.InAuth {
		return r.answer(s.Do(ctx, text))
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
		if m, ok := saslmech.Lookup(arg); ok && r.in.Terminal() {
			return r.login(ctx, s, m.Name, "")
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
	return r.answer(s.Do(ctx, text))
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
		return r.answer(rep, err)
	}
	if r.want != nil && r.want.Match(rep) { // announced for the 354; else for the end
		r.want = nil
	}
	var body bytes.Buffer
	for {
		text, err := r.nextLine(ctx, "data> ")
		switch {
		case errors.Is(err, line.ErrInterrupt):
			// there is no way to take back a DATA but to hang up
			r.say("*  DATA cannot be taken back: a lone dot ends the message, ^D hangs up")
			continue
		case err == io.EOF:
			s.Close()
			return &InputError{errors.New("the input ended within a message: the connection was closed, nothing was sent")}
		case err != nil:
			return &InputError{err}
		}
		if text == "." {
			break
		}
		body.WriteString(text)
		body.WriteString("\n")
		if body.Len() > maxTyped {
			s.Close()
			return &InputError{fmt.Errorf("a message of more than %d octets is too much to type", maxTyped)}
		}
	}
	rep, err = s.Content(ctx, &body)
	for _, d := range s.Deliveries() {
		if d.Reply != rep {
			if jerr := r.judge(d.Reply); jerr != nil && err == nil {
				return jerr
			}
		}
	}
	return r.answer(rep, err)
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
		text, err := r.nextLine(ctx, fmt.Sprintf("bdat %d> ", size-body.Len()))
		switch {
		case errors.Is(err, line.ErrInterrupt):
			r.say("*  nothing was sent")
			return nil
		case err == io.EOF:
			return &InputError{fmt.Errorf("BDAT announces %d octets, the input ended after %d", size, body.Len())}
		case err != nil:
			return &InputError{err}
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
	return r.answer(s.Bdat(ctx, body.Bytes(), last))
}

// login asks for what a mechanism needs and runs it.
func (r *REPL) login(ctx context.Context, s *engine.Session, mech, user string) error {
	creds := saslmech.Credentials{Username: user}
	ask := func(prompt string) (string, error) {
		text, err := r.in.ReadLine(prompt)
		if errors.Is(err, line.ErrInterrupt) || err == io.EOF {
			return "", &engine.OpError{Op: "AUTH", Kind: engine.ErrCanceled, Hint: "nothing was sent"}
		}
		return strings.TrimSpace(text), err
	}
	password := func(prompt string) (string, error) {
		text, err := r.in.Password(prompt)
		if errors.Is(err, line.ErrInterrupt) || err == io.EOF {
			return "", &engine.OpError{Op: "AUTH", Kind: engine.ErrCanceled, Hint: "nothing was sent"}
		}
		return text, err
	}
	var err error
	if mech != "ANONYMOUS" && mech != "EXTERNAL" && creds.Username == "" {
		if creds.Username, err = ask("user name: "); err != nil {
			return err
		}
	}
	switch mech {
	case "ANONYMOUS":
		if creds.Trace, err = ask("who is calling (may be empty): "); err != nil {
			return err
		}
	case "EXTERNAL":
	case "XOAUTH2", "OAUTHBEARER":
		if creds.Token, err = password("access token (not shown): "); err != nil {
			return err
		}
	default:
		if creds.Password, err = password("password (not shown): "); err != nil {
			return err
		}
	}
	return r.answer(s.Auth(ctx, engine.AuthOptions{Mechanism: mech, Credentials: creds}))
}
