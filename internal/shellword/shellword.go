package shellword

import "strings"

// plain are the characters that no POSIX shell changes, at any place in an argument.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@+,%"

// Quote quotes a word for a shell. A word that contains only letters, digits and _-./:=@+,%
// is unchanged. Other words get single quotes.
func Quote(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune(plain, r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
