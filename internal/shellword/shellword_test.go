package shellword_test

import (
	"testing"

	"smtpsh/internal/shellword"
)

func TestQuote(t *testing.T) {
	for word, want := range map[string]string{
		"":                 "''",
		"a.smtp":           "a.smtp",
		"pass=@env:X":      "pass=@env:X",
		"a,b+c%d_e-f/g":    "a,b+c%d_e-f/g",
		"two words":        "'two words'",
		"it's":             `'it'\''s'`,
		"a&b":              "'a&b'",
		"a b":              "'a b'",
		"$HOME":            "'$HOME'",
		"~/x":              "'~/x'",
		"a;b|c>d<e(f)":     "'a;b|c>d<e(f)'",
		"*?[]{}!#\"`\\":    "'*?[]{}!#\"`\\'",
		"\n":               "'\n'",
		"\u00fc":           "'\u00fc'",
		"middle space.txt": "'middle space.txt'",
	} {
		if got := shellword.Quote(word); got != want {
			t.Errorf("%q: got %s, want %s", word, got, want)
		}
	}
}
