package swaks

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"smtpsh/engine/reply"
	"smtpsh/engine/saslmech"
)

// preferred are the mechanisms without --auth MECHANISM, in the order in which they are tried.
var preferred = []string{"CRAM-MD5", "CRAM-SHA1", "DIGEST-MD5", "LOGIN", "NTLM", "PLAIN"}

// supported reports whether a mechanism can be used.
func supported(name string) bool { return slices.Contains(preferred, name) }

// login logs in, if that is requested.
func (t *transaction) login(ctx context.Context) error {
	if err := t.tryLogin(ctx); err != nil {
		return err
	}
	if err := t.dropSent("AUTH"); err != nil {
		return err
	}
	return t.stop("AUTH")
}

func (t *transaction) tryLogin(ctx context.Context) error {
	if t.auth == never {
		return nil
	}
	failed := func(text string, tried bool) error {
		if t.auth == tryIt || t.auth == whenOffered && !tried {
			t.problem(text)
			return nil
		}
		return fail(exitAuth, text)
	}
	offered := t.session.Capabilities().Mechanisms()
	if len(offered) == 0 {
		return failed("Host did not advertise authentication", false)
	}
	mechanisms := t.mechanisms
	if len(mechanisms) == 0 {
		mechanisms = preferred
	}
	tried := false
	for _, m := range mechanisms {
		if !slices.Contains(offered, strings.TrimSuffix(m, "-INITIAL")) {
			continue
		}
		tried = true
		ok, err := t.exchange(ctx, m)
		if err != nil || ok {
			return err
		}
		if len(t.mechanisms) == 0 && !t.exact {
			break // a rejection leads to no weaker mechanism, unless the user names several
		}
	}
	if !tried {
		return failed("Host did not advertise any supported authentication type", false)
	}
	return failed("No authentication type succeeded", true)
}

// exchange logs in with one mechanism and reports whether that succeeded.
func (t *transaction) exchange(ctx context.Context, name string) (bool, error) {
	var answers []response
	line := "AUTH " + name
	kind := t.base(name)
	if name == "LOGIN-INITIAL" {
		kind = name
	}
	switch kind {
	case "PLAIN":
		answers = []response{{"\x00" + t.user + "\x00" + t.password, "\x00" + t.user + "\x00" + t.hidden(), true}}
	case "LOGIN":
		answers = []response{{}, {t.user, t.user, false}, {t.password, t.hidden(), true}}
	case "LOGIN-INITIAL":
		line = "AUTH LOGIN"
		answers = []response{{t.user, t.user, false}, {t.password, t.hidden(), true}}
	case "CRAM-SHA1":
		return t.challenged(ctx, line, nil, cramSHA1(t.user, t.password))
	default: // CRAM-MD5, DIGEST-MD5, NTLM
		m, _ := saslmech.Lookup(kind)
		client, err := m.Client(saslmech.Credentials{Username: t.user, Password: t.password, Host: t.target})
		if err != nil {
			return false, err
		}
		_, first, err := client.Start()
		if err != nil {
			return false, err
		}
		return t.challenged(ctx, line, first, client.Next)
	}
	first := answers[0]
	r, err := t.respond(ctx, line, first)
	for i := 1; err == nil; i++ {
		ok := r.Code == 235 || r.Code == 334 && i < len(answers)
		t.got(r, t.challenge(r), ok)
		switch {
		case r.Code == 235:
			return true, nil
		case r.Code != 334 || i >= len(answers):
			return false, nil
		}
		r, err = t.respond(ctx, "", answers[i])
	}
	return false, err
}

// response is an answer of the client, and how it is shown.
type response struct {
	text, shown string
	secret      bool
}

// respond sends a line with a response in base64.
func (t *transaction) respond(ctx context.Context, line string, a response) (*reply.Reply, error) {
	encode := base64.StdEncoding.EncodeToString
	sent, shown := line, line
	if a.text != "" {
		text := a.shown
		if !t.on("auth-plaintext") {
			text = encode([]byte(a.shown))
		}
		if a.secret && !t.exact && !t.on("auth-hide-password") {
			text = "********"
		}
		sent, shown = strings.TrimSpace(line+" "+encode([]byte(a.text))), strings.TrimSpace(line+" "+text)
	}
	t.output.sent(shown)
	if t.settings.sent == "AUTH" && line != "" {
		if err := t.session.Write(ctx, []byte(sent+"\r\n")); err != nil {
			return nil, err
		}
		return nil, errDropped
	}
	return t.session.Do(ctx, sent)
}

// hidden returns the password as it is shown.
func (s *settings) hidden() string {
	g, ok := s.last["auth-hide-password"]
	switch {
	case !ok:
		return s.password
	case g.has && g.value != "":
		return g.value
	}
	return "PROVIDED_BUT_REMOVED"
}

// challenge returns a reply as it is shown: decoded with --auth-plaintext.
func (t *transaction) challenge(r *reply.Reply) string {
	if r.Code == 334 && t.on("auth-plaintext") {
		if b, err := base64.StdEncoding.DecodeString(r.Text()); err == nil {
			return "334 " + string(b) + "\r\n"
		}
	}
	return t.shown(r)
}

// challenged answers the challenges of a mechanism until the server accepts or rejects the login.
// The first message of the client, if it has one, follows after the first 334, whatever its text
// is. A challenge that next does not accept cancels the login.
func (t *transaction) challenged(
	ctx context.Context, line string, first []byte, next func(challenge []byte) ([]byte, error),
) (bool, error) {
	r, err := t.respond(ctx, line, response{})
	for err == nil {
		t.got(r, t.challenge(r), r.Code == 334 || r.Code == 235)
		if r.Code != 334 {
			return r.Code == 235, nil
		}
		answer, wrong := first, error(nil)
		if first = nil; answer == nil {
			var challenge []byte
			if challenge, wrong = base64.StdEncoding.DecodeString(r.Text()); wrong == nil {
				answer, wrong = next(challenge)
			}
		}
		if wrong != nil {
			t.problem(wrong.Error())
			r, err = t.respond(ctx, "*", response{})
			if err == nil {
				t.got(r, t.shown(r), r.Code == 501)
			}
			return false, err
		}
		r, err = t.respond(ctx, "", response{string(answer), string(answer), true})
	}
	return false, err
}

// cramSHA1 returns the answers of CRAM-SHA1: CRAM-MD5 (RFC 2195) with another hash.
func cramSHA1(user, password string) func([]byte) ([]byte, error) {
	asked := false
	return func(challenge []byte) ([]byte, error) {
		if asked {
			return nil, errors.New("CRAM-SHA1: the server asks a second time")
		}
		asked = true
		mac := hmac.New(sha1.New, []byte(password))
		mac.Write(challenge)
		return []byte(user + " " + hex.EncodeToString(mac.Sum(nil))), nil
	}
}
