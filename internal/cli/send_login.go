package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"smtpsh/engine"
	"smtpsh/engine/saslmech"
	"smtpsh/internal/advice"
	"smtpsh/internal/suggest"
)

// envelopeParams are the parameters of MAIL and RCPT, and the attributes of XCLIENT, of the
// flags.
type envelopeParams struct{ mail, rcpt, xclient []engine.Param }

// params reads --mail-param, --rcpt-param, --dsn and --xclient.
func (f *sendFlags) params() (envelopeParams, error) {
	var out envelopeParams
	for flag, list := range map[string]struct {
		from []string
		to   *[]engine.Param
	}{"--mail-param": {f.mailParams, &out.mail}, "--rcpt-param": {f.rcptParams, &out.rcpt}} {
		for _, p := range list.from {
			key, value, _ := strings.Cut(p, "=")
			if key == "" || strings.ContainsAny(p, " \t\r\n<>") {
				return out, &usageError{err: fmt.Errorf("%s: %q is not KEY=VALUE", flag, p), hint: "for example --mail-param BODY=8BITMIME"}
			}
			*list.to = append(*list.to, engine.Param{Key: key, Value: value})
		}
	}
	for _, a := range f.xclient {
		key, value, ok := strings.Cut(a, "=")
		if !ok || key == "" || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			return out, &usageError{err: fmt.Errorf("--xclient: %q is not KEY=VALUE", a), hint: "for example --xclient ADDR=192.0.2.1"}
		}
		out.xclient = append(out.xclient, engine.Param{Key: key, Value: value})
	}
	if f.dsn == "" {
		return out, nil
	}
	var notify []string
	for word := range strings.SplitSeq(f.dsn, ",") {
		id, isID := strings.CutPrefix(word, "envid=")
		switch lower := strings.ToLower(word); {
		case isID && id != "":
			out.mail = append(out.mail, engine.Param{Key: "ENVID", Value: engine.Xtext(id)})
		case lower == "full" || lower == "hdrs":
			out.mail = append(out.mail, engine.Param{Key: "RET", Value: strings.ToUpper(word)})
		case lower == "never" || lower == "success" || lower == "failure" || lower == "delay":
			notify = append(notify, strings.ToUpper(word))
		default:
			return out, &usageError{
				err:  fmt.Errorf("--dsn: unknown word %q", word),
				hint: "the words are never, or success, failure, delay; full or hdrs; envid=ID",
			}
		}
	}
	if len(notify) > 1 && slices.Contains(notify, "NEVER") {
		return out, &usageError{
			err:  errors.New("--dsn: never excludes success, failure and delay (RFC 3461 section 4.1)"),
			hint: "omit never, or the others",
		}
	}
	if len(notify) > 0 {
		out.rcpt = append(out.rcpt, engine.Param{Key: "NOTIFY", Value: strings.Join(notify, ",")})
	}
	return out, nil
}

// readCredentials reads the password or the token of --user.
func (s *sending) readCredentials(ctx context.Context) error {
	f := s.flags
	if f.user == "" && !passwordless(f.mech) {
		return nil
	}
	creds := saslmech.Credentials{Username: f.user, External: strings.EqualFold(f.mech, "EXTERNAL"), Trace: f.user}
	for name, to := range map[string]*string{"pass": &creds.Password, "token": &creds.Token} {
		v, _, err := s.vars.secret(ctx, s.app, name)
		if stopped(err) {
			return err
		}
		if err != nil {
			return &usageError{err: fmt.Errorf("--secret %s: %w", name, err),
				hint: or(advice.Hint(err, advice.CommandLine), "for example --secret "+name+"=@prompt")}
		}
		*to = v
	}
	if creds.Password == "" && creds.Token == "" && !passwordless(f.mech) {
		for _, name := range slices.Sorted(maps.Keys(s.vars.source)) {
			if near := suggest.Name(name, []string{"pass", "token"}); near != "" {
				return &usageError{err: fmt.Errorf("--secret %s: send uses only pass and token", name), hint: "did you mean --secret " + near + "=...?"}
			}
		}
		if !s.Terminal(s.Stdin) {
			return &usageError{
				err:  fmt.Errorf("--user %s needs a password or a token", f.user),
				hint: "add --secret pass=@env:NAME, @file:PATH, @cmd:COMMAND or @netrc:HOST; or token=... for an OAuth token",
			}
		}
		var err error
		if creds.Password, err = s.askHidden("password of " + brief(f.user) + " (not shown): "); err != nil {
			return err
		}
		if creds.Password == "" {
			return &usageError{err: errors.New("the password is empty"), hint: "type it and press Enter, or add --secret pass=@env:NAME"}
		}
	}
	s.conn.dialer.Options.Secrets.Add(creds.Password)
	s.conn.dialer.Options.Secrets.Add(creds.Token)
	s.creds = &engine.AuthOptions{Mechanism: strings.ToUpper(f.mech), Credentials: creds}
	s.app.unused()
	return nil
}
