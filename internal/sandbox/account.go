package sandbox

import (
	"strings"

	"smtpsh/engine/saslmech"
)

// Account is a user of a profile. Some accounts exist to show a failed login or a rejected message.
type Account struct {
	User     string
	Password string // "" if no password is accepted
	Token    string // OAuth access token; "" for none
	Note     string // what happens to this user, as text for a person

	// Situation is the key of the reply to AUTH, if its stage is auth. If its stage is
	// data or content, the login succeeds and each message gets this reply.
	Situation string
	// Ordinary, if not empty, is a second correct password, which gets the Situation
	// while Password is accepted. If it is empty, Password gets the Situation.
	Ordinary string
	// Expired is a token that is no longer valid.
	Expired string
}

// Credentials returns the passwords and tokens of the account, valid ones first.
func (a Account) Credentials() []string {
	var out []string
	for _, c := range []struct{ what, value string }{
		{"password ", a.Password}, {"token ", a.Token}, {"ordinary password ", a.Ordinary},
		{"expired token ", a.Expired},
	} {
		if c.value != "" {
			out = append(out, c.what+c.value)
		}
	}
	return out
}

// refusal is a failed AUTH with the key of the reply.
type refusal struct{ key string }

func (r *refusal) Error() string { return r.key }
func (r *refusal) Unwrap() error { return saslmech.ErrRefused }

// account returns a user. It compares addresses without regard to case.
func (p *Profile) account(user string) (Account, bool) {
	for _, a := range p.Accounts {
		if strings.EqualFold(a.User, user) {
			return a, true
		}
	}
	return Account{}, false
}

// checkPassword returns nil if the password is accepted. PLAIN and LOGIN use it.
func (p *Profile) checkPassword(user, password string) error {
	if s, ok := p.asked("auth", user); ok {
		return &refusal{s.Key}
	}
	a, ok := p.account(user)
	if !ok {
		return &refusal{"auth-bad-password"}
	}
	if p.google {
		// Google shows an app password in groups of four letters and ignores the spaces.
		password = strings.ReplaceAll(password, " ", "")
	}
	known := password == a.Password && a.Password != ""
	ordinary := a.Ordinary != "" && password == strings.ReplaceAll(a.Ordinary, " ", "")
	switch {
	case ordinary && p.stageOf(a.Situation) == "auth":
		return &refusal{a.Situation}
	case known && a.Ordinary == "" && p.stageOf(a.Situation) == "auth":
		return &refusal{a.Situation}
	case known:
		return nil
	}
	return &refusal{"auth-bad-password"}
}

// checkToken returns a nil error if the access token is accepted. Otherwise the server
// sends the returned JSON text as one more challenge (RFC 7628 section 3.2.2).
func (p *Profile) checkToken(user, token string) ([]byte, error) {
	failure := []byte(`{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}`)
	if !p.google {
		failure = []byte(`{"status":"invalid_token","schemes":"bearer"}`)
	}
	if s, ok := p.asked("auth", user); ok {
		return nil, &refusal{s.Key}
	}
	if a, ok := p.account(user); ok && a.Token != "" && token == a.Token {
		return nil, nil
	}
	return failure, &refusal{"auth-xoauth2-fail-2"}
}

// clearPassword returns the password of a user, from which CRAM-MD5 and SCRAM are computed.
func (p *Profile) clearPassword(user string) (string, error) {
	if s, ok := p.asked("auth", user); ok {
		return "", &refusal{s.Key}
	}
	if a, ok := p.account(user); ok && a.Password != "" {
		return a.Password, nil
	}
	return "", &refusal{"auth-bad-password"}
}

func (p *Profile) stageOf(key string) string {
	s, _ := p.table.find(key)
	return s.Stage
}
