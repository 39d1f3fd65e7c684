package engine

import (
	"smtpsh/engine/saslmech"
	"smtpsh/engine/secret"
)

// SecretLines finds lines that may contain credentials. It knows all mechanisms by name.
func SecretLines() secret.Lines { return secretLines }

var secretLines = secret.Lines{Mechanism: saslmech.Known}

// learn adds a secret to this session and to those that share its Secrets.
func (s *Session) learn(text string) {
	s.ownSecrets.Add(text)
	s.opts.Secrets.Add(text)
}

// learnLine adds a line of a SASL exchange to this session. Other sessions do not need it,
// because they know its parts.
func (s *Session) learnLine(line []byte) { s.ownSecrets.AddExact(line) }

// answer tells whether an answer to a challenge contains the password.
type answer bool

const (
	withPassword    answer = true
	withoutPassword answer = false
)

// learnResponse adds a line of a login that was typed, and the credentials in it.
// withPassword tells that the whole line is a password.
func (s *Session) learnResponse(line []byte, holds answer) {
	s.learnLine(line)
	s.learn(secret.InResponse(string(line), holds == withPassword))
}

// Conceal masks a text from now on in events, masked commands and errors, whether
// the client or the server sends it.
func (s *Session) Conceal(text string) { s.learn(text) }

// withKnown adds the known secrets in a line to other spans.
func (s *Session) withKnown(line []byte, spans []secret.Span) []secret.Span {
	if s.ownSecrets.Empty() && s.opts.Secrets.Empty() {
		return spans
	}
	all := append(s.secretsIn(line), spans...)
	secret.Sort(all)
	return all
}

// secretsIn finds known secrets in a line, in order.
func (s *Session) secretsIn(line []byte) []secret.Span {
	spans := append(s.ownSecrets.Spans(line), s.opts.Secrets.Spans(line)...)
	secret.Sort(spans)
	return spans
}

// concealed masks secrets in a text that goes into an error or an event.
func (s *Session) concealed(text string) string { return s.opts.Secrets.Mask(s.ownSecrets.Mask(text)) }
