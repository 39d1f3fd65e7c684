package repl

import (
	"slices"
	"strings"
)

// isSecret tells lines with credentials in them.
func isSecret(text string) bool {
	f := strings.Fields(text)
	return len(f) > 2 && strings.EqualFold(f[0], "AUTH")
}

// secretCommand tells commands of ours with credentials in them.
func secretCommand(text string) bool {
	word, rest, _ := strings.Cut(strings.TrimPrefix(text, ":"), " ")
	c, _ := find(strings.ToLower(word))
	if c == nil {
		return false
	}
	switch c.Names[0] {
	case "encode", "decode":
		return true
	case "raw":
		return strings.Contains(strings.ToUpper(rest), "AUTH")
	case "lua":
		return secretLua(rest)
	}
	return false
}

// secretLua tells typed Lua that may have credentials in it.
func secretLua(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc([]string{"pass", "token", "auth"}, func(w string) bool { return strings.Contains(text, w) })
}
