package engine

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"smtpsh/engine/saslmech"
	"smtpsh/engine/secret"
)

// login is the part of a session with the user who has logged in.
type login struct {
	user          string
	beforeAuth    State // the state after AUTH
	loginUnderWay bool  // Auth does the exchange, not the caller
	typedLogin    typedLogin
	ownSecrets    secret.Set // of this session; Options.Secrets has those of all sessions
}

// typedLogin follows a login that is typed line by line, to find the user name.
type typedLogin struct {
	mechanism string
	responses int
	name      string
}

// challenge examines the server's question: the first response of LOGIN is the name unless
// the server asks for the password first.
func (l *typedLogin) challenge(text string) {
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if l.responses == 0 && strings.EqualFold(l.mechanism, "LOGIN") && (err != nil || !saslmech.AsksForName(string(b))) {
		l.responses = 1 // the next response is not the name
	}
}

// response examines a line of Base64; the first one contains the name.
func (l *typedLogin) response(line string) {
	if l.responses++; l.responses > 1 {
		return
	}
	if b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(line)); err == nil && utf8.Valid(b) {
		l.name = saslmech.NameIn(l.mechanism, b)
	}
}

// isPassword reports whether the last response was a password alone.
func (l *typedLogin) isPassword() bool {
	return l.responses > 1 && strings.EqualFold(l.mechanism, "LOGIN")
}
