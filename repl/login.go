package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"smtpsh/engine"
	"smtpsh/engine/saslmech"
	"smtpsh/engine/secret"
	"smtpsh/internal/advice"
	"smtpsh/repl/line"
	"smtpsh/transcript"
)

// userForMechanism returns an error if the first argument of :login is not a known
// mechanism. It is usually the user name.
func userForMechanism(args []string) error {
	if len(args) == 0 || args[0] == "-" {
		return nil
	}
	if _, ok := saslmech.LookupInfo(strings.ToUpper(args[0])); ok {
		return nil
	}
	if _, ok := saslmech.Lookup(args[0]); ok {
		return nil
	}
	user := "USER"
	if len(args) == 1 || strings.Contains(args[0], "@") {
		user = transcript.Escape(args[0])
	}
	return wrong(fmt.Sprintf("use :login MECHANISM USER; :login - %s and :up %s select the strongest offered mechanism", user, user),
		"unknown mechanism %s; the first argument of :login must be a mechanism", transcript.Escape(args[0]))
}

// login asks for the credentials that a mechanism needs, and logs in.
func (r *REPL) login(ctx context.Context, s *engine.Session, mech, user, source string) error {
	auth, err := r.credentials(ctx, s, mech, user, source)
	if err != nil {
		return err
	}
	return r.answer(s.Auth(ctx, *auth))
}

// credentials asks for the credentials that a mechanism needs. source is where the
// password or token is; "" asks the user for it.
func (r *REPL) credentials(ctx context.Context, s *engine.Session, mech, user, source string) (*engine.AuthOptions, error) {
	creds := saslmech.Credentials{Username: user}
	ask := func(read func(string) (string, error), prompt string) (string, error) {
		defer r.in.personActs()()
		text, err := read(prompt)
		if errors.Is(err, line.ErrInterrupt) || err == io.EOF {
			return "", advice.With(&engine.OpError{Op: "AUTH", Kind: engine.ErrCanceled}, "nothing was sent")
		}
		if err != nil && !r.in.Terminal() {
			return "", wrong("add the source of the secret, as in :up USER @env:PASS or :login MECHANISM USER @env:PASS", "%v", err)
		}
		return text, err
	}
	asked := source == "" || source == string(secret.Prompt)
	typed := func(prompt string) (string, error) {
		text, err := ask(r.in.ReadLine, prompt)
		return strings.TrimSpace(text), err
	}
	hidden := func(prompt string) (string, error) {
		if asked {
			return ask(r.in.Password, prompt)
		}
		if r.opts.Secret == nil {
			return "", wrong("omit SOURCE; the prompt then asks for the secret", "secrets cannot be read here")
		}
		text, err := r.opts.Secret(ctx, source)
		if err != nil && ctx.Err() != nil { // ^C while reading a FIFO or running a slow command
			return "", advice.With(&engine.OpError{Op: "AUTH", Kind: engine.ErrCanceled}, "nothing was sent")
		}
		if err != nil {
			return "", wrong("omit it, and the prompt asks for the password; or use @env:X, @file:PATH, @cmd:COMMAND or the name of a --secret", "%v", err)
		}
		s.Conceal(text)
		return text, nil
	}
	if err := s.MayLogin(mech); err != nil {
		if op := (*engine.OpError)(nil); errors.As(err, &op) {
			return nil, wrong(advice.Words(advice.Prompt, op.Advice...), "%v", op.Err)
		}
		return nil, err
	}
	var err error
	encoded, whole := false, false
	if mech != "ANONYMOUS" && mech != "EXTERNAL" && creds.Username == "" {
		if !r.in.Terminal() {
			return nil, wrong("use :login MECHANISM USER SOURCE, as in :login PLAIN ann@example.org @env:PASS",
				"cannot ask for the user name: no terminal")
		}
		answer, err := typed("user name (^C cancels): ")
		if err != nil {
			return nil, err
		}
		if answer == "*" { // the line that cancels AUTH (RFC 4954 section 4)
			return nil, advice.With(&engine.OpError{Op: "AUTH", Kind: engine.ErrCanceled}, "nothing was sent")
		}
		encoded, whole = r.pastedUser(mech, answer, &creds)
	}
	switch {
	case whole:
	case mech == "ANONYMOUS":
		if creds.Trace = user; user == "" && r.in.Terminal() {
			creds.Trace, err = typed("name to send to the server (may be empty): ")
		}
	case mech == "EXTERNAL":
	case mech == "XOAUTH2", mech == "OAUTHBEARER":
		creds.Token, err = hidden("access token (not shown): ")
	default:
		if creds.Password, err = hidden("password (not shown): "); err == nil && asked {
			creds.Password = r.pastedSecret(mech, creds.Password, encoded)
		}
	}
	if err != nil {
		return nil, err
	}
	return &engine.AuthOptions{Mechanism: mech, Credentials: creds}, nil
}
