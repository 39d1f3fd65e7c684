package suggest

import "strings"

// Fresh returns a hint, or "" if its error already says the same.
func Fresh(hint, message string) string {
	if strings.Contains(" "+plainWords(message)+" ", " "+plainWords(hint)+" ") {
		return ""
	}
	return hint
}

// plainWords returns the words of a text without case and punctuation.
func plainWords(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return r < 0x80 && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), " ")
}
