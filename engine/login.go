package engine

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"smtpsh/engine/saslmech"
	"smtpsh/engine/secret"
)

// login is the part of a session that knows who has logged in.
type login struct {
	user          string
	beforeAuth    State // to which AUTH returns
	loginUnderWay bool  // Auth is running the exchange, not the caller
	typedLogin    typedLogin
	ownSecrets    secret.Set // of this session; Options.Secrets has those of all
}

// typedLogin follows a login that is said line by line, to know whose it is.
type typedLogin struct {
	mechanism string
	responses int
	name      string
}

// challenge looks at what the server asks for: LOGIN's first response is the name
// only where the server does not ask for the password first.
func (l *typedLogin) challenge(text string) {
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if l.responses == 0 && strings.EqualFold(l.mechanism, "LOGIN") && (err != nil || !saslmech.AsksForName(string(b))) {
		l.responses = 1 // whatever comes is not the name
	}
}

// response takes a line of Base64; the first has the name.
func (l *typedLogin) response(line string) {
	if l.responses++; l.responses > 1 {
		return
	}
	if b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(line)); err == nil && utf8.Valid(b) {
		l.name = saslmech.NameIn(l.mechanism, b)
	}
}

// isPassword reports whether the response that was just taken is a password as it is.
func (l *typedLogin) isPassword() bool {
	return l.responses > 1 && strings.EqualFold(l.mechanism, "LOGIN")
}
