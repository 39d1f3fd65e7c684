package shellword

import "strings"

// plain are the characters that no shell of POSIX changes, wherever they stand in a word
// that is an argument.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@+,%"

// Quote makes one word of a shell's line. It leaves a word as it is if all of its
// characters are letters, digits or one of _-./:=@+,% and puts it between single quotes
// otherwise.
func Quote(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune(plain, r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
