package safetext

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Escape makes bytes of unknown origin safe to print. Control bytes, C1 controls, bytes
// that are not UTF-8, and characters that change the layout of text (bidirectional
// overrides, zero-width and other format characters) become \xNN for each byte. Everything
// else is unchanged.
func Escape(s string) string {
	clean := true
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n <= 1 || !Printable(r) { //mutant:no-control-byte-reaches-a-terminal is "||" "&&"
			for _, c := range []byte(s[i : i+n]) {
				escapeByte(&b, c)
			}
		} else {
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// Printable is unicode.IsPrint without spaces and marks that can hide text.
func Printable(r rune) bool {
	return r == ' ' || unicode.IsPrint(r) && !unicode.Is(unicode.Cf, r) && r != '\u2800' && r != '\u3164' && r != '\uffa0'
}

func escapeByte(b *strings.Builder, c byte) {
	const hex = "0123456789abcdef"
	b.WriteString(`\x`)
	b.WriteByte(hex[c>>4])
	b.WriteByte(hex[c&15])
}
