package repl

import (
	"strings"

	"smtpsh/engine"
	"smtpsh/engine/secret"
	"smtpsh/internal/suggest"
)

// isSecret reports whether an SMTP command may contain credentials.
func isSecret(text string) bool {
	_, found := engine.SecretLines().Match(text, secret.Command)
	return found
}

// secretCommand reports whether a command of the prompt may contain credentials. inAuth is
// true during a login.
func secretCommand(text string, inAuth bool) bool {
	word, rest, _ := strings.Cut(strings.TrimPrefix(text, ":"), " ")
	c, _ := find(strings.ToLower(word))
	if c == nil && strings.HasPrefix(strings.ToLower(word), "lo") {
		c, _ = find("login")
	}
	if c == nil { // for a misspelt command, the most similar name decides
		if c, _ = find(suggest.Name(strings.ToLower(word), commandNames())); c == nil {
			return inAuth || secretLua(text)
		}
	}
	switch c.Names[0] {
	case "encode", "decode":
		return true
	case "raw":
		return inAuth || isSecret(rest) || strings.Contains(strings.ToUpper(rest), "AUTH")
	case "login": // a third argument that is not a source may be the password
		f := strings.Fields(rest)
		if len(f) < 3 {
			return false
		}
		_, err := secret.Parse(f[2])
		return err != nil
	case "set": // the value contains a token
		return strings.HasPrefix(strings.ToLower(strings.TrimSpace(rest)), "inspect")
	case "lua":
		return secretLua(rest)
	}
	return false
}

// secretLua reports whether typed Lua may contain credentials.
func secretLua(text string) bool {
	_, found := engine.SecretLines().Match(text, secret.Script)
	return found
}

// rememberUnless adds a line to the history unless hidden is true.
func (r *REPL) rememberUnless(hidden bool, text string) {
	if hidden {
		r.in.KeepOut()
		return
	}
	r.remember(text)
}

// remember adds a line to the history, unless it contains or may contain credentials.
func (r *REPL) remember(text string) {
	if _, found := engine.SecretLines().Match(text, secret.Typed); found || r.opts.Dialer.Options.Secrets.Has(text) {
		r.in.KeepOut()
		return
	}
	r.in.Remember(text)
}
