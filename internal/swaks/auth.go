package swaks

import (
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"slices"
	"strings"

	"smtpsh/engine/reply"
	"smtpsh/engine/saslmech"
)

// preferred are the mechanisms without --auth MECHANISM, in the order in which they are tried.
var preferred = []string{"CRAM-MD5", "CRAM-SHA1", "DIGEST-MD5", "PLAIN", "LOGIN"}

// supported reports whether a mechanism can be used.
func supported(name string) bool { return slices.Contains(preferred, name) || name == "LOGIN-INITIAL" }

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
	switch t.base(name) {
	case "PLAIN":
		answers = []response{{"\x00" + t.user + "\x00" + t.password, "\x00" + t.user + "\x00" + t.hidden(), true}}
	case "LOGIN":
		answers = []response{{}, {t.user, t.user, false}, {t.password, t.hidden(), true}}
	case "LOGIN-INITIAL":
		line = "AUTH LOGIN"
		answers = []response{{t.user, t.user, false}, {t.password, t.hidden(), true}}
	case "CRAM-MD5":
		return t.cram(ctx, line, md5.New)
	case "CRAM-SHA1":
		return t.cram(ctx, line, sha1.New)
	case "DIGEST-MD5":
		return t.digest(ctx, line)
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
func (t *transaction) hidden() string {
	g, ok := t.last["auth-hide-password"]
	switch {
	case !ok:
		return t.password
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

// digest answers the challenges of DIGEST-MD5 (RFC 2831).
func (t *transaction) digest(ctx context.Context, line string) (bool, error) {
	m, _ := saslmech.Lookup("DIGEST-MD5")
	client, err := m.Client(saslmech.Credentials{Username: t.user, Password: t.password, Host: t.target})
	if err != nil {
		return false, err
	}
	r, err := t.respond(ctx, line, response{})
	for err == nil {
		t.got(r, t.challenge(r), r.Code == 334 || r.Code == 235)
		if r.Code != 334 {
			return r.Code == 235, nil
		}
		challenge, cerr := base64.StdEncoding.DecodeString(r.Text())
		var answer []byte
		if cerr == nil {
			answer, cerr = client.Next(challenge)
		}
		if cerr != nil {
			t.problem(cerr.Error())
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

// cram answers a challenge with a keyed hash of it (RFC 2195).
func (t *transaction) cram(ctx context.Context, line string, of func() hash.Hash) (bool, error) {
	r, err := t.respond(ctx, line, response{})
	if err != nil {
		return false, err
	}
	t.got(r, t.challenge(r), r.Code == 334)
	if r.Code != 334 {
		return false, nil
	}
	challenge, err := base64.StdEncoding.DecodeString(r.Text())
	if err != nil {
		t.problem("the challenge is not base64")
		return false, nil
	}
	mac := hmac.New(of, []byte(t.password))
	mac.Write(challenge)
	answer := t.user + " " + hex.EncodeToString(mac.Sum(nil))
	if r, err = t.respond(ctx, "", response{answer, answer, true}); err != nil {
		return false, err
	}
	t.got(r, t.shown(r), r.Code == 235)
	return r.Code == 235, nil
}
