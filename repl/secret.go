package repl

import (
	"slices"
	"strings"

	"smtpsh/engine"
	"smtpsh/engine/saslmech"
	"smtpsh/internal/lazyregexp"
	"smtpsh/internal/suggest"
)

// isSecret tells lines that may have credentials in them: AUTH, or what is meant for
// it, with more than the name of a mechanism behind it.
func isSecret(text string) bool {
	f := strings.Fields(text)
	if len(f) < 2 || !engine.LooksLikeAuth(f[0]) {
		return false
	}
	_, known := saslmech.LookupInfo(strings.ToUpper(f[1]))
	return len(f) > 2 || !known
}

// secretCommand tells commands of ours that may have credentials in them. inAuth
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
	case "login": // a source begins with @; anything else may be the password itself
		f := strings.Fields(rest)
		return len(f) > 2 && !strings.HasPrefix(f[2], "@")
	case "set": // the token
		return strings.HasPrefix(strings.ToLower(strings.TrimSpace(rest)), "inspect")
	case "lua":
		return secretLua(rest)
	}
	return false
}

// secretLua tells typed Lua that may have credentials in it.
func secretLua(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc([]string{"pass", "token", "auth", "login", "secret", "pw", "base64"}, func(w string) bool { return strings.Contains(text, w) })
}

// remember puts a line into the history, unless there are or may be credentials in it.
func (r *REPL) remember(text string, secret bool) {
	r.in.Remember(text, secret || r.opts.Dialer.Options.Secrets.Mask(text) != text || engine.HasCredentials(text) ||
		urlPassword().MatchString(text) || givenSecret().MatchString(text))
}

var (
	urlPassword = lazyregexp.New(`://[^/@\s]*:[^/@\s]*@`)  // smtp://user:password@host
	givenSecret = lazyregexp.New(`--secret[ =]\S+=[^@\s]`) // in the text, and not by its source
)
