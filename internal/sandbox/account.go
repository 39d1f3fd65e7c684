package sandbox

import (
	"strings"

	"smtpsh/engine/saslmech"
)

// Account is a user that can log in, or that cannot, for a reason worth meeting.
type Account struct {
	User     string
	Password string // "" when no password works
	Token    string // OAuth access token; "" when there is none
	Note     string // what happens, for people

	// Situation is the key of what happens at AUTH instead of a login, or
	// after it when it belongs to a later stage.
	Situation string
	// Ordinary is a password that is right but gets the Situation; with ""
	// every password does.
	Ordinary string
	// Expired is a token that was good once.
	Expired string
}

// Credentials lists what the account can try, what works first.
func (a Account) Credentials() []string {
	var out []string
	for _, c := range []struct{ what, value string }{
		{"", a.Password}, {"token ", a.Token}, {"ordinary password ", a.Ordinary},
		{"expired token ", a.Expired},
	} {
		if c.value != "" {
			out = append(out, c.what+c.value)
		}
	}
	return out
}

// refusal is an AUTH failure with the situation to answer it with.
type refusal struct{ key string }

func (r *refusal) Error() string { return r.key }
func (r *refusal) Unwrap() error { return saslmech.ErrRefused }

// account finds a user; addresses are compared without regard to case.
func (p *Profile) account(user string) (Account, bool) {
	for _, a := range p.Accounts {
		if strings.EqualFold(a.User, user) {
			return a, true
		}
	}
	return Account{}, false
}

// checkPassword judges a password as PLAIN and LOGIN bring it.
func (p *Profile) checkPassword(user, password string) error {
	if s, ok := p.asked("auth", user); ok {
		return &refusal{s.Key}
	}
	a, ok := p.account(user)
	if !ok {
		return &refusal{"auth-bad-password"}
	}
	if p.google {
		// an app password is shown in groups of four; spaces do not count
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

// checkToken judges an access token; the JSON text goes out as one more
// challenge (RFC 7628 section 3.2.2).
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

// clearPassword is what CRAM-MD5 and SCRAM are computed from.
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
