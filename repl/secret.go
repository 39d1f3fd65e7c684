package repl

import (
	"strings"

	"smtpsh/engine"
	"smtpsh/engine/secret"
	"smtpsh/internal/suggest"
)

// isSecret tells commands of SMTP that may have credentials in them.
func isSecret(text string) bool {
	_, found := engine.SecretLines().Match(text, secret.Command)
	return found
}

// secretCommand tells commands of smtpsh that may have credentials in them. inAuth
// says that a login is under way.
func secretCommand(text string, inAuth bool) bool {
	word, rest, _ := strings.Cut(strings.TrimPrefix(text, ":"), " ")
	c, _ := find(strings.ToLower(word))
	if c == nil && strings.HasPrefix(strings.ToLower(word), "lo") {
		c, _ = find("login")
	}
	if c == nil { // misspelt: what was meant decides
		if c, _ = find(suggest.Name(strings.ToLower(word), commandNames())); c == nil {
			return inAuth || secretLua(text)
		}
	}
	switch c.Names[0] {
	case "encode", "decode":
		return true
	case "raw":
		return inAuth || isSecret(rest) || strings.Contains(strings.ToUpper(rest), "AUTH")
	case "login": // anything but a source may be the password itself
		f := strings.Fields(rest)
		if len(f) < 3 {
			return false
		}
		_, err := secret.Parse(f[2])
		return err != nil
	case "set": // the token
		return strings.HasPrefix(strings.ToLower(strings.TrimSpace(rest)), "inspect")
	case "lua":
		return secretLua(rest)
	}
	return false
}

// secretLua tells typed Lua that may have credentials in it.
func secretLua(text string) bool {
	_, found := engine.SecretLines().Match(text, secret.Script)
	return found
}

// rememberUnless is remember for a line that may be secret by its form.
func (r *REPL) rememberUnless(hidden bool, text string) {
	if hidden {
		r.in.KeepOut()
		return
	}
	r.remember(text)
}

// remember puts a line into the history, unless there are or may be credentials in it.
func (r *REPL) remember(text string) {
	if _, found := engine.SecretLines().Match(text, secret.Typed); found || r.opts.Dialer.Options.Secrets.Has(text) {
		r.in.KeepOut()
		return
	}
	r.in.Remember(text)
}
